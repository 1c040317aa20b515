//! The account's password policy, from `iam:GetAccountPasswordPolicy`.

use serde::{Deserialize, Serialize};

/// The password policy in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordPolicy {
    /// A policy of the account's own.
    Custom(PasswordRules),
    /// No policy of the account's own (the call answers `NoSuchEntity`): AWS applies its default of 8 characters out of
    /// three of four classes (IAM User Guide, "Set an account password policy", "Default password policy").
    AwsDefault,
}

/// The rules of a custom password policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordRules {
    /// The least number of characters.
    pub minimum_length: Option<u32>,
    /// Whether an upper-case letter is required.
    pub require_uppercase: bool,
    /// Whether a lower-case letter is required.
    pub require_lowercase: bool,
    /// Whether a digit is required.
    pub require_numbers: bool,
    /// Whether a symbol is required.
    pub require_symbols: bool,
    /// Whether users may change their own password.
    pub allow_users_to_change: bool,
    /// Whether passwords expire.
    pub expire: bool,
    /// Days until a password expires, where it does.
    pub maximum_age_days: Option<u32>,
    /// How many earlier passwords are refused; absent means none.
    pub reuse_prevention: Option<u32>,
    /// Whether a user whose password has expired is locked out until an administrator acts.
    pub hard_expiry: Option<bool>,
}
