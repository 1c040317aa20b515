//! It reads, it never writes: every call that arrives is on the published list, and is counted in the report.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::{NOW, audit, scenario};
use crate::support::Probity;

/// The actions `probity permissions` prints, with the calls that need none.
fn permitted() -> BTreeSet<String> {
    let policy = Probity::alone().args(["permissions"]).run().json();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap().clone();
    let mut permitted: BTreeSet<String> = actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect();
    permitted.insert("sts:GetCallerIdentity".to_owned());
    permitted
}

/// The action that permits each call, as `probity checks` tells.
fn actions() -> BTreeMap<String, String> {
    let list = Probity::alone().args(["checks", "--output-format", "json"]).run().json();
    let mut actions = BTreeMap::new();
    for check in list.as_array().unwrap() {
        for call in check["evidence"].as_array().unwrap().iter().flat_map(|e| e["calls"].as_array().unwrap()) {
            let text = |name: &str| call[name].as_str().unwrap().to_owned();
            // On the wire both halves of S3's API sign as `s3` or `s3control`.
            actions.insert(text("operation").replace("s3api:", "s3:"), text("permission"));
        }
    }
    actions
}

#[test]
fn every_call_that_arrives_is_permitted_by_the_printed_policy() {
    let aws = scenario("small-company");
    let run = Probity::against(&aws)
        .args([
            "audit",
            "--output-format",
            "json",
            "--quiet",
            "--now",
            NOW,
            "--detail",
            "full",
            "--last-accessed",
            "all",
        ])
        .run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    let permitted = permitted();
    let actions = actions();
    let arrived: BTreeSet<String> = aws
        .calls()
        .iter()
        .map(|call| format!("{}:{}", call.service, call.operation))
        .map(|call| actions.get(&call).cloned().unwrap_or(call))
        .collect();
    let beyond: Vec<&String> = arrived.difference(&permitted).collect();
    assert_eq!(beyond, Vec::<&String>::new());
    assert!(arrived.len() > 20, "{arrived:?}");
}

#[test]
fn collection_narrows_with_the_checks() {
    let aws = scenario("small-company");
    let run = audit(&aws).args(["--only", "root-mfa-enabled"]).run();
    assert!(run.code <= 1, "{}", run.stderr);
    let mut operations: Vec<String> = aws.calls().iter().map(|call| call.operation.clone()).collect();
    operations.sort();
    assert_eq!(operations, ["GetAccountSummary", "GetCallerIdentity", "ListAccountAliases"]);
}

#[test]
fn the_report_counts_the_calls_that_arrived() {
    let aws = scenario("small-company");
    let report = audit(&aws).run().json();
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for call in report["accounts"][0]["calls"].as_array().unwrap() {
        let name = call["operation"].as_str().unwrap().split(':').nth(1).unwrap().to_owned();
        *counted.entry(name).or_default() += call["requests"].as_u64().unwrap();
    }
    let mut arrived: BTreeMap<String, u64> = BTreeMap::new();
    for call in aws.calls() {
        *arrived.entry(call.operation).or_default() += 1;
    }
    assert_eq!(counted, arrived);
}
