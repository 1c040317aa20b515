//! A finished run: everything a renderer needs, worked out.
//!
//! A run holds no time of its own: its times are those of its snapshots, so that judging a snapshot again gives the same
//! bytes.

pub mod organization;
pub mod part;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use self::organization::OrganizationRun;
use crate::credentials::UserCredentials;
use crate::framework::FrameworkRun;
use crate::parameter::ParameterValue;
use crate::score::Score;
use crate::snapshot::CollectionRequest;
use crate::{
    AccountId, Arn, Automation, ExceptionReport, Family, Finding, Gap, HistoryReport, Outcome, Partition, Region,
    Scope, Severity, Timestamp, Topic, Unit,
};

/// The name in the `format` field of a run.
pub const FORMAT: &str = "probity-run";
/// The version of the format that this release writes.
pub const VERSION: u32 = 1;

/// A finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of the format; see [`VERSION`].
    pub version: u32,
    /// The release that judged, such as `0.1.0`.
    pub tool_version: String,
    /// The run's id: made of its snapshots' accounts and times, the same whenever they are judged again.
    pub id: String,
    /// When the first account's collection began.
    pub started_at: Timestamp,
    /// When the last account's collection ended.
    pub finished_at: Timestamp,
    /// What was asked of the judgement.
    pub selection: Selection,
    /// The accounts.
    pub accounts: Vec<AccountRun>,
    /// The accounts as one picture; none for a run of a single account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationRun>,
    /// The score over everything that was judged.
    pub score: Score,
    /// Every check that ran, with what came of it.
    pub checks: Vec<CheckRun>,
    /// Every finding, worst first. Of a run of very many accounts the worst only, as [`Run::total`] tells.
    pub findings: Vec<Finding>,
    /// What could not be read, and the checks that it takes down.
    pub gaps: Vec<GapReport>,
    /// Every exception that was given, with what became of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionReport>,
    /// What earlier runs say, where a history is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryReport>,
    /// The frameworks that were asked for, answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<FrameworkRun>,
    /// The credentials of every user and root user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<UserCredentials>,
}

/// What was asked of the judgement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Selection {
    /// The checks or `family:` names asked for; empty means every check.
    pub only: Vec<String>,
    /// The checks or `family:` names left out.
    pub skip: Vec<String>,
    /// The ids of the frameworks asked for: only checks that answer their controls ran. Empty means no framework.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<String>,
    /// The least severity of the checks that ran; absent means checks of every severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

impl Selection {
    /// Whether nothing narrows it.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// What narrows it, in words, each with its label.
    #[must_use]
    pub fn in_words(&self) -> Vec<(&'static str, String)> {
        let names = [("Only", &self.only), ("Skipped", &self.skip), ("Frameworks", &self.frameworks)];
        let names =
            names.into_iter().filter(|(_, names)| !names.is_empty()).map(|(label, names)| (label, names.join(", ")));
        let or_worse = |least| if least == Severity::Critical { "" } else { " or worse" };
        let severe = self.severity.map(|least| ("Checks", format!("of severity {least}{}", or_worse(least))));
        names.chain(severe).collect()
    }

    /// Whether checks of a severity are among what was asked for.
    #[must_use]
    pub fn takes(&self, severity: Severity) -> bool {
        self.severity.is_none_or(|least| severity >= least)
    }
}

/// One account of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountRun {
    /// The account.
    pub account: AccountId,
    /// Its alias, where it has one and it could be read.
    pub alias: Option<String>,
    /// Its partition.
    pub partition: Partition,
    /// The principal the audit ran as.
    pub caller: Option<Arn>,
    /// The Regions that were read.
    pub regions: Vec<Region>,
    /// When the collection began: "now" for every check.
    pub taken_at: Timestamp,
    /// When the collection ended.
    pub finished_at: Timestamp,
    /// What was asked of the collection.
    pub request: CollectionRequest,
    /// The calls that were made.
    pub calls: Vec<CallCount>,
}

/// How often one operation was called.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallCount {
    /// The operation, as `service:Operation`.
    pub operation: String,
    /// The Region it was asked in; empty for a global service.
    pub region: String,
    /// Calls, each page of a list counted as one.
    pub calls: u64,
    /// Requests sent, retries included.
    pub requests: u64,
    /// Requests that AWS throttled.
    pub throttled: u64,
    /// Calls that failed in the end.
    pub failed: u64,
}

/// A check that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckRun {
    /// The id.
    pub id: String,
    /// The family.
    pub family: Family,
    /// The title.
    pub title: String,
    /// The severity of a failure, unless the finding says otherwise.
    pub severity: Severity,
    /// What is judged.
    pub scope: Scope,
    /// Whether an API can answer.
    pub automation: Automation,
    /// One sentence: what the check demands.
    pub summary: String,
    /// Why it matters.
    pub why: String,
    /// When it passes.
    pub pass: String,
    /// When it fails.
    pub fail: String,
    /// What to do about a failure.
    pub fix: String,
    /// A command for it; empty where there is none.
    pub command: String,
    /// The parameters in force.
    pub parameters: Vec<ParameterInForce>,
    /// The API operations that the verdicts rest on.
    pub operations: Vec<String>,
    /// The controls of frameworks it answers.
    pub controls: Vec<ControlReference>,
    /// How many findings had which outcome; outcomes that did not occur are left out.
    pub outcomes: BTreeMap<Outcome, u64>,
}

/// A parameter and the value it was judged with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParameterInForce {
    /// The name.
    pub name: String,
    /// The value.
    pub value: ParameterValue,
    /// What it counts.
    pub unit: Unit,
    /// Whether it differs from the default.
    pub changed: bool,
}

/// A control of a framework that a check answers, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ControlReference {
    /// The framework's id, such as `cis-7.0`.
    pub framework: String,
    /// The control's id in it, such as `2.4`.
    pub control: String,
    /// Whether the mapping is our proposal, and not published by anybody.
    pub proposed: bool,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GapReport {
    /// The account.
    pub account: AccountId,
    /// The topic it belongs to.
    pub topic: Topic,
    /// Why.
    // The same is missing in most accounts of a run, and is kept once.
    pub gap: Arc<Gap>,
    /// The checks with a finding that is not-evaluated for it.
    pub checks: Arc<[SmolStr]>,
}

impl Run {
    /// How many findings have an outcome; excepted failures are counted as failures.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        if let Some(whole) = &self.organization {
            return counted(&whole.totals.outcomes, &outcome);
        }
        self.findings.iter().filter(|finding| finding.outcome == outcome).count()
    }

    /// The check of a finding.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&CheckRun> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// The open failures of a severity.
    #[must_use]
    pub fn open(&self, severity: Severity) -> usize {
        if let Some(whole) = &self.organization {
            return counted(&whole.totals.open, &severity);
        }
        self.findings.iter().filter(|finding| finding.is_open() && finding.severity == severity).count()
    }
}

fn counted<K: Ord>(counts: &BTreeMap<K, u64>, key: &K) -> usize {
    counts.get(key).map_or(0, |count| usize::try_from(*count).unwrap_or(usize::MAX))
}
