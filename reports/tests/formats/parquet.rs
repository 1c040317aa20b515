//! Parquet, read back as an engine reads it.

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::{Field, Row};
use probity_model::{Outcome, Severity};
use probity_reports::{Format, Options};

use crate::{bytes, fixture};

/// What a format of rows says, read back.
pub(crate) fn rows(options: &Options, run: &probity_model::Run) -> Vec<Row> {
    read(&bytes(Format::Parquet, run, options))
}

/// The rows of a file.
pub(crate) fn read(bytes: &[u8]) -> Vec<Row> {
    let file = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut &file, bytes).expect("written");
    let reader = SerializedFileReader::new(file).expect("a Parquet file");
    reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect()
}

pub(crate) fn cell<'r>(row: &'r Row, name: &str) -> &'r Field {
    row.get_column_iter().find(|(known, _)| *known == name).map(|(_, field)| field).expect("the column")
}

fn text(row: &Row, name: &str) -> Option<String> {
    match cell(row, name) {
        Field::Str(text) => Some(text.clone()),
        Field::Null => None,
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn every_finding_comes_back_as_it_was() {
    let run = fixture::run();
    let rows = rows(&Options::default(), &run);
    assert_eq!(rows.len(), run.findings.len());
    for (row, finding) in rows.iter().zip(&run.findings) {
        assert_eq!(text(row, "check_id").as_deref(), Some(finding.check.as_str()));
        assert_eq!(text(row, "account_id").as_deref(), Some(finding.account.as_str()));
        assert_eq!(text(row, "status").as_deref(), Some(finding.outcome.as_str()));
        assert_eq!(text(row, "resource_arn").as_deref(), Some(finding.resource.as_str()));
        assert_eq!(text(row, "message").as_deref(), Some(&*finding.message));
        assert_eq!(text(row, "region"), finding.region.as_ref().map(ToString::to_string));
        assert_eq!(text(row, "gap_code"), finding.gap.as_ref().and_then(|gap| gap.code.clone()));
        assert_eq!(text(row, "exception_owner"), finding.exception.as_ref().map(|one| one.owner.clone()));
        let evidence: serde_json::Value =
            serde_json::from_str(&text(row, "evidence").expect("evidence")).expect("JSON");
        assert_eq!(evidence, serde_json::to_value(&finding.evidence).expect("JSON"));
        assert_eq!(cell(row, "observed_at"), &Field::TimestampMillis(finding.observed_at.as_millisecond()));
    }
}

#[test]
fn many_rows_come_in_groups_and_filters_apply() {
    let run = fixture::many(25_000);
    assert_eq!(rows(&Options::default(), &run).len(), 25_000);
    let few = Options { min_severity: Some(Severity::Critical), statuses: vec![Outcome::Fail], ..Options::default() };
    assert_eq!(rows(&few, &fixture::run()).len(), 1);
    assert!(rows(&Options::default(), &fixture::many(0)).is_empty());
}
