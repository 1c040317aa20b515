//! Reads the CSV of a credential report by column name.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::{AccessKeySlot, Cell, CertificateSlot, CredentialReport, CredentialRow};
use crate::memo::Memo;
use crate::{Arn, Timestamp};

/// Why bytes are not a credential report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Not CSV, or not text.
    #[error("the credential report is not readable CSV: {0}")]
    Csv(String),
    /// A column without which no row can be told from another.
    #[error("the credential report has no column `{0}`")]
    NoColumn(&'static str),
    /// The same column twice, so that its cells contradict each other.
    #[error("the credential report has the column `{0}` twice")]
    ColumnTwice(String),
    /// Two rows of the same user, so that one would hide the other.
    #[error("the credential report has two rows for `{0}`")]
    UserTwice(String),
}

struct Columns(BTreeMap<String, usize>);

impl Columns {
    fn text<'r>(&self, row: &'r StringRecord, name: &str) -> Option<&'r str> {
        row.get(*self.0.get(name)?)
    }

    fn cell<T>(&self, row: &StringRecord, name: &str, read: impl Fn(&str) -> Option<T>) -> Cell<T> {
        match self.text(row, name).map(str::trim) {
            None => Cell::NoColumn,
            Some("N/A") => Cell::NotApplicable,
            Some("no_information") => Cell::NoInformation,
            Some("not_supported") => Cell::NotSupported,
            Some(text) => read(text).map_or_else(|| Cell::Unreadable(text.to_owned()), Cell::Value),
        }
    }

    fn flag(&self, row: &StringRecord, name: &str) -> Cell<bool> {
        self.cell(row, name, |text| match text {
            "true" | "TRUE" => Some(true),
            "false" | "FALSE" => Some(false),
            _ => None,
        })
    }

    fn time(&self, row: &StringRecord, name: &str) -> Cell<Timestamp> {
        self.cell(row, name, |text| text.parse().ok())
    }

    fn word(&self, row: &StringRecord, name: &str) -> Cell<String> {
        self.cell(row, name, |text| (!text.is_empty()).then(|| text.to_owned()))
    }
}

const KNOWN: [&str; 22] = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
];

pub(super) fn report(bytes: &[u8], generated_at: Timestamp) -> Result<CredentialReport, ReportError> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(bytes);
    let unreadable = |error: csv::Error| ReportError::Csv(error.to_string());
    let mut columns = Columns(BTreeMap::new());
    for (index, name) in reader.headers().map_err(unreadable)?.iter().enumerate() {
        let name = name.trim_start_matches('\u{feff}').trim();
        if columns.0.insert(name.to_owned(), index).is_some() {
            return Err(ReportError::ColumnTwice(name.to_owned()));
        }
    }
    for required in ["user", "arn"] {
        if !columns.0.contains_key(required) {
            return Err(ReportError::NoColumn(required));
        }
    }
    let mut report = CredentialReport { generated_at, root: None, users: Vec::new(), places: Memo::default() };
    let mut names = std::collections::BTreeSet::new();
    for record in reader.records() {
        let row = row(&columns, &record.map_err(unreadable)?);
        if !names.insert(row.user.clone()) {
            return Err(ReportError::UserTwice(row.user));
        }
        if row.user == CredentialReport::ROOT { report.root = Some(row) } else { report.users.push(row) }
    }
    Ok(report)
}

