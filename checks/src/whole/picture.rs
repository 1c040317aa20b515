//! How several accounts stand together: worked out here, so that renderers only write.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;

use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind, OrganizationTree};
use probity_model::facts::organization_administration::DelegatedAdministrator;
use probity_model::facts::{
    OrganizationMembership, OrganizationPolicies, OrganizationServices, OrganizationStructure, RootAccessFeatures,
};
use probity_model::run::organization::{
    AccountAudit, AccountCoverage, AccountStanding, CentralRootAccess, CrossAccountChain, DelegatedAccount,
    FailingCheck, OrganizationRun, OutsideAccount, Totals, UnitStanding,
};
use probity_model::run::part::AccountPart;
use probity_model::score::Tallies;
use probity_model::{AccountId, Arn, Outcome, Seen, Severity, Snapshot};

use crate::known_accounts;
use crate::registry::Entry;
use crate::settings::Settings;

/// How many accounts are named as those that stand worst.
const WORST: usize = 10;

/// What the picture is made of.
pub struct Whole<'w> {
    /// Every account of the run, audited or not, by id.
    pub parts: &'w [AccountPart],
    /// What was read of the organization; none where the accounts were named one by one.
    pub organization: Option<&'w Snapshot>,
    /// Who enters roles of other accounts.
    pub chains: Vec<CrossAccountChain>,
    /// What of the whole could not be judged.
    pub unjudged: Vec<String>,
    /// The checks that ran.
    pub checks: &'w [&'w Entry],
    /// Their settings.
    pub settings: &'w Settings,
}

/// What was read of the organization, as far as it was.
struct Above<'w> {
    membership: Option<&'w probity_model::facts::organization::Organization>,
    tree: Option<&'w OrganizationTree>,
    policies: &'w [OrganizationPolicy],
}

