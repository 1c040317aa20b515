//! The credential evidence sheet: one row a user, with every credential that it has.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Arn, Timestamp};

/// What is known of one thing: its value, that there is none, or why nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Told<T> {
    /// The value.
    Known(T),
    /// AWS says that there is none; the text says in which sense, such as `never used`.
    None(String),
    /// It was not read, or not in a form that can be right; the text says why.
    Missing(String),
}

impl<T> Told<T> {
    /// The value, where there is one.
    pub fn value(&self) -> Option<&T> {
        if let Self::Known(value) = self { Some(value) } else { None }
    }

    /// What is made of the value, with the same absence otherwise.
    pub fn map<U>(&self, with: impl FnOnce(&T) -> U) -> Told<U> {
        match self {
            Self::Known(value) => Told::Known(with(value)),
            Self::None(why) => Told::None(why.clone()),
            Self::Missing(why) => Told::Missing(why.clone()),
        }
    }
}

/// `none: never used`, `unknown: iam:ListAccessKeys was denied (AccessDenied): …`: an empty cell would say nothing.
impl<T: fmt::Display> fmt::Display for Told<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::None(why) if why.is_empty() => f.write_str("none"),
            Self::None(why) => write!(f, "none: {why}"),
            Self::Missing(why) => write!(f, "unknown: {why}"),
        }
    }
}

/// A user of an account, or its root user, with every credential that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserCredentials {
    /// The account.
    pub account: AccountId,
    /// The friendly name; `<root_account>` for the root user. Missing where not even the users could be listed: then the
    /// row stands for all of them.
    pub user: Told<String>,
    /// The ARN.
    pub arn: Told<Arn>,
    /// "Now" for every age: when the collection began.
    pub as_of: Timestamp,
    /// When AWS made the credential report that most cells come from; it may be four hours older than the collection.
    pub report_generated_at: Told<Timestamp>,
    /// When the user was created, and how long ago.
    pub created: Told<Dated>,
    /// The console password.
    pub password: PasswordSheet,
    /// Whether an MFA device is enabled.
    pub mfa_active: Told<bool>,
    /// The kinds of its MFA devices, one word a device: `virtual`, `fido` (security key or passkey), `hardware-token`.
    pub mfa_kinds: Told<Vec<String>>,
    /// The two access keys that a user can have.
    pub access_keys: [AccessKeySheet; 2],
    /// The two X.509 signing certificates that a user can have.
    pub certificates: [CertificateSheet; 2],
    /// SSH public keys.
    pub ssh_keys: Told<Vec<OtherCredential>>,
    /// Service-specific credentials and API keys.
    pub service_credentials: Told<Vec<OtherCredential>>,
    /// The checks with an open failure on the user.
    pub failing: Vec<String>,
    /// The checks with a failure on the user that somebody has agreed to live with.
    pub accepted: Vec<String>,
    /// The checks that could not be evaluated on the user.
    pub not_evaluated: Vec<String>,
}

/// A moment, and the whole days from it until "now".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dated {
    /// The moment.
    pub at: Timestamp,
    /// Whole days until "now"; 0 where it lies ahead.
    pub days: i64,
}

impl Dated {
    /// A moment, seen from another.
    #[must_use]
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { at, days: now.duration_since(at).as_secs().div_euclid(86_400).max(0) }
    }
}

/// A console password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PasswordSheet {
    /// Whether there is one.
    pub enabled: Told<bool>,
    /// When it was last set: its age.
    pub changed: Told<Dated>,
    /// When it was last used to sign in.
    pub last_used: Told<Dated>,
}

/// An access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessKeySheet {
    /// The id, `AKIA…`; only read under `--detail full`.
    pub id: Told<String>,
    /// Whether it can sign requests: `active` or `inactive`.
    pub status: Told<String>,
    /// When it was created: its age.
    pub created: Told<Dated>,
    /// When it last signed a request.
    pub last_used: Told<Dated>,
    /// The service of that request.
    pub last_used_service: Told<String>,
    /// The Region of that request.
    pub last_used_region: Told<String>,
}

/// An X.509 signing certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CertificateSheet {
    /// Whether it can be used: `active` or `inactive`.
    pub status: Told<String>,
    /// When it was uploaded: its age.
    pub uploaded: Told<Dated>,
}

/// An SSH key or a service-specific credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OtherCredential {
    /// The id.
    pub id: String,
    /// What it opens, such as `codecommit.amazonaws.com`; empty for SSH keys.
    pub service: String,
    /// Whether it can be used.
    pub active: bool,
    /// When it was made: its age. Nothing where AWS did not say.
    pub created: Option<Dated>,
    /// When it stops working; nothing where it has no end.
    pub expires_at: Option<Timestamp>,
}

/// `ACCA… codecommit.amazonaws.com active, 412 days old, expires 2027-01-31T00:00:00Z`.
impl fmt::Display for OtherCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        if !self.service.is_empty() {
            write!(f, " {}", self.service)?;
        }
        f.write_str(if self.active { " active" } else { " inactive" })?;
        match &self.created {
            Some(created) => write!(f, ", {} days old", created.days)?,
            None => f.write_str(", age unknown")?,
        }
        match &self.expires_at {
            Some(at) => write!(f, ", expires {at}"),
            None => Ok(()),
        }
    }
}
