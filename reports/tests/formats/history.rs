//! What earlier runs say stands in every format, and in none where no history is kept.

use probity_model::Outcome;
use probity_reports::{Format, Options};
use serde_json::Value;

use crate::{fixture, written};

/// The text formats that list findings.
fn formats() -> impl Iterator<Item = Format> {
    let others = [Format::Xlsx, Format::Parquet, Format::Controls, Format::Credentials];
    Format::ALL.into_iter().filter(move |format| !others.contains(format))
}

#[test]
fn each_format_says_what_is_new_and_how_old_the_rest_is() {
    for format in formats() {
        let text = written(format, &fixture::with_history(), &Options::default());
        insta::assert_snapshot!(format!("history_{format}"), difference(format));
        let words: &[&str] = match format {
            Format::Table | Format::Markdown | Format::Html | Format::Junit => &["new since the last run", "113 days"],
            Format::Csv => &[",new,first_seen,", "2026-08-01T08:00:00Z"],
            // It has a place for when a finding was first seen, and none for since when it has been open.
            Format::Asff => &["2026-01-02T08:00:00Z"],
            _ => &["2026-08-01T08:00:00Z"],
        };
        for word in words {
            assert!(text.contains(word), "{format} lacks {word}");
        }
    }
}

/// The lines that a history adds or changes.
fn difference(format: Format) -> String {
    let without = written(format, &fixture::run(), &Options::default());
    let with = written(format, &fixture::with_history(), &Options::default());
    let old: std::collections::BTreeSet<&str> = without.lines().collect();
    with.lines().filter(|line| !old.contains(line)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn without_a_history_nothing_of_it_is_said() {
    for format in formats() {
        let text = written(format, &fixture::run(), &Options { statuses: Outcome::ALL.to_vec(), ..Options::default() });
        for word in ["first_seen", "open_since", "baselineState", "since the last run"] {
            assert!(!text.contains(word), "{format} says {word}");
        }
    }
}

#[test]
fn sarif_tells_the_new_from_the_unchanged() {
    let log: Value =
        serde_json::from_str(&written(Format::Sarif, &fixture::with_history(), &Options::default())).expect("JSON");
    let states: Vec<&str> = log["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| result["baselineState"].as_str().expect("a state"))
        .collect();
    assert_eq!(states.iter().filter(|state| **state == "new").count(), 1);
    assert_eq!(states.len(), fixture::run().findings.len());
}

/// A terminal obeys nothing that stands in what was fixed, either.
#[test]
fn nothing_hostile_reaches_a_terminal() {
    for format in formats() {
        let text = written(format, &fixture::with_history(), &Options::default());
        let obeyed = |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
        assert_eq!(text.chars().find(obeyed), None, "{format}");
    }
}
