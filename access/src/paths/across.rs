//! Ways from one account into another, where several were read: roles that another account's principals may assume, and
//! administrators who act as those whom the other account trusts.

use std::collections::{BTreeSet, HashMap};

use probity_policy::{Effect, Policies, Principal as Named, Principals, Request, Target};

use super::Certainty;
use super::graph::Place;
use super::ground::Ground;
use super::methods::Method;
use super::node::Node;
use super::open::Findings;
use super::outside::account_of;
use super::subject::Ready;
use super::verdict::Verdict;
use crate::decide::{StatementUsed, refer};
use crate::index::Access;
use crate::principal::{Principal, PrincipalKind};

/// A role by the number of its account and its own.
type Role = (usize, usize);

/// Whom the roles of each account let in from the others.
#[derive(Default)]
pub(crate) struct Borders {
    /// By account and principal.
    named: HashMap<(usize, usize), Vec<Role>>,
    /// By the account that is trusted as a whole.
    delegating: HashMap<usize, Vec<Role>>,
    /// Those that anyone may enter, or whom they mean nobody can tell.
    open: Vec<Role>,
    /// By account, those that another account names.
    exits: HashMap<usize, BTreeSet<usize>>,
}

impl Borders {
    pub(crate) fn new(accounts: &[Access]) -> Borders {
        let mut borders = Borders::default();
        if accounts.len() < 2 {
            return borders;
        }
        let numbers: HashMap<&str, usize> =
            accounts.iter().enumerate().map(|(number, access)| (access.account.as_str(), number)).collect();
        for (account, access) in accounts.iter().enumerate() {
            let roles = access.principals.iter().enumerate().filter(|(_, role)| role.kind == PrincipalKind::Role);
            for (number, role) in roles {
                borders.read(accounts, &numbers, (account, number), role);
            }
        }
        for (account, principal) in borders.named.keys() {
            borders.exits.entry(*account).or_default().insert(*principal);
        }
        borders
    }

    fn read(&mut self, accounts: &[Access], numbers: &HashMap<&str, usize>, role: Role, principal: &Principal) {
        let Some(document) = principal.trust().map(crate::source::Source::document) else { return };
        let Some(document) = document else { return self.open.push(role) };
        let mut is_open = false;
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let Some(Principals::Only(named)) = &statement.principals else {
                is_open = true;
                continue;
            };
            for name in named {
                let Named::Aws(text) = name else {
                    is_open |= name.is_everyone();
                    continue;
                };
                if name.is_everyone() {
                    is_open = true;
                    continue;
                }
                let account = account_of(text).and_then(|account| numbers.get(account)).copied();
                let Some(account) = account.filter(|account| *account != role.0) else { continue };
                let Some(access) = accounts.get(account) else { continue };
                if !text.contains(':') || text.ends_with(":root") {
                    self.delegating.entry(account).or_default().push(role);
                } else if let Some(known) = named_in(access, text) {
                    self.named.entry((account, known)).or_default().push(role);
                }
            }
        }
        if is_open {
            self.open.push(role);
        }
    }

    /// The ways that lead from a place into other accounts, and for an administrator to those of its own whom others trust.
    pub(crate) fn ways(
        &self,
        grounds: &[Ground<'_>],
        from: &Place,
        ready: &Ready<'_>,
        rules: Option<Certainty>,
    ) -> Vec<(Place, &'static Method, Certainty)> {
        let mut ways = Vec::new();
        let Some(ground) = grounds.get(from.account) else { return ways };
        let own = ready.subject.number;
        if let (Some(certainty), Some(method)) = (rules, Method::named("act-as-anyone")) {
            let exits = self.exits.get(&from.account).into_iter().flatten();
            for exit in exits.filter(|exit| Some(**exit) != own) {
                ways.push((Place::of(from.account, *exit), method, certainty));
            }
        }
        if grounds.len() < 2 {
            return ways;
        }
        // Into another account a principal needs its own account's consent too.
        let assume = Method::named("assume-role").filter(|_| ready.subject.covers(ground, "sts:AssumeRole"));
        let Some(method) = assume else { return ways };
        let named = own.and_then(|own| self.named.get(&(from.account, own))).into_iter().flatten();
        let delegated = self.delegating.get(&from.account).into_iter().flatten();
        let roles: BTreeSet<Role> = named.chain(delegated).chain(&self.open).copied().collect();
        for (account, role) in roles.into_iter().filter(|(account, _)| *account != from.account) {
            let Some(there) = grounds.get(account) else { continue };
            let verdict = assume_across(ground, there, ready, role, &mut Findings::default());
            if let Some(certainty) = verdict.certainty() {
                ways.push((Place::of(account, role), method, certainty));
            }
        }
        ways
    }
}

/// A principal of an account that a trust policy names; of a session its role.
fn named_in(access: &Access, name: &str) -> Option<usize> {
    if let Some(number) = access.by_arn.get(name) {
        return Some(*number);
    }
    let role = name.split(":assumed-role/").nth(1)?.split('/').next()?;
    access.principals.iter().position(|principal| !principal.is_user() && principal.name == role)
}

/// Whether a role of another account can be assumed.
pub(super) fn assume_across(
    ground: &Ground<'_>,
    there: &Ground<'_>,
    ready: &Ready<'_>,
    role: usize,
    findings: &mut Findings,
) -> Verdict {
    let Some(target) = there.access.principals.get(role) else { return Verdict::NO };
    let Some(trust) = target.trust() else { return Verdict::NO };
    let arn = target.arn.as_str();
    if !ready.touches(ground, "sts:AssumeRole", arn) {
        return Verdict::NO;
    }
    let policies = Policies {
        resource: Some(trust.policy()),
        resource_control: refer(&there.access.levels.resource_control),
        ..ready.policies.clone()
    };
    let context = there.tags_of(target, ready.subject.context.clone());
    let context = match &there.access.levels.id {
        Some(id) => context.with("aws:ResourceOrgID", id.clone()),
        None => context,
    };
    let answer = policies.evaluate(&Request {
        caller: ready.subject.caller,
        action: "sts:AssumeRole",
        resource: Target::One(arn),
        resource_account: Some(there.access.account.as_str()),
        context: &context,
    });
    let verdict = Verdict::of(&answer);
    if let Some(record) = &mut findings.statements {
        record.extend(answer.deciders.into_iter().map(StatementUsed::of));
    }
    verdict
}

/// What lets an administrator act as another principal of its account.
pub(super) fn act_as(ground: &Ground<'_>, ready: &Ready<'_>, to: &Node, findings: &mut Findings) {
    let Node::Principal(number, _) = to else { return };
    let Some(target) = ground.access.principals.get(*number) else { return };
    let action = if target.is_user() { "iam:CreateAccessKey" } else { "iam:UpdateAssumeRolePolicy" };
    ground.on_principal(ready, action, *number, target, findings);
}
