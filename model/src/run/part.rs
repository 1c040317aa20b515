//! What is kept of one account of many: enough to assemble the whole, without its evidence and its findings.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::organization::AccountAudit;
use super::{AccountRun, GapReport};
use crate::credentials::UserCredentials;
use crate::score::Tallies;
use crate::{AccountId, Arn, ExceptionReport, Finding, Gap, Outcome, Severity};

/// An account that was audited, or that could not be, without its findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPart {
    /// The account and how it was read.
    pub account: AccountRun,
    /// Why nobody could audit it; none where it was audited.
    pub failure: Option<Gap>,
    /// What could not be read.
    pub gaps: Vec<GapReport>,
    /// What became of each exception.
    #[serde(default)]
    pub exceptions: Vec<ExceptionReport>,
    /// The credentials of its users.
    #[serde(default)]
    pub credentials: Vec<UserCredentials>,
    /// What came of each check.
    pub checks: BTreeMap<String, CheckPart>,
    /// What its score is made of.
    pub tallies: Tallies,
    /// What it contributes to questions about the whole.
    pub footprint: Footprint,
}

/// What came of a check in an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckPart {
    /// Findings by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Open failures by severity.
    pub open: BTreeMap<Severity, u64>,
}

/// What an account contributes to questions about the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footprint {
    /// Roles that let in somebody of another account.
    pub doors: Vec<Door>,
    /// Why the doors are not known; none where they are.
    pub unread: Option<String>,
    /// Whether the root user has credentials of its own; none where it is not known.
    pub root_credentials: Option<bool>,
}

/// A role that lets in somebody of another account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The role.
    pub role: Arn,
    /// Its trust policy.
    pub trust: String,
    /// The accounts that it names.
    pub accounts: BTreeSet<AccountId>,
    /// Who else gets in, in words, such as `any account`.
    pub crowds: BTreeSet<String>,
    /// Whether members of the organization get in, of whichever account.
    pub organization: bool,
    /// Whether whoever enters is, or can become, an administrator: for sure, or perhaps; none where not.
    pub administrator: Option<bool>,
}

impl AccountPart {
    /// Counts the findings of an account.
    #[must_use]
    pub fn new(account: AccountRun, failure: Option<Gap>, gaps: Vec<GapReport>, footprint: Footprint) -> Self {
        Self {
            account,
            failure,
            gaps,
            exceptions: Vec::new(),
            credentials: Vec::new(),
            checks: BTreeMap::new(),
            tallies: Tallies::default(),
            footprint,
        }
    }

    /// Counts findings, best in their order.
    pub fn count_all(&mut self, findings: &[Finding]) {
        self.tallies.count_all(findings);
        let key = |finding: &Finding| (finding.outcome, finding.severity, finding.is_open());
        for alike in findings.chunk_by(|a, b| key(a) == key(b) && a.check == b.check) {
            let Some(first) = alike.first() else { continue };
            let part = match self.checks.get_mut(first.check.as_str()) {
                Some(part) => part,
                None => self.checks.entry(first.check.to_string()).or_default(),
            };
            *part.outcomes.entry(first.outcome).or_default() += alike.len() as u64;
            if first.is_open() {
                *part.open.entry(first.severity).or_default() += alike.len() as u64;
            }
        }
    }

    /// What became of the audit.
    #[must_use]
    pub fn audit(&self) -> AccountAudit {
        match &self.failure {
            Some(reason) => AccountAudit::Failed { reason: reason.clone() },
            None => match self.gaps.iter().filter(|report| report.gap.is_unread()).count() {
                0 => AccountAudit::Complete,
                gaps => AccountAudit::Incomplete { gaps },
            },
        }
    }
}
