//! Counters and quotas of the account's IAM, from `iam:GetAccountSummary`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The entries of `SummaryMap`, by the names of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountSummary {
    /// Every entry the service sent. An entry that is absent is unknown, not zero.
    pub entries: BTreeMap<String, i64>,
}

impl AccountSummary {
    /// 1 where the root user has a password (`AccountPasswordPresent`).
    pub const PASSWORD_PRESENT: &'static str = "AccountPasswordPresent";
    /// The number of access keys of the root user (`AccountAccessKeysPresent`).
    pub const ACCESS_KEYS_PRESENT: &'static str = "AccountAccessKeysPresent";
    /// The number of signing certificates of the root user (`AccountSigningCertificatesPresent`).
    pub const SIGNING_CERTIFICATES_PRESENT: &'static str = "AccountSigningCertificatesPresent";
    /// 1 where the root user has an MFA device (`AccountMFAEnabled`).
    pub const MFA_ENABLED: &'static str = "AccountMFAEnabled";

    /// The value of an entry; `None` means that the service did not say.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<i64> {
        self.entries.get(name).copied()
    }
}