fn row(columns: &Columns, record: &StringRecord) -> CredentialRow {
    let text = |name: &str| columns.text(record, name).unwrap_or_default().to_owned();
    let key = |slot: u8| AccessKeySlot {
        active: columns.flag(record, &format!("access_key_{slot}_active")),
        last_rotated: columns.time(record, &format!("access_key_{slot}_last_rotated")),
        last_used_at: columns.time(record, &format!("access_key_{slot}_last_used_date")),
        last_used_region: columns.word(record, &format!("access_key_{slot}_last_used_region")),
        last_used_service: columns.word(record, &format!("access_key_{slot}_last_used_service")),
    };
    let certificate = |slot: u8| CertificateSlot {
        active: columns.flag(record, &format!("cert_{slot}_active")),
        last_rotated: columns.time(record, &format!("cert_{slot}_last_rotated")),
    };
    let other = columns.0.iter().filter(|(name, _)| !KNOWN.contains(&name.as_str()));
    CredentialRow {
        user: text("user"),
        arn: Arn::new(text("arn")),
        created_at: columns.time(record, "user_creation_time"),
        password_enabled: columns.flag(record, "password_enabled"),
        password_last_used: columns.time(record, "password_last_used"),
        password_last_changed: columns.time(record, "password_last_changed"),
        password_next_rotation: columns.time(record, "password_next_rotation"),
        mfa_active: columns.flag(record, "mfa_active"),
        access_keys: [key(1), key(2)],
        certificates: [certificate(1), certificate(2)],
        other: other.filter_map(|(name, at)| Some((name.clone(), record.get(*at)?.to_owned()))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T08:00:00Z";

    fn parse(text: &str) -> Result<CredentialReport, ReportError> {
        CredentialReport::parse(text.as_bytes(), NOW.parse().expect("a time"))
    }

    #[test]
    fn three_kinds_of_nothing_are_told_apart() {
        let report = parse(
            "user,arn,password_enabled,password_last_used,access_key_1_last_used_date\n\
             <root_account>,arn:aws:iam::123456789012:root,not_supported,no_information,N/A\n",
        )
        .expect("a report");
        let root = report.root.expect("the root row");
        assert_eq!(root.password_enabled, Cell::NotSupported);
        assert_eq!(root.password_last_used, Cell::NoInformation);
        assert_eq!(root.access_keys[0].last_used_at, Cell::NotApplicable);
        assert_eq!(root.mfa_active, Cell::NoColumn);
        assert!(!root.mfa_active.is_readable());
    }

    #[test]
    fn columns_are_found_by_name_and_unknown_ones_kept() {
        let report = parse(
            "mfa_active,additional_credentials_info,arn,user\n\
             true,2,arn:aws:iam::123456789012:user/anna,anna\n",
        )
        .expect("a report");
        let anna = report.user("anna").expect("anna");
        assert_eq!(anna.mfa_active, Cell::Value(true));
        assert_eq!(anna.other.get("additional_credentials_info").map(String::as_str), Some("2"));
    }

    #[test]
    fn a_cell_that_makes_no_sense_is_neither_true_nor_false() {
        let report = parse("user,arn,mfa_active,user_creation_time\nanna,arn:a,perhaps,yesterday\n").expect("a report");
        let anna = report.user("anna").expect("anna");
        assert_eq!(anna.mfa_active, Cell::Unreadable("perhaps".to_owned()));
        assert_eq!(anna.created_at, Cell::Unreadable("yesterday".to_owned()));
    }

    #[test]
    fn times_in_both_spellings_of_utc() {
        let report = parse(
            "user,arn,user_creation_time,password_last_used\nanna,arn:a,2024-01-02T03:04:05+00:00,2024-01-02T03:04:05Z\n",
        );
        let report = report.expect("a report");
        let anna = report.user("anna").expect("anna");
        assert_eq!(anna.created_at, anna.password_last_used);
        assert!(anna.created_at.value().is_some());
    }

    #[test]
    fn what_is_not_a_report_is_refused() {
        assert_eq!(parse(""), Err(ReportError::NoColumn("user")));
        assert_eq!(parse("<html><body>Service Unavailable</body></html>"), Err(ReportError::NoColumn("user")));
        assert_eq!(parse("user,arn,arn\na,b,c\n"), Err(ReportError::ColumnTwice("arn".to_owned())));
        assert_eq!(parse("user,arn\na,b\na,c\n"), Err(ReportError::UserTwice("a".to_owned())));
        assert!(matches!(parse("user,arn,mfa_active\nanna,arn:aws:iam::1"), Err(ReportError::Csv(_))), "a cut row");
    }
}
