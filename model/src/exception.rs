//! Exceptions: agreements to live with findings, and what became of each in a run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An agreement to live with a finding, beside the outcome and never in its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exception {
    /// Why it is accepted; empty where nobody wrote it down.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The ticket it was agreed in.
    pub ticket: Option<String>,
    /// The last day on which it holds, a date in UTC; none where it has no end.
    pub expires: Option<String>,
}

/// What became of an exception in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ExceptionState {
    /// It covers at least one failure.
    InForce,
    /// Its last day lies before the snapshot: what it covered is open again.
    Expired,
    /// What it speaks of was judged and nothing of it fails: it can go.
    Unused,
    /// What it speaks of was not judged in this run, so nobody knows whether it is needed.
    NotJudged,
}

impl ExceptionState {
    /// The name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::Expired => "expired",
            Self::Unused => "unused",
            Self::NotJudged => "not-judged",
        }
    }

    /// Whether somebody should do something about the exception.
    #[must_use]
    pub const fn asks_for_attention(self) -> bool {
        matches!(self, Self::Expired | Self::Unused)
    }
}

impl fmt::Display for ExceptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An exception as a run met it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExceptionReport {
    /// The checks it speaks of: an id, `family:NAME`, or a pattern with `*` and `?`.
    pub check: String,
    /// The resources: a whole ARN or what stands behind its account, with `*` and `?`.
    pub resource: String,
    /// The accounts: an id, with `*` and `?`.
    pub account: String,
    /// What was agreed.
    pub agreement: Exception,
    /// What became of it.
    pub state: ExceptionState,
    /// How many failures it covers, or covered until it expired.
    pub findings: u64,
}
