//! CSV, read back as a spreadsheet reads it.

use std::collections::BTreeMap;

use probity_model::{Outcome, Severity};
use probity_reports::{Format, Options};

use crate::{fixture, written};

type Row = BTreeMap<String, String>;

fn rows(options: &Options) -> Vec<Row> {
    let text = written(Format::Csv, &fixture::run(), options);
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn one_row_a_finding_with_every_column_filled() {
    let run = fixture::run();
    let rows = rows(&Options::default());
    assert_eq!(rows.len(), run.findings.len());
    for (row, finding) in rows.iter().zip(&run.findings) {
        assert_eq!(row["run"], run.id);
        assert_eq!(row["account"], finding.account.as_str());
        assert_eq!(row["check"], finding.check);
        assert_eq!(row["status"], finding.outcome.as_str());
        assert_eq!(row["severity"], finding.severity.as_str());
        assert_eq!(row["resource_type"], finding.resource_kind.as_str());
        assert_eq!(row["fingerprint"], finding.fingerprint.as_str());
        assert_eq!(row["observed_at"], "2026-11-22T08:00:03Z");
        assert_eq!(row["api_operations"], "iam:GenerateCredentialReport; iam:GetCredentialReport");
    }
    let first = &rows[0];
    assert_eq!(first["evidence"], "mfa_active=false; password_last_used=2026-11-20T08:00:00+00:00");
    assert_eq!(first["framework_controls"], "cis-7.0 2.4; nist-800-53 IA-2(1) (proposed)");
    assert!(first["remediation"].starts_with("Register a passkey"));
    assert_eq!(rows[6]["region"], "eu-central-1");
}

#[test]
fn the_columns_keep_their_order() {
    let text = written(Format::Csv, &fixture::run(), &Options::default());
    let header = "run,account,region,check,title,severity,status,resource_type,resource_arn,message,evidence,\
                  api_operations,observed_at,framework_controls,remediation,fingerprint";
    assert_eq!(text.lines().next(), Some(header));
    let page = include_str!("../../../docs/formats/csv.md");
    let documented: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|c| c.0).collect();
    assert_eq!(documented.join(","), header, "docs/formats/csv.md");
}

#[test]
fn no_cell_is_taken_for_a_formula() {
    for row in rows(&Options::default()) {
        for cell in row.values() {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            assert!(!cell.contains(char::is_control), "{cell:?}");
        }
    }
    let formula = rows(&Options::default()).into_iter().find(|row| row["resource_arn"].ends_with("user/formula"));
    assert!(formula.expect("the row")["message"].starts_with("'=HYPERLINK("));
}

#[test]
fn an_accepted_failure_stays_a_failure_and_says_so() {
    let accepted = rows(&Options::default()).into_iter().find(|row| row["resource_arn"].ends_with("user/legacy"));
    let accepted = accepted.expect("the row");
    assert_eq!(accepted["status"], "fail");
    assert!(accepted["message"].contains("[accepted by platform@example.com, SEC-42, until 2027-01-31: "));
}

#[test]
fn filters_apply() {
    let options = Options { statuses: vec![Outcome::Fail], min_severity: Some(Severity::High), ..Options::default() };
    let rows = rows(&options);
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row["status"] == "fail" && matches!(row["severity"].as_str(), "high" | "critical")));
}
