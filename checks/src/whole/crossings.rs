//! Who becomes an administrator of another account by entering roles.
//!
//! The doors of all accounts are known beforehand, small as they are. Who may go through one is asked of the accounts that
//! its trust policy speaks of, one after the other, so that no two accounts need to be held at once: first of the doors
//! that lead to an administrator, then of those that lead to whoever may go through such a door, and so on.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::{Access, ForeignRole, Truth};
use probity_model::facts::organization::{OrganizationPolicy, OrganizationTree};
use probity_model::facts::{OrganizationMembership, OrganizationPolicies, OrganizationStructure};
use probity_model::run::organization::CrossAccountChain;
use probity_model::run::part::{AccountPart, Door};
use probity_model::{
    AccountId, Arn, Evidence, Finding, FindingHead, Fingerprint, Gap, GapKind, Outcome, Snapshot, Timestamp, Topic,
};
use probity_policy::{Context, Target};

use crate::registry::Entry;

/// The longest chain that is looked for, in roles: as that of `privesc-assume-chain` by default.
const LONGEST: usize = 4;

/// A door as those meet it who want to go through.
struct Doorway {
    role: ForeignRole,
    account: AccountId,
    door: Door,
}

/// A step from a principal into a role.
#[derive(Clone)]
struct Step {
    to: Arn,
    is_certain: bool,
}

/// What is known of somebody who may go through a door.
struct Known {
    administrator: bool,
    observed_at: Timestamp,
}

/// The search for chains. Add every account of the run, then ask for [`Crossings::round`] until it gives no account, and
/// show it each.
pub struct Crossings<'w> {
    /// The organization's tree and its policies, where both were read.
    above: Option<(&'w OrganizationTree, &'w [OrganizationPolicy])>,
    /// The account that no policy of the organization binds.
    management: Option<&'w AccountId>,
    doors: Vec<Doorway>,
    /// The accounts of the run that were read.
    readable: BTreeSet<AccountId>,
    /// The doors to ask about in this round.
    current: BTreeSet<usize>,
    /// Those that were asked about.
    asked: BTreeSet<usize>,
    /// Roles from which a door was found open, to be led to in the next round.
    sources: BTreeSet<Arn>,
    steps: BTreeMap<Arn, Vec<Step>>,
    known: BTreeMap<Arn, Known>,
    rounds: usize,
    /// Accounts that a door names and that nobody could read.
    unread: BTreeSet<AccountId>,
}

impl<'w> Crossings<'w> {
    /// The search among no account yet. `above` is what was read of the organization.
    #[must_use]
    pub fn new(above: Option<&'w Snapshot>) -> Self {
        let tree = above.and_then(|snapshot| match snapshot.facts.organization_structure.get() {
            Ok(OrganizationStructure::Tree(tree)) => Some(tree),
            _ => None,
        });
        let policies = above.and_then(|snapshot| match snapshot.facts.organization_policies.get() {
            Ok(OrganizationPolicies::Policies(policies)) => Some(policies.as_slice()),
            _ => None,
        });
        let management = above.and_then(|snapshot| match snapshot.facts.organization_membership.get() {
            Ok(OrganizationMembership::Member(organization)) => Some(&organization.management_account),
            _ => None,
        });
        Self {
            above: tree.zip(policies),
            management,
            current: BTreeSet::new(),
            doors: Vec::new(),
            readable: BTreeSet::new(),
            asked: BTreeSet::new(),
            sources: BTreeSet::new(),
            steps: BTreeMap::new(),
            known: BTreeMap::new(),
            rounds: 0,
            unread: BTreeSet::new(),
        }
    }

    /// Adds an account of the run, audited or not.
    pub fn add(&mut self, part: &AccountPart) {
        let account = &part.account.account;
        // No resource control policy binds the management account.
        let above = self.above.filter(|_| self.management != Some(account));
        for door in &part.footprint.doors {
            // The search begins at the doors that lead to an administrator.
            if door.administrator.is_some() {
                self.current.insert(self.doors.len());
            }
            let role = ForeignRole::new(door.role.clone(), &door.trust, above);
            self.doors.push(Doorway { role, account: account.clone(), door: door.clone() });
        }
        if part.failure.is_none() && part.footprint.unread.is_none() {
            self.readable.insert(account.clone());
        }
    }

