//! Judges published laboratories of escalation, and counts agreements.
//!
//! The variable `PROBITY_CONFORMANCE` names a folder with cases as JSON lines. The laboratories that know no verdict are
//! printed, to be judged by eye: `cargo test -p probity-access --test conformance -- --nocapture`.

#![allow(clippy::expect_used, reason = "helpers of tests")]

#[path = "conformance/laboratory.rs"]
mod laboratory;

use std::fs;
use std::path::{Path, PathBuf};

use laboratory::{Judged, explained, judge};
use serde_json::Value;

fn cases() -> Vec<Value> {
    let Some(folder) = std::env::var_os("PROBITY_CONFORMANCE").map(PathBuf::from) else { return Vec::new() };
    let entries = fs::read_dir(&folder).expect("a readable folder").filter_map(|entry| entry.ok().map(|it| it.path()));
    let is_lines = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jsonl");
    let mut files: Vec<PathBuf> = entries.filter(is_lines).collect();
    files.sort();
    let read = |file: &Path| fs::read_to_string(file).expect("a readable file");
    let lines = files.iter().flat_map(|file| read(file).lines().map(str::to_owned).collect::<Vec<_>>());
    lines.map(|line| serde_json::from_str(&line).expect("JSON")).collect()
}

#[test]
fn laboratories_open_where_they_were_built_to() {
    let (mut as_given, mut with_more, mut left, mut others, mut disagreed) = (0, 0, 0, Vec::new(), Vec::new());
    for case in cases().iter().filter(|case| case["kind"] == "privesc") {
        let id = format!("{} {}", case["id"].as_str().unwrap_or("?"), case["name"].as_str().unwrap_or("?"));
        println!("{id}");
        match judge(case, &|way| println!("    {way}")) {
            None => {}
            Some(Judged::Agreed) => as_given += 1,
            Some(Judged::WithStandIns) => with_more += 1,
            Some(Judged::LeftOut(reason)) => {
                println!("    left out: {reason}");
                left += 1;
            }
            Some(Judged::OtherMethod) => others.push(id),
            Some(Judged::Disagreed) => disagreed.push(id),
        }
    }
    println!("privesc: {as_given} agreed, {with_more} with stand-ins, {left} left out, {} disagreed", disagreed.len());
    assert!(disagreed.is_empty() && others.is_empty(), "{disagreed:#?} by another method: {others:#?}");
}

/// A runner that cannot disagree would say nothing.
#[test]
fn a_wrong_verdict_is_noticed() {
    let writes = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"}]});
    let case = |escalates: bool| {
        let anna = serde_json::json!({"arn": "arn:aws:iam::111122223333:user/anna", "inline": [writes]});
        serde_json::json!({
            "kind": "privesc", "expected": {"escalates": escalates},
            "input": {"account": {"account": "111122223333", "users": {"anna": anna}}},
        })
    };
    assert_eq!(judge(&case(true), &|_| {}), Some(Judged::Agreed));
    assert_eq!(judge(&case(false), &|_| {}), Some(Judged::Disagreed));
}

#[test]
fn scenarios_are_explained() {
    for case in cases().iter().filter(|case| case["kind"] == "privesc-scenario") {
        println!("{}", case["name"].as_str().unwrap_or("?"));
        for way in explained(case) {
            println!("    {} {:?}: {}", way.from, way.certainty, way.words);
        }
    }
}
