//! The KMS keys that encrypt the log files of the account's own trails, from `kms:DescribeKey` and
//! `kms:GetKeyRotationStatus`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arn, Seen};

/// The keys of the account's own trails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailKeys {
    /// By the ARN that the trail names.
    pub keys: BTreeMap<Arn, Seen<KeyState>>,
}

/// Whether a key is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant, reason = "an account has a handful of trail keys")]
pub enum KeyState {
    /// KMS knows no such key (`NotFoundException`).
    Absent,
    /// It is there.
    Present(KeyFacts),
}

/// What was read of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// The key's own ARN, also where the trail names an alias.
    pub arn: Arn,
    /// `Enabled`, `Disabled`, `PendingDeletion` and so on.
    pub state: String,
    /// `CUSTOMER` or `AWS`.
    pub manager: String,
    /// Where the key material comes from: `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: String,
    /// Such as `SYMMETRIC_DEFAULT`.
    pub spec: String,
    /// Whether KMS rotates the key material.
    pub rotation: Seen<Rotation>,
}

/// Rotation of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// Whether it is on.
    pub enabled: bool,
    /// Every so many days.
    pub period_days: Option<i32>,
}