    /// The accounts to look at next; none once the search is over.
    pub fn round(&mut self) -> Vec<AccountId> {
        if self.rounds > 0 {
            self.asked.append(&mut self.current);
            let sources = core::mem::take(&mut self.sources);
            let leads = |at: &usize| self.doors.get(*at).is_some_and(|one| sources.contains(&one.door.role));
            self.current = (0..self.doors.len()).filter(|at| !self.asked.contains(at) && leads(at)).collect();
        }
        if self.rounds == LONGEST {
            return Vec::new();
        }
        self.rounds += 1;
        let mut accounts = BTreeSet::new();
        for at in &self.current {
            let Some(target) = self.doors.get(*at) else { continue };
            if target.door.organization || !target.door.crowds.is_empty() {
                accounts.extend(self.readable.iter().cloned());
            }
            for account in &target.door.accounts {
                if self.readable.contains(account) {
                    accounts.insert(account.clone());
                } else {
                    self.unread.insert(account.clone());
                }
            }
        }
        accounts.into_iter().collect()
    }

    /// Looks at an account: who of it goes through the doors of this round?
    pub fn visit(&mut self, evidence: &Evidence<'_>) {
        let Ok(access) = evidence.inferred::<Access>() else { return };
        let snapshot = evidence.snapshot();
        let able = access.who_enters_roles();
        let read = snapshot.observed_at.get(&Topic::AuthorizationDetails).copied();
        let observed_at = read.unwrap_or(snapshot.taken_at);
        let mut entering: Vec<&probity_access::Principal> = Vec::new();
        for target in self.current.iter().filter_map(|at| self.doors.get(*at)) {
            if target.account == snapshot.account || !target.role.may_let_in(&snapshot.account) {
                continue;
            }
            for principal in &able {
                let decision = access.enters(principal, &target.role);
                if decision.is_denied() {
                    continue;
                }
                let step = Step { to: target.door.role.clone(), is_certain: decision.is_allowed() };
                self.steps.entry(principal.arn().clone()).or_default().push(step);
                entering.push(principal);
            }
        }
        // Whoever may enter such a role of the account comes as far as it does.
        let mut reached = BTreeSet::new();
        for _ in 0..LONGEST {
            let mut before = Vec::new();
            for principal in entering {
                if !reached.insert(principal.arn().clone()) {
                    continue;
                }
                let administrator = access.administrator(principal).is_some_and(|one| one.certainty == Truth::Yes);
                self.known.entry(principal.arn().clone()).or_insert(Known { administrator, observed_at });
                if principal.is_user() {
                    continue;
                }
                self.sources.insert(principal.arn().clone());
                for other in &able {
                    let role = Target::One(principal.arn().as_str());
                    let decision = access.can(other, "sts:AssumeRole", role, &Context::partial());
                    if other.arn() == principal.arn() || decision.is_denied() {
                        continue;
                    }
                    let step = Step { to: principal.arn().clone(), is_certain: decision.is_allowed() };
                    let steps = self.steps.entry(other.arn().clone()).or_default();
                    if steps.iter().all(|known| known.to != step.to) {
                        steps.push(step);
                    }
                    before.push(*other);
                }
            }
            entering = before;
        }
    }

    /// The chains that were found, by who sets out; the sure ones first.
    #[must_use]
    pub fn chains(&self) -> Vec<CrossAccountChain> {
        let strength: BTreeMap<&Arn, bool> =
            self.doors.iter().filter_map(|target| Some((&target.door.role, target.door.administrator?))).collect();
        let mut chains = Vec::new();
        for (from, known) in &self.known {
            let mut sure = BTreeSet::new();
            for is_certain in [true, false] {
                let found = self.reached(from, is_certain, &strength);
                let new = |account: &&AccountId| !sure.contains(*account);
                let accounts: Vec<AccountId> = found.keys().filter(new).cloned().collect();
                let shortest = found.iter().filter(|(account, _)| accounts.contains(account)).map(|(_, way)| way);
                let Some(example) = shortest.min_by_key(|way| way.len()).cloned() else { continue };
                sure.extend(accounts.iter().cloned());
                chains.push(CrossAccountChain {
                    from: from.clone(),
                    administrator_at_home: known.administrator,
                    certain: is_certain,
                    accounts,
                    example,
                });
            }
        }
        chains
    }

