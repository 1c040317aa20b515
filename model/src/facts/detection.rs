//! Whether AWS Config, GuardDuty and Security Hub CSPM are on, by Region, from `configservice:DescribeConfigurationRecorders`,
//! `configservice:DescribeConfigurationRecorderStatus`, `guardduty:ListDetectors`, `guardduty:GetDetector` and
//! `securityhub:GetEnabledStandards`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Region, Seen, Timestamp};

/// The configuration recorders of AWS Config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigRecorders {
    /// By Region.
    pub regions: BTreeMap<Region, Seen<Vec<ConfigRecorder>>>,
}

/// A configuration recorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigRecorder {
    /// The name.
    pub name: String,
    /// The role it reads with.
    pub role: Option<String>,
    /// The service that made it for itself; none for the account's own recorder.
    pub service_principal: Option<String>,
    /// Which types of resources it records.
    pub group: RecordingGroup,
    /// Whether it records.
    pub status: Seen<RecorderStatus>,
}

/// Which types of resources a recorder records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingGroup {
    /// Every type that AWS Config supports, other than the global ones.
    pub all_supported: bool,
    /// The global types of IAM too.
    pub include_global_types: bool,
    /// `ALL_SUPPORTED_RESOURCE_TYPES`, `INCLUSION_BY_RESOURCE_TYPES` or `EXCLUSION_BY_RESOURCE_TYPES`; none in old answers.
    pub strategy: Option<String>,
    /// The types that are recorded, where they are listed.
    pub types: BTreeSet<String>,
    /// The types that are left out, where they are listed.
    pub excluded: BTreeSet<String>,
}

/// Whether a recorder records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderStatus {
    /// Whether it is on.
    pub recording: bool,
    /// `PENDING`, `SUCCESS`, `FAILURE` or `NOTAPPLICABLE`: how the last delivery went.
    pub last_status: Option<String>,
    /// Why it failed.
    pub last_error: Option<String>,
    /// When it was last started.
    pub started_at: Option<Timestamp>,
}

/// The detectors of GuardDuty by their ids, one a Region at most, each with its status, `ENABLED` or `DISABLED`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardDutyDetectors {
    /// By Region.
    pub regions: BTreeMap<Region, Seen<BTreeMap<String, Seen<String>>>>,
}

/// Security Hub CSPM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityHubs {
    /// By Region.
    pub regions: BTreeMap<Region, Seen<SecurityHub>>,
}

/// Security Hub CSPM in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecurityHub {
    /// It is not on (`InvalidAccessException`).
    Off,
    /// It is on, with these standards, each with its status such as `READY`.
    On(BTreeMap<String, String>),
}
