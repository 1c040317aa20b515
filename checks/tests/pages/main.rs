//! The pages under `docs/checks/`, made from the registry: one a check, an index by family, an index by framework.
//!
//! A page that is stale fails the test. `PROBITY_WRITE_PAGES=1 cargo test -p probity-checks --test pages` writes them anew.

mod check;
mod index;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use probity_checks::CHECKS;

/// Every page by its file name.
fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> =
        CHECKS.iter().map(|entry| (format!("{}.md", entry.meta.id), check::page(entry))).collect();
    pages.insert("README.md".to_owned(), index::by_family());
    pages.insert("frameworks.md".to_owned(), index::by_framework());
    pages
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/checks")
}

/// What is wrong with the folder: pages that differ, that lack, that nobody asked for.
fn stale(pages: &BTreeMap<String, String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, text) in pages {
        match fs::read_to_string(folder().join(name)) {
            Ok(found) if found == *text => {}
            Ok(_) => wrong.push(format!("{name} is stale")),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    let there = fs::read_dir(folder()).into_iter().flatten().flatten();
    let names = there.map(|entry| entry.file_name().to_string_lossy().into_owned());
    wrong.extend(names.filter(|name| !pages.contains_key(name)).map(|name| format!("{name} belongs to no check")));
    wrong
}

#[test]
fn the_pages_are_those_of_the_registry() {
    let pages = pages();
    if std::env::var_os("PROBITY_WRITE_PAGES").is_some() {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).expect("a folder");
        for (name, text) in &pages {
            fs::write(folder().join(name), text).expect("a page");
        }
    }
    let wrong = stale(&pages);
    assert!(
        wrong.is_empty(),
        "{}\nwrite them anew: PROBITY_WRITE_PAGES=1 cargo test -p probity-checks --test pages",
        wrong.join("\n")
    );
}

/// No text that came out of a header may break the page it stands on: a page has one title, and every link leads somewhere.
#[test]
fn every_link_leads_to_a_page() {
    let pages = pages();
    for (name, text) in &pages {
        assert_eq!(text.lines().filter(|line| line.starts_with("# ")).count(), 1, "{name}");
        for (_, rest) in text.match_indices("](").map(|(at, _)| text.split_at(at + 2)) {
            let target = rest.split(')').next().unwrap_or_default();
            let target = target.split('#').next().unwrap_or_default();
            let leads = target.is_empty()
                || target.starts_with("https://")
                || pages.contains_key(target)
                || folder().join(target).exists();
            assert!(leads, "{name} links to {target}");
        }
    }
}