    /// The accounts that somebody becomes an administrator of, with the shortest way into each.
    fn reached(&self, from: &Arn, sure: bool, strength: &BTreeMap<&Arn, bool>) -> BTreeMap<AccountId, Vec<Arn>> {
        let mut found: BTreeMap<AccountId, Vec<Arn>> = BTreeMap::new();
        let mut seen = BTreeSet::from([from]);
        let mut open = VecDeque::from([(from, Vec::new())]);
        while let Some((at, way)) = open.pop_front() {
            for step in self.steps.get(at).into_iter().flatten().filter(|step| step.is_certain || !sure) {
                if !seen.insert(&step.to) {
                    continue;
                }
                let mut longer: Vec<Arn> = way.clone();
                longer.push(step.to.clone());
                let leads = strength.get(&step.to).is_some_and(|certain| *certain || !sure);
                if let (true, Ok(account)) =
                    (leads && step.to.account() != from.account(), AccountId::try_from(step.to.account()))
                {
                    found.entry(account).or_insert_with(|| longer.clone());
                }
                if longer.len() < LONGEST {
                    open.push_back((&step.to, longer));
                }
            }
        }
        found
    }

    /// What kept the search from seeing everything; each a sentence.
    #[must_use]
    pub fn unjudged(&self) -> Vec<String> {
        let unread: Vec<&str> = self.unread.iter().map(AccountId::as_str).collect();
        let sentence = |accounts: &[&str]| {
            let (some, more) = accounts.split_at(accounts.len().min(5));
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            format!(
                "Who of the accounts {}{more} enters roles of the accounts that were audited is not known: they are trusted, \
                 and were not read.",
                some.join(", ")
            )
        };
        if unread.is_empty() { Vec::new() } else { [sentence(&unread)].into() }
    }

    /// The chains as findings of the check of chains, for those who are not administrators at home.
    #[must_use]
    pub fn findings(&self, chains: &[CrossAccountChain], entry: &Entry) -> Vec<Finding> {
        chains
            .iter()
            .filter(|chain| !chain.administrator_at_home)
            .filter_map(|chain| self.finding(chain, entry))
            .collect()
    }

    fn finding(&self, chain: &CrossAccountChain, entry: &Entry) -> Option<Finding> {
        let account = AccountId::try_from(chain.from.account()).ok()?;
        let discriminator = if chain.certain { "other accounts" } else { "other accounts, perhaps" };
        let accounts: Vec<&str> = chain.accounts.iter().map(AccountId::as_str).collect();
        let steps: Vec<&str> = chain.example.iter().map(Arn::as_str).collect();
        let others = match accounts.as_slice() {
            [one] => format!("the account {one}"),
            several => format!("{} accounts", several.len()),
        };
        let (outcome, message) = if chain.certain {
            (Outcome::Fail, format!("becomes an administrator of {others} by entering roles: {}", steps.join(" -> ")))
        } else {
            let message =
                format!("may perhaps become an administrator of {others} by entering roles: {}", steps.join(" -> "));
            (Outcome::NotEvaluated, message)
        };
        let gap = (!chain.certain).then(|| Gap {
            kind: GapKind::Undecided,
            operation: None,
            region: None,
            code: None,
            message: message.clone(),
        });
        let evidence = [("accounts", accounts.join(", ")), ("chain", steps.join(" -> "))];
        let head = FindingHead {
            check: entry.meta.id.into(),
            family: entry.meta.family,
            title: entry.meta.title.into(),
            account: account.clone(),
            operations: entry.operations().iter().map(alloc::string::ToString::to_string).collect(),
            observed_at: self.known.get(&chain.from)?.observed_at,
        };
        Some(Finding {
            severity: entry.meta.severity,
            outcome,
            region: None,
            resource_kind: entry.meta.resource,
            resource: chain.from.clone(),
            discriminator: discriminator.into(),
            message: message.into(),
            evidence: evidence
                .into_iter()
                .map(|(key, value)| probity_model::finding::EvidenceItem { key: key.into(), value: value.into() })
                .collect(),
            gap: gap.map(Into::into),
            exception: None,
            history: None,
            fingerprint: Fingerprint::of(&[entry.meta.id, account.as_str(), "", chain.from.as_str(), discriminator]),
            head: head.into(),
        })
    }
}

#[cfg(test)]
mod tests;
