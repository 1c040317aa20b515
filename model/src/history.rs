//! What is known of findings from earlier runs: when they were first seen, what is new, what was fixed.
//!
//! All of it is an attribute beside the outcome, and absent where no history is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Arn, Fingerprint, Region, Severity, Timestamp};

/// What earlier runs say of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingHistory {
    /// When it was first seen to fail.
    pub first_seen: Timestamp,
    /// Since when it fails without a run in between that saw it fixed.
    pub open_since: Timestamp,
    /// When it was last seen to fail; earlier than this run where it could not be evaluated now.
    pub last_seen: Timestamp,
    /// Whole days from `open_since` to this run.
    pub age_days: i64,
    /// How often it failed again after it was fixed.
    pub reopened: u32,
    /// Whether it is open now and was not in the run before: it began to fail, or its exception ended.
    pub new: bool,
}

/// What earlier runs say of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryReport {
    /// The last run before this one of the same accounts and the same choice of checks.
    pub previous: Option<RunPoint>,
    /// Open failures that are new.
    pub new: u64,
    /// Failures that were there in the run before and are not any more.
    pub fixed: Vec<FixedFinding>,
    /// Open failures by age.
    pub aging: Vec<AgeBand>,
    /// The last runs of the same accounts and the same choice of checks, oldest first, this one last.
    pub trend: Vec<RunPoint>,
    /// How long failures took to be fixed, worst severity first; severities of which none was fixed are left out.
    pub time_to_fix: Vec<TimeToFix>,
}

/// A run among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunPoint {
    /// The run's id.
    pub id: String,
    /// When its collection began.
    pub started_at: Timestamp,
    /// The score, 0 to 100; none where nothing could be judged.
    pub score: Option<u8>,
    /// The share of the checks that judged something, 0 to 100.
    pub coverage_percent: u8,
    /// Open failures by severity.
    pub open: BTreeMap<Severity, u64>,
    /// Failures that were new in it.
    pub new: u64,
    /// Failures that it saw fixed.
    pub fixed: u64,
}

/// A failure that is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixedFinding {
    /// The check's id.
    pub check: String,
    /// How bad it was.
    pub severity: Severity,
    /// The account.
    pub account: AccountId,
    /// The Region, where the verdict was about one.
    pub region: Option<Region>,
    /// The resource.
    pub resource: Arn,
    /// What told several findings on one resource apart.
    pub discriminator: String,
    /// The identity from run to run.
    pub fingerprint: Fingerprint,
    /// Since when it had failed.
    pub open_since: Timestamp,
    /// Whether the check passes now, or the resource is gone.
    pub how: Fixed,
}

/// How a failure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Fixed {
    /// The check passes, or does not apply any more.
    Passes,
    /// The check judged everything and met no such resource.
    Gone,
}

/// Open failures of an age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgeBand {
    /// The least age, in days.
    pub from_days: i64,
    /// The greatest age, in days; none where there is no limit.
    pub to_days: Option<i64>,
    /// How many open failures have such an age.
    pub open: u64,
}

impl AgeBand {
    /// The limits of the bands: a week, a month, a quarter.
    pub const LIMITS: [(i64, Option<i64>); 4] = [(0, Some(7)), (8, Some(30)), (31, Some(90)), (91, None)];

    /// "8 to 30 days", "over 90 days".
    #[must_use]
    pub fn in_words(&self) -> String {
        match self.to_days {
            Some(to) => format!("{} to {to} days", self.from_days),
            None => format!("over {} days", self.from_days - 1),
        }
    }
}

/// How long failures of a severity took to be fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimeToFix {
    /// The severity.
    pub severity: Severity,
    /// How many were fixed.
    pub fixed: u64,
    /// The mean time from the run that first saw one to the run that saw it fixed, in hours.
    pub mean_hours: u64,
}
