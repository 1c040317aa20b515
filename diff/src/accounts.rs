//! Which accounts two runs have in common, and what became of the others.

use std::collections::{BTreeMap, BTreeSet};

use probity_model::run::organization::{AccountAudit, AccountStanding};
use probity_model::{AccountId, Run};
use serde::Serialize;

use crate::{FindingChange, FindingChangeKind};

/// What became of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountChangeKind {
    /// Both runs read it: its findings are compared.
    Compared,
    /// Only the new run has it.
    Came,
    /// The old run knew it and did not read it; the new one did.
    ReadNow,
    /// The new run knows it and did not read it: nobody knows how it stands now.
    NotReadNow,
    /// Only the old run has it.
    Went,
}

/// An account of either run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountChange {
    /// The account.
    pub account: AccountId,
    /// Its name in the organization, else its alias, as the new run has it, else as the old one.
    pub name: Option<String>,
    /// What became of it.
    pub kind: AccountChangeKind,
    /// Why it was not read, where it was not.
    pub reason: Option<String>,
    /// Its score in the old run, where that has one for it.
    pub old_score: Option<u8>,
    /// Its score in the new run, likewise.
    pub new_score: Option<u8>,
    /// How many of its findings are not as they were, by what became of them.
    pub findings: BTreeMap<FindingChangeKind, u64>,
}

/// What a run says of its accounts.
pub(crate) struct Accounts<'r> {
    run: &'r Run,
    read: BTreeSet<&'r AccountId>,
    standings: BTreeMap<&'r AccountId, &'r AccountStanding>,
}

impl<'r> Accounts<'r> {
    pub(crate) fn of(run: &'r Run) -> Self {
        let standings = run.organization.iter().flat_map(|whole| &whole.accounts);
        Self {
            run,
            read: run.accounts.iter().map(|account| &account.account).collect(),
            standings: standings.map(|standing| (&standing.account, standing)).collect(),
        }
    }

    /// Whether it was read.
    pub(crate) fn read(&self, account: &AccountId) -> bool {
        self.read.contains(account)
    }

    /// Whether the run knows of it at all.
    pub(crate) fn knows(&self, account: &AccountId) -> bool {
        self.read(account) || self.standings.contains_key(account)
    }

    /// Why it was not read.
    pub(crate) fn reason(&self, account: &AccountId) -> Option<String> {
        match &self.standings.get(account)?.audit {
            AccountAudit::Failed { reason } => Some(reason.to_string()),
            AccountAudit::LeftOut => Some("it was not asked for".to_owned()),
            AccountAudit::Complete | AccountAudit::Incomplete { .. } => None,
        }
    }

    fn name(&self, account: &AccountId) -> Option<String> {
        let of_organization = self.standings.get(account).and_then(|standing| standing.name.clone());
        let alias = || self.run.accounts.iter().find(|one| one.account == *account)?.alias.clone();
        of_organization.or_else(alias)
    }

    fn score(&self, account: &AccountId) -> Option<u8> {
        match self.standings.get(account) {
            Some(standing) => standing.score.as_ref()?.value,
            // The score of a run is that of its account where it has one alone.
            None if self.read(account) && self.read.len() == 1 => self.run.score.value,
            None => None,
        }
    }

    fn all(&self) -> impl Iterator<Item = &'r AccountId> {
        self.read.iter().copied().chain(self.standings.keys().copied())
    }
}

/// Every account that one of the runs read, by its id, with what became of it.
pub(crate) fn changes(old: &Accounts<'_>, new: &Accounts<'_>, findings: &[FindingChange]) -> Vec<AccountChange> {
    let mut counts: BTreeMap<&AccountId, BTreeMap<FindingChangeKind, u64>> = BTreeMap::new();
    for finding in findings {
        *counts.entry(&finding.account).or_default().entry(finding.kind).or_default() += 1;
    }
    let ids: BTreeSet<&AccountId> = old.all().chain(new.all()).collect();
    let change = |account: &AccountId| {
        let kind = match (old.read(account), new.read(account)) {
            (true, true) => AccountChangeKind::Compared,
            (false, true) if old.knows(account) => AccountChangeKind::ReadNow,
            (false, true) => AccountChangeKind::Came,
            (true, false) if new.knows(account) => AccountChangeKind::NotReadNow,
            (true, false) => AccountChangeKind::Went,
            // Nobody read it either time: there is nothing to compare.
            (false, false) => return None,
        };
        Some(AccountChange {
            account: account.clone(),
            name: new.name(account).or_else(|| old.name(account)),
            kind,
            reason: if kind == AccountChangeKind::NotReadNow { new.reason(account) } else { None },
            old_score: old.score(account),
            new_score: new.score(account),
            findings: counts.get(account).cloned().unwrap_or_default(),
        })
    };
    ids.into_iter().filter_map(change).collect()
}
