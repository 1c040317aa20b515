//! The credential report, from `iam:GenerateCredentialReport` and `iam:GetCredentialReport`.
//!
//! The report is a CSV whose cells hold more than their type: `N/A`, `no_information` and `not_supported` mean different
//! things (IAM User Guide, "Generate credential reports", "Understanding the report format"), so a [`Cell`] keeps them
//! apart. Columns are found by name, and columns that probity does not know are kept.

mod parse;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use parse::ReportError;

use super::lookup::{found, places};
use crate::memo::Memo;
use crate::{Arn, Timestamp};

/// One cell of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell<T> {
    /// A value.
    Value(T),
    /// `N/A`: there is nothing this could say, such as the last use of a key that does not exist or was never used.
    NotApplicable,
    /// `no_information`: nothing recorded since AWS began to track it (October 2014 for passwords).
    NoInformation,
    /// `not_supported`: this kind of user does not have it, such as the password columns of the root user.
    NotSupported,
    /// The report has no such column.
    NoColumn,
    /// A text that cannot be what this column holds; kept as it is.
    Unreadable(String),
}

impl<T> Cell<T> {
    /// The value, where there is one.
    pub fn value(&self) -> Option<&T> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }

    /// Whether the cell says something definite: a value, or that there is none.
    pub fn is_readable(&self) -> bool {
        !matches!(self, Self::NoColumn | Self::Unreadable(_))
    }
}

impl<T: fmt::Display> fmt::Display for Cell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::NotApplicable => f.write_str("N/A"),
            Self::NoInformation => f.write_str("no_information"),
            Self::NotSupported => f.write_str("not_supported"),
            Self::NoColumn => f.write_str("no such column"),
            Self::Unreadable(text) => write!(f, "unreadable: {text}"),
        }
    }
}

/// The credential report of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// When AWS made the report. AWS hands out the same report for up to four hours.
    pub generated_at: Timestamp,
    /// The row of the root user, `<root_account>`; absent only where the service left it out.
    pub root: Option<CredentialRow>,
    /// The rows of the IAM users, in the order of the report.
    pub users: Vec<CredentialRow>,
    /// Where each row stands, worked out when the first one is asked for.
    #[serde(skip)]
    pub(crate) places: Memo,
}

/// What the report says of one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    /// The friendly name, or `<root_account>`.
    pub user: String,
    /// The user's ARN.
    pub arn: Arn,
    /// When the user was created.
    pub created_at: Cell<Timestamp>,
    /// Whether the user has a console password; `not_supported` for root in old reports.
    pub password_enabled: Cell<bool>,
    /// When the password was last used to sign in.
    pub password_last_used: Cell<Timestamp>,
    /// When the password was last set.
    pub password_last_changed: Cell<Timestamp>,
    /// When the password policy will ask for a new one.
    pub password_next_rotation: Cell<Timestamp>,
    /// Whether an MFA device is enabled for the user.
    pub mfa_active: Cell<bool>,
    /// The two access-key slots.
    pub access_keys: [AccessKeySlot; 2],
    /// The two signing-certificate slots.
    pub certificates: [CertificateSlot; 2],
    /// Columns probity does not know, by name, as they stand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, String>,
}

/// One of the two access keys a user can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeySlot {
    /// Whether the key exists and is Active.
    pub active: Cell<bool>,
    /// When the key was created or last changed; stays for keys that are Inactive.
    pub last_rotated: Cell<Timestamp>,
    /// When the key last signed a request; `N/A` where never, or not since 22 April 2015.
    pub last_used_at: Cell<Timestamp>,
    /// The Region of that request.
    pub last_used_region: Cell<String>,
    /// The service of that request.
    pub last_used_service: Cell<String>,
}

/// One of the two X.509 signing certificates a user can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateSlot {
    /// Whether the certificate exists and is Active.
    pub active: Cell<bool>,
    /// When it was uploaded or last changed.
    pub last_rotated: Cell<Timestamp>,
}

impl CredentialReport {
    /// The name of the root user's row.
    pub const ROOT: &'static str = "<root_account>";

    /// Reads the CSV text of a report.
    ///
    /// # Errors
    /// [`ReportError`] when the bytes are not a credential report: no header with `user` and `arn`, or a row of another
    /// length than the header. Cells that cannot be read are kept as [`Cell::Unreadable`] instead.
    pub fn parse(bytes: &[u8], generated_at: Timestamp) -> Result<Self, ReportError> {
        parse::report(bytes, generated_at)
    }

    /// The row of an IAM user.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&CredentialRow> {
        let places = self.places.get(|| places(&self.users, |row| &row.user));
        found(&self.users, places.get(name), |row| row.user == name)
    }
}
