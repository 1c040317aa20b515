//! What a run says of a framework: every control, its verdict, and what the verdict rests on.
//!
//! The verdict of a control follows from one rule, the first line that holds:
//!
//! | verdict | where |
//! | --- | --- |
//! | `out-of-scope` | the control is left to other tools; its text says why |
//! | `manual` | no check can answer it; its text says what a person looks at |
//! | `not-answered` | the checks meant for it are in no release yet |
//! | `fail` | a check of the control fails anywhere, accepted or not |
//! | `not-evaluated` | a check could not be evaluated on something, or did not run |
//! | `manual` | whatever its checks say, they say that a person must look |
//! | `partly` | what could be judged passes or does not apply, but a person must look at more, or more checks are meant for it than this release has |
//! | `pass` | every check that applies passes, and at least one does |
//! | `not-applicable` | no check finds anything that it applies to |

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Outcome, Region, ResourceKind, Timestamp};

/// The verdict on a control; the [module](self) tells the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ControlVerdict {
    /// A check of the control fails.
    Fail,
    /// Nobody knows: evidence is missing, or a check did not run.
    NotEvaluated,
    /// What could be judged is in order, and that is not all of the control.
    Partly,
    /// A person must look.
    Manual,
    /// The checks meant for it are in no release yet.
    NotAnswered,
    /// Every check that applies passes.
    Pass,
    /// There is nothing that the control applies to.
    NotApplicable,
    /// Left to other tools.
    OutOfScope,
}

impl ControlVerdict {
    /// All verdicts, those that ask for attention first.
    pub const ALL: [Self; 8] = [
        Self::Fail,
        Self::NotEvaluated,
        Self::Partly,
        Self::Manual,
        Self::NotAnswered,
        Self::Pass,
        Self::NotApplicable,
        Self::OutOfScope,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotEvaluated => "not-evaluated",
            Self::Partly => "partly",
            Self::Manual => "manual",
            Self::NotAnswered => "not-answered",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
            Self::OutOfScope => "out-of-scope",
        }
    }
}

impl fmt::Display for ControlVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A framework, answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FrameworkRun {
    /// The id, such as `cis-7.0`.
    pub id: String,
    /// The name.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// The version.
    pub version: String,
    /// Where list and mapping were taken from.
    pub source: String,
    /// Every control, in the framework's order; those of a section stand together.
    pub controls: Vec<ControlRun>,
    /// How many controls have which verdict; verdicts that did not occur are left out.
    pub verdicts: BTreeMap<ControlVerdict, u64>,
}

/// A control, answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ControlRun {
    /// The id in the framework, such as `2.4`.
    pub id: String,
    /// What it demands, in our own words.
    pub title: String,
    /// The section it stands in; empty where the framework has none.
    pub section: String,
    /// The verdict.
    pub verdict: ControlVerdict,
    /// What the verdict means here, in a sentence: for a control without checks what to look at, or why it is left out.
    pub reason: String,
    /// The checks behind it, in the order of the framework.
    pub checks: Vec<ControlCheck>,
    /// The ids of checks that are meant for it and that this release does not have.
    pub planned: Vec<String>,
    /// The verdict in each account, where there are checks.
    pub accounts: Vec<ControlAccount>,
    /// What the verdict rests on; nothing where no check of it ran.
    pub observed: Option<Observed>,
}

/// A check behind a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ControlCheck {
    /// The id of the check.
    pub check: String,
    /// Its title.
    pub title: String,
    /// Whether the mapping is our proposal, and not published by anybody.
    pub proposed: bool,
    /// Whether it ran.
    pub ran: bool,
    /// How many findings had which outcome; outcomes that did not occur are left out.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// How many of the failures somebody has agreed to live with.
    pub accepted: u64,
}

/// A control in one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ControlAccount {
    /// The account.
    pub account: AccountId,
    /// The verdict there.
    pub verdict: ControlVerdict,
}

/// What was looked at, where and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Observed {
    /// How many findings there are on which kind of resource.
    pub resources: BTreeMap<ResourceKind, u64>,
    /// The API operations that the verdicts rest on, as `service:Operation`, sorted.
    pub operations: Vec<String>,
    /// The Regions that verdicts are about; empty where they are about whole accounts.
    pub regions: Vec<Region>,
    /// When the oldest of the evidence was read.
    pub first: Timestamp,
    /// When the newest of the evidence that each verdict goes by was read.
    pub last: Timestamp,
}

impl FrameworkRun {
    /// The sections in the framework's order, each with its controls.
    pub fn sections(&self) -> impl Iterator<Item = &[ControlRun]> {
        self.controls.chunk_by(|a, b| a.section == b.section)
    }

    /// How many controls have a verdict.
    #[must_use]
    pub fn count(&self, verdict: ControlVerdict) -> u64 {
        self.verdicts.get(&verdict).copied().unwrap_or_default()
    }
}

impl ControlCheck {
    /// How many findings of the check had an outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }
}