impl<'w> Above<'w> {
    fn of(snapshot: Option<&'w Snapshot>) -> Self {
        let membership = snapshot.and_then(|one| one.facts.organization_membership.get().ok());
        let structure = snapshot.and_then(|one| one.facts.organization_structure.get().ok());
        let policies = snapshot.and_then(|one| one.facts.organization_policies.get().ok());
        Self {
            membership: membership.and_then(OrganizationMembership::organization),
            tree: structure.and_then(|one| match one {
                OrganizationStructure::Tree(tree) => Some(tree),
                OrganizationStructure::NoOrganization => None,
            }),
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

/// The picture.
#[must_use]
pub fn picture(whole: Whole<'_>) -> OrganizationRun {
    let above = Above::of(whole.organization);
    let mut totals = Totals::default();
    for part in whole.parts.iter().flat_map(|part| part.checks.values()) {
        totals.add(&part.outcomes, &part.open);
    }
    let accounts = standings(&whole, &above);
    let count = |wanted: fn(&AccountAudit) -> bool| accounts.iter().filter(|one| wanted(&one.audit)).count();
    let coverage = AccountCoverage {
        accounts: accounts.len(),
        complete: count(|audit| *audit == AccountAudit::Complete),
        incomplete: count(|audit| matches!(audit, AccountAudit::Incomplete { .. })),
        failed: count(|audit| matches!(audit, AccountAudit::Failed { .. })),
        left_out: count(|audit| *audit == AccountAudit::LeftOut),
    };
    let mut unjudged = Vec::new();
    if let Some(gap) = whole.organization.and_then(|one| one.facts.organization_policies.gap()) {
        unjudged.push(format!("Which policies of the organization are in force is not known: {gap}"));
    }
    unjudged.extend(whole.parts.iter().filter(|part| part.failure.is_none()).filter_map(|part| {
        let reason = part.footprint.unread.as_ref()?;
        Some(format!("Which roles of {} other accounts can enter is not known: {reason}", part.account.account))
    }));
    if coverage.failed > 0 {
        let (number, verb) = if coverage.failed == 1 {
            ("one account".to_owned(), "was")
        } else {
            (format!("{} accounts", coverage.failed), "were")
        };
        unjudged.push(format!("Whether chains of roles lead through {number} that {verb} not audited is not known."));
    }
    unjudged.extend(whole.unjudged.iter().cloned());
    OrganizationRun {
        id: above.membership.map(|organization| organization.id.clone()),
        management_account: above.membership.map(|organization| organization.management_account.clone()),
        coverage,
        units: above.tree.map_or_else(Vec::new, |tree| units(tree, &whole)),
        failing_checks: failing_checks(&whole),
        worst_accounts: worst(&accounts),
        root_access: whole.organization.map(|snapshot| root_access(snapshot, &whole, &above)),
        delegated_administrators: whole.organization.and_then(delegated),
        outside_accounts: outside(&whole, &above),
        chains: whole.chains,
        unjudged,
        totals,
        accounts,
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

fn standings(whole: &Whole<'_>, above: &Above<'_>) -> Vec<AccountStanding> {
    let severity_of = severities(whole);
    let listed: BTreeMap<&AccountId, _> =
        above.tree.into_iter().flat_map(|tree| &tree.accounts).map(|entry| (&entry.id, entry)).collect();
    let parts: BTreeMap<&AccountId, &AccountPart> =
        whole.parts.iter().map(|part| (&part.account.account, part)).collect();
    let everyone: BTreeSet<&AccountId> = listed.keys().chain(parts.keys()).copied().collect();
    let standing = |account: &AccountId| {
        let (entry, part) = (listed.get(account), parts.get(account));
        let mut totals = Totals::default();
        for check in part.iter().flat_map(|part| part.checks.values()) {
            totals.add(&check.outcomes, &check.open);
        }
        let audited = part.filter(|part| part.failure.is_none());
        AccountStanding {
            account: account.clone(),
            name: entry
                .map(|entry| entry.name.clone())
                .filter(|name| !name.is_empty())
                .or_else(|| part.and_then(|part| part.account.alias.clone())),
            unit: entry.map(|entry| entry.parent.clone()),
            audit: part.map_or(AccountAudit::LeftOut, |part| part.audit()),
            score: audited.map(|part| part.tallies.score(&severity_of)),
            open: totals.open,
            outcomes: totals.outcomes,
            service_control_policies: above.in_force(account, OrganizationPolicyKind::ServiceControl),
            resource_control_policies: above.in_force(account, OrganizationPolicyKind::ResourceControl),
        }
    };
    everyone.into_iter().map(standing).collect()
}

fn severities(whole: &Whole<'_>) -> impl Fn(&str) -> Option<Severity> {
    let all: BTreeMap<&str, Severity> =
        whole.checks.iter().map(|entry| (entry.meta.id, whole.settings.severity(entry))).collect();
    move |id| all.get(id).copied()
}

/// The root and its units, each followed by what is below it, by name.
fn units(tree: &OrganizationTree, whole: &Whole<'_>) -> Vec<UnitStanding> {
    let severity_of = severities(whole);
    let mut sums: BTreeMap<&str, (Tallies, Totals, usize, usize)> = BTreeMap::new();
    for part in whole.parts {
        for level in tree.path_of(&part.account.account).into_iter().filter(|id| *id != part.account.account.as_str()) {
            let (tallies, totals, audited, failed) = sums.entry(level).or_default();
            if part.failure.is_some() {
                *failed += 1;
                continue;
            }
            *audited += 1;
            tallies.add(&part.tallies);
            part.checks.values().for_each(|check| totals.add(&check.outcomes, &check.open));
        }
    }
    let mut found = Vec::new();
    let mut open = Vec::from([(tree.root.as_str(), "Root", 0_usize)]);
    // A tree that was tampered with may go round; each unit is met once.
    let mut seen = BTreeSet::new();
    while let Some((id, name, depth)) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let (tallies, totals, audited, failed) = sums.remove(id).unwrap_or_default();
        found.push(UnitStanding {
            id: id.to_owned(),
            name: name.to_owned(),
            depth,
            audited,
            failed,
            score: tallies.score(&severity_of),
            open: totals.open,
        });
        let mut below: Vec<_> = tree.units.iter().filter(|unit| unit.parent == id).collect();
        below.sort_by(|a, b| (&b.name, &b.id).cmp(&(&a.name, &a.id)));
        open.extend(below.into_iter().map(|unit| (unit.id.as_str(), unit.name.as_str(), depth + 1)));
    }
    found
}

fn failing_checks(whole: &Whole<'_>) -> Vec<FailingCheck> {
    let mut found: BTreeMap<&str, FailingCheck> = BTreeMap::new();
    for part in whole.parts {
        for (id, check) in &part.checks {
            let entry =
                found.entry(id).or_insert_with(|| FailingCheck { check: id.clone(), accounts: 0, judged: 0, open: 0 });
            let open: u64 = check.open.values().sum();
            entry.open += open;
            entry.accounts += usize::from(open > 0);
            let judged = [Outcome::Pass, Outcome::Fail].iter().any(|outcome| check.outcomes.contains_key(outcome));
            entry.judged += usize::from(judged);
        }
    }
    let severity_of = severities(whole);
    let mut failing: Vec<FailingCheck> = found.into_values().filter(|check| check.accounts > 0).collect();
    failing.sort_by(|a, b| {
        let key = |one: &FailingCheck| (Reverse(one.accounts), Reverse(severity_of(&one.check)), Reverse(one.open));
        key(a).cmp(&key(b)).then_with(|| a.check.cmp(&b.check))
    });
    failing
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

fn root_access(snapshot: &Snapshot, whole: &Whole<'_>, above: &Above<'_>) -> CentralRootAccess {
    let features = match snapshot.facts.root_access_features.get() {
        Ok(RootAccessFeatures::Enabled(features)) => Seen::Known(features.iter().cloned().collect()),
        Ok(RootAccessFeatures::NoTrustedAccess | RootAccessFeatures::NoOrganization) => Seen::Known(Vec::new()),
        Err(gap) => Seen::Missing(gap.clone()),
    };
    let members = || whole.parts.iter().filter(|part| !above.is_management(&part.account.account));
    let with = |wanted: Option<bool>| {
        let matching = members().filter(|part| part.footprint.root_credentials == wanted);
        matching.map(|part| part.account.account.clone()).collect()
    };
    CentralRootAccess { features, with_credentials: with(Some(true)), unknown: with(None) }
}

/// Whom roles let in from outside: outside the organization, or where there is none, outside the run.
fn outside(whole: &Whole<'_>, above: &Above<'_>) -> Vec<OutsideAccount> {
    let of_run = whole.parts.iter().map(|part| &part.account.account);
    let inside: BTreeSet<&AccountId> =
        above.tree.into_iter().flat_map(|tree| &tree.accounts).map(|entry| &entry.id).chain(of_run).collect();
    let mut found: BTreeMap<(String, Option<&'static str>), BTreeSet<&Arn>> = BTreeMap::new();
    for door in whole.parts.iter().flat_map(|part| &part.footprint.doors) {
        let accounts = door.accounts.iter().filter(|account| !inside.contains(account));
        let parties = accounts.map(|account| (account.to_string(), known_accounts::owner(account)));
        for party in parties.chain(door.crowds.iter().map(|crowd| (crowd.clone(), None))) {
            found.entry(party).or_default().insert(&door.role);
        }
    }
    let outside = |((party, owner), roles): ((String, Option<&str>), BTreeSet<&Arn>)| OutsideAccount {
        party,
        owner: owner.map(ToOwned::to_owned),
        roles: roles.into_iter().cloned().collect(),
    };
    found.into_iter().map(outside).collect()
}
