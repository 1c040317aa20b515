//! Frameworks: what answers one, and nothing else, is read, judged and reported.

use std::collections::BTreeSet;

use crate::findings::{audit, scenario};
use crate::support::Probity;

const HOUSE: &str = r#"
id = "house"
title = "House rules"

[[control]]
id = "H1"
title = "The root user has a second factor"
section = "Root"
checks = ["root-mfa-enabled"]

[[control]]
id = "H2"
title = "The safe is looked at"
section = "Root"
manual = "Ask for the record of the last inspection"
"#;

#[test]
fn a_framework_narrows_the_audit_and_answers_every_control() {
    let aws = scenario("small-company");
    let run = audit(&aws).args(["--framework", "cis-7.0"]).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report = run.json();
    let answers = |check: &serde_json::Value| {
        check["controls"].as_array().unwrap().iter().any(|control| control["framework"] == "cis-7.0")
    };
    assert!(report["checks"].as_array().unwrap().iter().all(answers));
    let framework = &report["frameworks"][0];
    let controls = framework["controls"].as_array().unwrap();
    assert_eq!((framework["id"].as_str(), controls.len()), (Some("cis-7.0"), 70));
    let verdicts: BTreeSet<&str> = controls.iter().map(|control| control["verdict"].as_str().unwrap()).collect();
    assert!(
        verdicts.contains("fail") && verdicts.contains("pass") && verdicts.contains("out-of-scope"),
        "{verdicts:?}"
    );
    assert!(controls.iter().all(|control| !control["reason"].as_str().unwrap().is_empty()));
}

#[test]
fn a_framework_of_ones_own_narrows_the_calls() {
    let aws = scenario("small-company");
    let run = audit(&aws).file("house.toml", HOUSE).args(["--framework-file", "house.toml"]).run();
    let report = run.json();
    let controls = report["frameworks"][0]["controls"].as_array().unwrap();
    assert_eq!(controls[1]["verdict"], "manual");
    assert_eq!(controls[0]["checks"][0]["check"], "root-mfa-enabled");
    assert_eq!(report["checks"].as_array().unwrap().len(), 1);
    let mut operations: Vec<String> = aws.calls().iter().map(|call| call.operation.clone()).collect();
    operations.sort();
    assert_eq!(operations, ["GetAccountSummary", "GetCallerIdentity", "ListAccountAliases"]);
}

#[test]
fn a_wrong_framework_is_said_before_anything_is_asked() {
    let run = Probity::alone().args(["demo", "--framework", "cis-7"]).run();
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `cis-7.0`"), "{}", run.stderr);
    let wrong = HOUSE.replace("root-mfa-enabled", "root-mfa-enable");
    let run = Probity::alone().file("house.toml", &wrong).args(["demo", "--framework-file", "house.toml"]).run();
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("house.toml:9:") && run.stderr.contains("did you mean `root-mfa-enabled`"),
        "{}",
        run.stderr
    );
}

/// One file for the auditor, one for the spreadsheet, one for the record: all from one run.
#[test]
fn the_demo_hands_over_a_framework() {
    let run = Probity::alone().args(["demo", "--quiet", "--framework", "cis-7.0", "--width", "100"]).run();
    assert!(run.stdout.contains("CIS AWS Foundations Benchmark 7.0.0"), "{}", run.stdout);
    assert!(run.stdout.contains("70 controls: "), "{}", run.stdout);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let run = Probity::alone()
        .args(["demo", "--quiet", "--framework", "cis-7.0", "-o"])
        .arg(format!("html={}", file("cis.html").display()))
        .arg("-o")
        .arg(file("cis.xlsx"))
        .arg("-o")
        .arg(file("cis.controls.csv"))
        .arg("-o")
        .arg(file("cis.credentials.csv"))
        .run();
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let page = std::fs::read_to_string(file("cis.html")).unwrap();
    assert!(page.contains("id=\"frameworks\"") && page.contains(">2.1.1</th>"));
    assert!(std::fs::read(file("cis.xlsx")).unwrap().starts_with(b"PK"));
    assert_eq!(csv::Reader::from_path(file("cis.controls.csv")).unwrap().records().count(), 70);
    let mut sheet = csv::Reader::from_path(file("cis.credentials.csv")).unwrap();
    let users: Vec<String> = sheet.records().map(|row| row.unwrap()[2].to_owned()).collect();
    assert!(users.len() > 10 && users[0] == "<root_account>", "{users:?}");
}

/// Whoever asks for the sheet gets what it is made of, whichever checks run.
#[test]
fn the_credential_sheet_widens_the_collection() {
    let aws = scenario("small-company");
    let run = audit(&aws).args(["--only", "root-mfa-enabled", "-f", "credentials"]).run();
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(run.stdout.as_bytes()).records().map(Result::unwrap).collect();
    assert!(rows.len() > 10, "{}", run.stdout);
    // AWS does not tell of the root user whether it has a password.
    let users = rows.iter().filter(|row| &row[2] != "<root_account>");
    assert!(
        users.clone().count() > 0 && users.clone().all(|row| &row[8] == "yes" || &row[8] == "no"),
        "{}",
        run.stdout
    );
}
