//! The credential evidence sheet, read back as a spreadsheet reads it.

use std::collections::BTreeMap;

use probity_reports::{Format, Options};

use crate::{fixture, written};

fn text() -> String {
    written(Format::Credentials, &fixture::run(), &Options::default())
}

fn rows() -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text().as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn a_user_has_every_credential_with_age_and_last_use() {
    let rows = rows();
    assert_eq!(rows.len(), fixture::run().credentials.len());
    let anna = rows.iter().find(|row| row["user"] == "anna").expect("the row");
    let cell = |column: &str| anna[column].as_str();
    assert_eq!((cell("password"), cell("password_age_days")), ("yes", "100"));
    assert_eq!((cell("password_last_used_at"), cell("password_last_used_days_ago")), ("2026-11-20T08:00:00Z", "2"));
    assert_eq!((cell("mfa"), cell("mfa_kinds")), ("yes", "fido; virtual"));
    assert_eq!((cell("access_key_1_id"), cell("access_key_1_age_days")), ("AKIAEXAMPLEEXAMPLE01", "400"));
    assert_eq!(cell("access_key_1_last_used_at"), "none: never, as far as AWS has noted");
    assert_eq!(cell("access_key_2_status"), "none: no key");
    let service = "ACCAEXAMPLE codecommit.amazonaws.com active, 400 days old, expires 2027-01-31T00:00:00Z";
    assert_eq!(cell("service_credentials"), service);
    assert_eq!((cell("failing_checks"), cell("failing_checks_count")), ("access-key-rotated", "1"));
    assert_eq!(cell("accepted_checks"), "user-mfa-console-enabled");
    assert_eq!(cell("complete"), "yes");
}

#[test]
fn what_is_not_known_says_why() {
    let rows = rows();
    let nobody = rows.iter().find(|row| row["account"] == fixture::SECOND).expect("the row");
    assert_eq!(nobody["user"], "unknown: iam:GetCredentialReport was denied (AccessDenied): no");
    assert_eq!(
        (nobody["complete"].as_str(), nobody["not_evaluated_checks"].as_str()),
        ("no", "user-mfa-console-enabled")
    );
    for row in &rows {
        for (column, cell) in row {
            let may_be_empty = column.ends_with("_checks");
            assert!(may_be_empty || !cell.is_empty(), "{column} of {}", row["user"]);
        }
    }
}

#[test]
fn a_user_with_a_formula_for_a_name_is_a_text() {
    assert!(rows().iter().any(|row| row["user"] == "'=cmd|' /C calc'!A0"));
}

#[test]
fn the_columns_are_those_of_the_page() {
    let page = include_str!("../../../docs/formats/credentials.md");
    let documented: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|column| column.0).collect();
    assert_eq!(text().lines().next(), Some(documented.join(",").as_str()));
}
