//! How several accounts stand together: worked out here, so that renderers only write.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;

use probity_model::facts::organization::{
    OrganizationAccount, OrganizationPolicy, OrganizationPolicyKind, OrganizationTree,
};
use probity_model::facts::organization_administration::DelegatedAdministrator;
use probity_model::facts::{
    OrganizationMembership, OrganizationPolicies, OrganizationServices, OrganizationStructure, RootAccessFeatures,
};
use probity_model::run::organization::{
    AccountAudit, AccountCoverage, AccountStanding, CentralRootAccess, CrossAccountChain, DelegatedAccount,
    FailingCheck, OrganizationRun, OutsideAccount, Totals, UnitStanding,
};
use probity_model::run::part::{AccountPart, CheckPart};
use probity_model::score::Tallies;
use probity_model::{AccountId, Arn, Outcome, Seen, Severity, Snapshot};

use crate::known_accounts;
use crate::registry::Entry;
use crate::settings::Settings;

/// How many accounts are named as those that stand worst.
const WORST: usize = 10;

/// The picture while accounts are added to it: it grows by how an account stands, not by what was found there.
pub struct Picture<'w> {
    organization: Option<&'w Snapshot>,
    above: Above<'w>,
    severities: BTreeMap<&'w str, Severity>,
    totals: Totals,
    standings: BTreeMap<AccountId, AccountStanding>,
    units: BTreeMap<&'w str, UnitSum>,
    failing: BTreeMap<String, FailingCheck>,
    /// The accounts that roles let in and that the organization does not list, and those roles.
    strangers: BTreeMap<AccountId, BTreeSet<Arn>>,
    /// Whoever else roles let in, in words, and those roles.
    crowds: BTreeMap<String, BTreeSet<Arn>>,
    root_credentials: BTreeMap<AccountId, Option<bool>>,
    /// Why it is not known which roles of an account others can enter.
    unread: BTreeMap<AccountId, String>,
}

/// What the root or an organizational unit holds.
#[derive(Default)]
struct UnitSum {
    tallies: Tallies,
    totals: Totals,
    audited: usize,
    failed: usize,
}

/// What was read of the organization, as far as it was.
struct Above<'w> {
    membership: Option<&'w probity_model::facts::organization::Organization>,
    tree: Option<&'w OrganizationTree>,
    /// The accounts of the tree.
    listed: BTreeMap<&'w AccountId, &'w OrganizationAccount>,
    policies: &'w [OrganizationPolicy],
}

impl<'w> Above<'w> {
    fn of(snapshot: Option<&'w Snapshot>) -> Self {
        let membership = snapshot.and_then(|one| one.facts.organization_membership.get().ok());
        let structure = snapshot.and_then(|one| one.facts.organization_structure.get().ok());
        let policies = snapshot.and_then(|one| one.facts.organization_policies.get().ok());
        let tree = structure.and_then(|one| match one {
            OrganizationStructure::Tree(tree) => Some(tree),
            OrganizationStructure::NoOrganization => None,
        });
        Self {
            membership: membership.and_then(OrganizationMembership::organization),
            tree,
            listed: tree.into_iter().flat_map(|tree| &tree.accounts).map(|entry| (&entry.id, entry)).collect(),
            policies: match policies {
                Some(OrganizationPolicies::Policies(policies)) => policies,
                _ => &[],
            },
        }
    }

    fn is_management(&self, account: &AccountId) -> bool {
        self.membership.is_some_and(|organization| organization.management_account == *account)
    }

