//! Judges cases with a published or a written verdict, and counts agreements.
//!
//! The cases are JSON lines; `conformance/README.md` describes them. Those of the project lie in `conformance/`. The
//! variable `PROBITY_CONFORMANCE` names a folder with more.

#[path = "conformance/account.rs"]
mod account;
#[path = "conformance/judge.rs"]
mod judge;
#[path = "conformance/lint.rs"]
mod lint;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// How the cases of one kind went.
#[derive(Default)]
struct Tally {
    agreed: usize,
    disagreed: Vec<String>,
}

fn folders() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    std::iter::once(own).chain(std::env::var_os("PROBITY_CONFORMANCE").map(PathBuf::from)).collect()
}

/// The cases of all files of a folder, in the order of their names.
fn cases(folder: &Path) -> Result<Vec<Value>, String> {
    let in_folder = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|error| in_folder(&error))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| in_folder(&error))?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            cases.push(serde_json::from_str(line).map_err(|error| format!("{}: {error}", file.display()))?);
        }
    }
    Ok(cases)
}

#[test]
fn every_case_is_judged_as_its_source_does() {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    for folder in folders() {
        for case in cases(&folder).expect("readable cases") {
            let kind = case["kind"].as_str().expect("a kind").to_owned();
            let Some(verdict) = judge::judge(&case) else {
                *left_out.entry(kind).or_default() += 1;
                continue;
            };
            let tally = tallies.entry(kind).or_default();
            match verdict {
                Ok(()) => tally.agreed += 1,
                Err(reason) => tally.disagreed.push(format!("{}: {reason}", case["id"].as_str().unwrap_or("?"))),
            }
        }
    }
    for (kind, tally) in &tallies {
        println!("{kind}: {} agreed, {} disagreed", tally.agreed, tally.disagreed.len());
    }
    for (kind, count) in &left_out {
        println!("{kind}: {count} left out, not a question for this crate");
    }
    assert!(tallies.values().map(|tally| tally.agreed).sum::<usize>() > 0, "no case was judged");
    let disagreed: Vec<&String> = tallies.values().flat_map(|tally| &tally.disagreed).collect();
    assert!(disagreed.is_empty(), "{disagreed:#?}");
}

/// Where the source tells findings, they are counted and printed by code: other tools know other things, at another date.
#[test]
fn the_lint_tells_what_iam_refuses() {
    let mut refused = Tally::default();
    let mut codes: BTreeMap<String, lint::Count> = BTreeMap::new();
    for folder in folders() {
        for case in cases(&folder).expect("readable cases") {
            match lint::judge(&case, &mut codes) {
                None => {}
                Some(Ok(())) => refused.agreed += 1,
                Some(Err(reason)) => {
                    refused.disagreed.push(format!("{}: {reason}", case["id"].as_str().unwrap_or("?")))
                }
            }
        }
    }
    println!("lint: {} agreed, {} disagreed", refused.agreed, refused.disagreed.len());
    for (code, count) in &codes {
        println!("{code}: {} by both, {} only there, {} only here", count.both, count.there, count.here);
    }
    assert!(refused.disagreed.is_empty(), "{:#?}", refused.disagreed);
}

#[test]
fn a_wrong_lint_verdict_is_noticed() {
    let case = |valid: bool| serde_json::json!({"kind": "lint", "input": {"policy": {"Version": "2012-10-17"}}, "expected": {"valid": valid}});
    let judge = |valid| lint::judge(&case(valid), &mut BTreeMap::new());
    assert_eq!(judge(false), Some(Ok(())));
    assert!(matches!(judge(true), Some(Err(_))));
}

#[test]
fn a_wrong_verdict_is_noticed() {
    let case = |matches: bool| serde_json::json!({"kind": "glob-overlap", "input": {"a": "a*", "b": "b*"}, "expected": {"matches": matches}});
    assert_eq!(judge::judge(&case(false)), Some(Ok(())));
    assert!(matches!(judge::judge(&case(true)), Some(Err(_))));
}

/// An error that AWS does not tell is a defect; one that it tells and the lint does not is none here.
#[test]
fn a_false_error_is_noticed() {
    let case = |action: &str, findings: serde_json::Value| {
        let statement = serde_json::json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        serde_json::json!({
            "kind": "lint", "expected": {"findings": findings},
            "input": {"policy_type": "IDENTITY_POLICY", "policy": {"Version": "2012-10-17", "Statement": [statement]}},
        })
    };
    let told = serde_json::json!([{"findingType": "ERROR", "issueCode": "INVALID_ACTION"}]);
    assert_eq!(judge::judge(&case("s3:GetObject", serde_json::json!([]))), Some(Ok(())));
    assert!(matches!(judge::judge(&case("s3:GetObjekt", serde_json::json!([]))), Some(Err(_))));
    assert_eq!(judge::judge(&case("s3:GetObjekt", told)), Some(Ok(())));
}
