//! Several accounts as one picture: how each stands and each organizational unit, what fails in most of them, what only
//! the whole shows, and which accounts nobody could audit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::score::Score;
use crate::{AccountId, Arn, Gap, Outcome, Run, Seen, Severity};

/// The accounts of a run as one picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrganizationRun {
    /// The id of the organization, `o-…`; none where the accounts were named one by one.
    pub id: Option<String>,
    /// The management account, where there is an organization.
    pub management_account: Option<AccountId>,
    /// How many accounts there are, and what became of them.
    pub coverage: AccountCoverage,
    /// Every account, by id, those that were left out among them.
    pub accounts: Vec<AccountStanding>,
    /// The root and the organizational units with their accounts, parents before children.
    pub units: Vec<UnitStanding>,
    /// The checks that fail somewhere, by the number of accounts in which they do, most first.
    pub failing_checks: Vec<FailingCheck>,
    /// The accounts that stand worst, worst first; at most ten.
    pub worst_accounts: Vec<AccountId>,
    /// Central root access; none where there is no organization.
    pub root_access: Option<CentralRootAccess>,
    /// The accounts that run services for the organization, by id; a gap where nobody could read them, none where there is
    /// no organization.
    #[serde(default)]
    pub delegated_administrators: Option<Seen<Vec<DelegatedAccount>>>,
    /// The accounts outside the organization that roles let in, by id. Without an organization: outside the run.
    pub outside_accounts: Vec<OutsideAccount>,
    /// Who becomes an administrator of another account by entering roles, by ARN.
    pub chains: Vec<CrossAccountChain>,
    /// What of the whole could not be judged, and why; each a sentence.
    pub unjudged: Vec<String>,
    /// All findings, counted.
    pub totals: Totals,
}

/// How many accounts there are, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountCoverage {
    /// The accounts of the organization, or those that were named.
    pub accounts: usize,
    /// Those that were read without a gap.
    pub complete: usize,
    /// Those that were read with gaps.
    pub incomplete: usize,
    /// Those that nobody could audit.
    pub failed: usize,
    /// Those that were not asked for.
    pub left_out: usize,
}

/// How an account stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountStanding {
    /// The account.
    pub account: AccountId,
    /// Its name in the organization, else its alias.
    pub name: Option<String>,
    /// The id of the root or organizational unit that holds it.
    pub unit: Option<String>,
    /// What became of its audit.
    pub audit: AccountAudit,
    /// Its score; none where it was not audited.
    pub score: Option<Score>,
    /// Its open failures by severity.
    pub open: BTreeMap<Severity, u64>,
    /// Its findings by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The service control policies in force for it, from the root down; each as `name (id)`.
    pub service_control_policies: Vec<String>,
    /// The resource control policies in force for it, likewise.
    pub resource_control_policies: Vec<String>,
}

/// What became of the audit of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AccountAudit {
    /// Everything that was asked for was read.
    Complete,
    /// It was read, and something could not be.
    Incomplete {
        /// How many gaps there are.
        gaps: usize,
    },
    /// Nobody could audit it.
    Failed {
        /// Why.
        reason: Gap,
    },
    /// It was not asked for.
    LeftOut,
}

/// How the root or an organizational unit stands, with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitStanding {
    /// The id, `r-…` or `ou-…`.
    pub id: String,
    /// The name; `Root` for the root.
    pub name: String,
    /// How far below the root it is.
    pub depth: usize,
    /// The accounts in it and below that were audited.
    pub audited: usize,
    /// The accounts in it and below that nobody could audit.
    pub failed: usize,
    /// The score over all of them.
    pub score: Score,
    /// The open failures of all of them by severity.
    pub open: BTreeMap<Severity, u64>,
}

/// A check that fails somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailingCheck {
    /// The check.
    pub check: String,
    /// The accounts in which it has an open failure.
    pub accounts: usize,
    /// The accounts in which it judged something, or failed.
    pub judged: usize,
    /// Its open failures in all of them.
    pub open: u64,
}

/// Whether root access to members is managed by the organization, and where it is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CentralRootAccess {
    /// The features that are on.
    pub features: Seen<Vec<String>>,
    /// Member accounts whose root user still has credentials of its own.
    pub with_credentials: Vec<AccountId>,
    /// Member accounts of which nobody knows.
    pub unknown: Vec<AccountId>,
}

/// An account that runs services for the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DelegatedAccount {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// The service principals that it runs, such as `guardduty.amazonaws.com`.
    pub services: Vec<String>,
}

/// An account outside that roles let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutsideAccount {
    /// The account: its id, or in words whoever gets in, such as `any account`.
    pub party: String,
    /// Whose it is, where that is well known.
    pub owner: Option<String>,
    /// The roles that let it in.
    pub roles: Vec<Arn>,
}

/// Someone who becomes an administrator of other accounts by entering roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrossAccountChain {
    /// Who sets out.
    pub from: Arn,
    /// Whether this is an administrator of its own account already.
    pub administrator_at_home: bool,
    /// Whether every step is open for sure; else it depends on conditions, or on what nobody has read.
    pub certain: bool,
    /// The accounts it becomes an administrator of.
    pub accounts: Vec<AccountId>,
    /// The shortest of the ways, role by role.
    pub example: Vec<Arn>,
}

/// Findings, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    /// By outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Open failures by severity.
    pub open: BTreeMap<Severity, u64>,
}

impl Totals {
    /// All of them.
    #[must_use]
    pub fn findings(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// Takes in other counts.
    pub fn add(&mut self, outcomes: &BTreeMap<Outcome, u64>, open: &BTreeMap<Severity, u64>) {
        for (outcome, count) in outcomes {
            *self.outcomes.entry(*outcome).or_default() += count;
        }
        for (severity, count) in open {
            *self.open.entry(*severity).or_default() += count;
        }
    }
}

impl OrganizationRun {
    /// The standing of an account.
    #[must_use]
    pub fn account(&self, account: &AccountId) -> Option<&AccountStanding> {
        let at = self.accounts.binary_search_by(|standing| standing.account.cmp(account)).ok()?;
        self.accounts.get(at)
    }
}

impl Run {
    /// The number of all findings, those that a run of very many accounts does not list among them.
    #[must_use]
    pub fn total(&self) -> usize {
        let counted = self.organization.as_ref().map(|whole| whole.totals.findings());
        counted.map_or(self.findings.len(), |count| usize::try_from(count).unwrap_or(usize::MAX))
    }
}