    /// The policies of a kind in force for an account, from the root down.
    fn in_force(&self, account: &AccountId, kind: OrganizationPolicyKind) -> Vec<String> {
        let Some(tree) = self.tree.filter(|tree| tree.enabled_policy_types.contains(kind.api_name())) else {
            return Vec::new();
        };
        if self.is_management(account) {
            return Vec::new();
        }
        let mut names = Vec::new();
        for level in tree.path_of(account) {
            let here = self.policies.iter().filter(|policy| policy.kind == kind);
            for policy in here.filter(|policy| policy.targets.iter().any(|target| target == level)) {
                let name = format!("{} ({})", policy.name, policy.id);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}

impl<'w> Picture<'w> {
    /// Of no account yet. `organization` is what was read of it, none where the accounts were named one by one; `checks` are
    /// those that ran.
    #[must_use]
    pub fn new(organization: Option<&'w Snapshot>, checks: &[&'w Entry], settings: &Settings) -> Self {
        Self {
            organization,
            above: Above::of(organization),
            severities: checks.iter().map(|entry| (entry.meta.id, settings.severity(entry))).collect(),
            totals: Totals::default(),
            standings: BTreeMap::new(),
            units: BTreeMap::new(),
            failing: BTreeMap::new(),
            strangers: BTreeMap::new(),
            crowds: BTreeMap::new(),
            root_credentials: BTreeMap::new(),
            unread: BTreeMap::new(),
        }
    }

    /// Adds an account of the run, audited or not.
    pub fn add(&mut self, part: &AccountPart) {
        let account = &part.account.account;
        let mut totals = Totals::default();
        for (id, check) in &part.checks {
            totals.add(&check.outcomes, &check.open);
            self.count(id, check);
        }
        self.totals.add(&totals.outcomes, &totals.open);
        self.add_to_units(part, &totals);
        self.root_credentials.insert(account.clone(), part.footprint.root_credentials);
        if let Some(reason) = part.footprint.unread.as_ref().filter(|_| part.failure.is_none()) {
            self.unread.insert(account.clone(), reason.clone());
        }
        for door in &part.footprint.doors {
            let strangers = door.accounts.iter().filter(|account| !self.above.listed.contains_key(account));
            for stranger in strangers {
                self.strangers.entry(stranger.clone()).or_default().insert(door.role.clone());
            }
            for crowd in &door.crowds {
                self.crowds.entry(crowd.clone()).or_default().insert(door.role.clone());
            }
        }
        let score = part.failure.is_none().then(|| part.tallies.score(|id| self.severities.get(id).copied()));
        let mut standing = self.standing(account, part.audit());
        standing.name = standing.name.or_else(|| part.account.alias.clone());
        standing.score = score;
        standing.open = totals.open;
        standing.outcomes = totals.outcomes;
        self.standings.insert(account.clone(), standing);
    }

    fn count(&mut self, id: &str, check: &CheckPart) {
        let none = || FailingCheck { check: id.to_owned(), accounts: 0, judged: 0, open: 0 };
        let sum = self.failing.entry(id.to_owned()).or_insert_with(none);
        let open: u64 = check.open.values().sum();
        sum.open += open;
        sum.accounts += usize::from(open > 0);
        let judged = [Outcome::Pass, Outcome::Fail].iter().any(|outcome| check.outcomes.contains_key(outcome));
        sum.judged += usize::from(judged);
    }

    fn add_to_units(&mut self, part: &AccountPart, totals: &Totals) {
        let account = &part.account.account;
        let Some(tree) = self.above.tree else { return };
        for level in tree.path_of(account).into_iter().filter(|id| *id != account.as_str()) {
            let sum = self.units.entry(level).or_default();
            if part.failure.is_some() {
                sum.failed += 1;
                continue;
            }
            sum.audited += 1;
            sum.tallies.add(&part.tallies);
            sum.totals.add(&totals.outcomes, &totals.open);
        }
    }

    /// How an account stands of which nothing is known but its place.
    fn standing(&self, account: &AccountId, audit: AccountAudit) -> AccountStanding {
        let entry = self.above.listed.get(account);
        AccountStanding {
            account: account.clone(),
            name: entry.map(|entry| entry.name.clone()).filter(|name| !name.is_empty()),
            unit: entry.map(|entry| entry.parent.clone()),
            audit,
            score: None,
            open: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            service_control_policies: self.above.in_force(account, OrganizationPolicyKind::ServiceControl),
            resource_control_policies: self.above.in_force(account, OrganizationPolicyKind::ResourceControl),
        }
    }

    /// The picture of all accounts that were added, with the chains of roles among them and what of those is not known.
    #[must_use]
    pub fn run(mut self, chains: Vec<CrossAccountChain>, not_known: Vec<String>) -> OrganizationRun {
        let of_run: BTreeSet<AccountId> = self.standings.keys().cloned().collect();
        for account in self.above.listed.keys().filter(|account| !of_run.contains(account)) {
            let left_out = self.standing(account, AccountAudit::LeftOut);
            self.standings.insert((*account).clone(), left_out);
        }
        self.strangers.retain(|account, _| !of_run.contains(account));
        let accounts: Vec<AccountStanding> = core::mem::take(&mut self.standings).into_values().collect();
        let count = |wanted: fn(&AccountAudit) -> bool| accounts.iter().filter(|one| wanted(&one.audit)).count();
        let coverage = AccountCoverage {
            accounts: accounts.len(),
            complete: count(|audit| *audit == AccountAudit::Complete),
            incomplete: count(|audit| matches!(audit, AccountAudit::Incomplete { .. })),
            failed: count(|audit| matches!(audit, AccountAudit::Failed { .. })),
            left_out: count(|audit| *audit == AccountAudit::LeftOut),
        };
        let membership = self.above.membership;
        OrganizationRun {
            id: membership.map(|organization| organization.id.clone()),
            management_account: membership.map(|organization| organization.management_account.clone()),
            coverage,
            unjudged: self.unjudged(coverage, not_known),
            units: self.unit_standings(),
            failing_checks: self.failing_checks(),
            worst_accounts: worst(&accounts),
            root_access: self.organization.map(|snapshot| self.root_access(snapshot)),
            delegated_administrators: self.organization.and_then(delegated),
            outside_accounts: self.outside(),
            chains,
            totals: self.totals,
            accounts,
        }
    }

    fn unjudged(&self, coverage: AccountCoverage, not_known: Vec<String>) -> Vec<String> {
        let mut unjudged = Vec::new();
        if let Some(gap) = self.organization.and_then(|one| one.facts.organization_policies.gap()) {
            unjudged.push(format!("Which policies of the organization are in force is not known: {gap}"));
        }
        let doors = |(account, reason): (&AccountId, &String)| {
            format!("Which roles of {account} other accounts can enter is not known: {reason}")
        };
        unjudged.extend(self.unread.iter().map(doors));
        if coverage.failed > 0 {
            let (number, verb) = if coverage.failed == 1 {
                ("one account".to_owned(), "was")
            } else {
                (format!("{} accounts", coverage.failed), "were")
            };
            unjudged
                .push(format!("Whether chains of roles lead through {number} that {verb} not audited is not known."));
        }
        unjudged.extend(not_known);
        unjudged
    }

    /// The root and its units, each followed by what is below it, by name.
    fn unit_standings(&mut self) -> Vec<UnitStanding> {
        let Some(tree) = self.above.tree else { return Vec::new() };
        let mut found = Vec::new();
        let mut open = Vec::from([(tree.root.as_str(), "Root", 0_usize)]);
        // A tree that was tampered with may go round; each unit is met once.
        let mut seen = BTreeSet::new();
        while let Some((id, name, depth)) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let sum = self.units.remove(id).unwrap_or_default();
            found.push(UnitStanding {
                id: id.to_owned(),
                name: name.to_owned(),
                depth,
                audited: sum.audited,
                failed: sum.failed,
                score: sum.tallies.score(|id| self.severities.get(id).copied()),
                open: sum.totals.open,
            });
            let mut below: Vec<_> = tree.units.iter().filter(|unit| unit.parent == id).collect();
            below.sort_by(|a, b| (&b.name, &b.id).cmp(&(&a.name, &a.id)));
            open.extend(below.into_iter().map(|unit| (unit.id.as_str(), unit.name.as_str(), depth + 1)));
        }
        found
    }

    fn failing_checks(&mut self) -> Vec<FailingCheck> {
        let counted = core::mem::take(&mut self.failing);
        let mut failing: Vec<FailingCheck> = counted.into_values().filter(|check| check.accounts > 0).collect();
        failing.sort_by(|a, b| {
            let severity_of = |one: &FailingCheck| self.severities.get(one.check.as_str()).copied();
            let key = |one: &FailingCheck| (Reverse(one.accounts), Reverse(severity_of(one)), Reverse(one.open));
            key(a).cmp(&key(b)).then_with(|| a.check.cmp(&b.check))
        });
        failing
    }

    fn root_access(&self, snapshot: &Snapshot) -> CentralRootAccess {
        let features = match snapshot.facts.root_access_features.get() {
            Ok(RootAccessFeatures::Enabled(features)) => Seen::Known(features.iter().cloned().collect()),
            Ok(RootAccessFeatures::NoTrustedAccess | RootAccessFeatures::NoOrganization) => Seen::Known(Vec::new()),
            Err(gap) => Seen::Missing(gap.clone()),
        };
        let members = || self.root_credentials.iter().filter(|(account, _)| !self.above.is_management(account));
        let with = |wanted: Option<bool>| {
            members().filter(|(_, found)| **found == wanted).map(|(account, _)| account.clone()).collect()
        };
        CentralRootAccess { features, with_credentials: with(Some(true)), unknown: with(None) }
    }

    /// Whom roles let in from outside: outside the organization, or where there is none, outside the run.
    fn outside(&self) -> Vec<OutsideAccount> {
        let outside = |party: String, owner: Option<&str>, roles: &BTreeSet<Arn>| OutsideAccount {
            party,
            owner: owner.map(ToOwned::to_owned),
            roles: roles.iter().cloned().collect(),
        };
        let accounts = self.strangers.iter();
        let accounts = accounts.map(|(id, roles)| outside(id.to_string(), known_accounts::owner(id), roles));
        let crowds = self.crowds.iter().map(|(crowd, roles)| outside(crowd.clone(), None, roles));
        let mut all: Vec<OutsideAccount> = accounts.chain(crowds).collect();
        all.sort_by(|a, b| a.party.cmp(&b.party));
        all
    }
}

/// Who runs services for the organization.
fn delegated(snapshot: &Snapshot) -> Option<Seen<Vec<DelegatedAccount>>> {
    let services = match snapshot.facts.organization_services.get() {
        Ok(OrganizationServices::NoOrganization) => return None,
        Ok(OrganizationServices::Services(services)) => services,
        Err(gap) => return Some(Seen::Missing(gap.clone())),
    };
    let account = |one: &DelegatedAdministrator| DelegatedAccount {
        account: one.account.clone(),
        name: one.name.clone(),
        services: one.services.keys().cloned().collect(),
    };
    Some(Seen::Known(services.administrators.iter().map(account).collect()))
}

/// Worst first: by open critical failures, then by score, then by open high ones.
fn worst(accounts: &[AccountStanding]) -> Vec<AccountId> {
    let open = |account: &AccountStanding, severity| account.open.get(&severity).copied().unwrap_or_default();
    let is_flawed =
        |account: &&AccountStanding| account.score.is_some() && account.open.values().any(|count| *count > 0);
    let mut all: Vec<&AccountStanding> = accounts.iter().filter(is_flawed).collect();
    all.sort_by_key(|account| {
        let score = account.score.as_ref().and_then(|score| score.value).unwrap_or(u8::MAX);
        (
            Reverse(open(account, Severity::Critical)),
            score,
            Reverse(open(account, Severity::High)),
            account.account.clone(),
        )
    });
    all.into_iter().take(WORST).map(|account| account.account.clone()).collect()
}
