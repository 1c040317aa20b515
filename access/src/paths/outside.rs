//! Those outside who may enter the account: people whom an identity provider vouches for, and other accounts.
//!
//! Whom a provider lets in, and what another account allows its own, no snapshot tells. A way from outside is therefore as
//! sure as the trust policy of the role alone makes it.

use std::collections::BTreeMap;

use probity_policy::{Caller, Context, Effect, Policies, Policy, Principal as Named, Principals, Request, Target};

use super::ground::Ground;
use super::methods::Method;
use super::open::Findings;
use super::verdict::Verdict;
use crate::decide::{StatementUsed, refer};
use crate::index::Access;
use crate::principal::{Principal, PrincipalKind};

/// Someone outside the account whom a trust policy lets in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outsider {
    /// Anyone with an AWS account.
    Anyone,
    /// Those whom an identity provider vouches for: its ARN, or the domain of one that AWS knows by itself.
    Provider(String),
    /// A principal of another account, or all of them: an ARN or the account's number, as the trust policy writes it.
    Account(String),
}

impl std::fmt::Display for Outsider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outsider::Anyone => f.write_str("anyone with an AWS account"),
            Outsider::Provider(name) => write!(f, "whoever signs in through {name}"),
            Outsider::Account(name) => write!(f, "whoever is {name}, of another account"),
        }
    }
}

/// Someone outside and the roles whose trust policies speak of them, by their numbers.
pub(super) type Entries = BTreeMap<Outsider, Vec<usize>>;

/// Who is outside of these accounts and may enter this one.
pub(super) fn entries(accounts: &[Access], own: &Access) -> Entries {
    let mut entries = Entries::new();
    for (number, role) in own.principals.iter().enumerate() {
        let Some(trust) = role.trust().filter(|_| role.kind == PrincipalKind::Role) else { continue };
        let mut add = |outsider: Outsider| {
            let roles = entries.entry(outsider).or_default();
            if roles.last() != Some(&number) {
                roles.push(number);
            }
        };
        // A trust policy that was not read may let in anyone.
        let Some(document) = trust.document() else {
            add(Outsider::Anyone);
            continue;
        };
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            match &statement.principals {
                Some(Principals::Only(named)) => {
                    named.iter().filter_map(|name| meant(accounts, name)).for_each(&mut add)
                }
                Some(Principals::AllBut(_)) | None => add(Outsider::Anyone),
            }
        }
    }
    entries
}

fn meant(accounts: &[Access], named: &Named) -> Option<Outsider> {
    match named {
        _ if named.is_everyone() => Some(Outsider::Anyone),
        Named::Federated(name) => Some(Outsider::Provider(name.clone())),
        Named::Aws(name) => {
            let account = account_of(name)?;
            let is_inside = accounts.iter().any(|access| access.account.as_str() == account);
            (!is_inside).then(|| Outsider::Account(name.clone()))
        }
        _ => None,
    }
}

/// The account that a principal of a trust policy belongs to; none for the id of one that was deleted.
pub(super) fn account_of(name: &str) -> Option<&str> {
    let account = if name.contains(':') { name.split(':').nth(4)? } else { name };
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// Whether a role can be entered, by which way, and by which statements.
pub(super) fn enter(
    ground: &Ground<'_>,
    outsider: &Outsider,
    role: &Principal,
    findings: &mut Findings,
) -> Option<(&'static Method, Verdict)> {
    let (caller, methods): (Caller, &[&str]) = match outsider {
        Outsider::Anyone => (Caller::someone(None), &["assume-from-outside"]),
        Outsider::Account(name) => {
            let is_whole = !name.contains(':') || name.ends_with(":root");
            let caller = if is_whole { None } else { Caller::parse(name) };
            (caller.unwrap_or_else(|| Caller::someone(account_of(name))), &["assume-from-outside"])
        }
        Outsider::Provider(name) if name.contains(":saml-provider/") => (Caller::federated(name), &["sign-in-saml"]),
        Outsider::Provider(name) => (Caller::federated(name), &["sign-in-web-identity"]),
    };
    let mut ways = methods.iter().filter_map(|id| Method::named(id)).map(|method| {
        let mut record = findings.statements.is_some().then(Vec::new);
        let verdict = ask(ground, &caller, method, role, &mut record);
        (method, verdict, record)
    });
    let (method, verdict, record) = ways.next()?;
    if let (Some(all), Some(found)) = (&mut findings.statements, record) {
        all.extend(found);
    }
    Some((method, verdict))
}

fn ask(
    ground: &Ground<'_>,
    caller: &Caller,
    method: &Method,
    role: &Principal,
    record: &mut Option<Vec<StatementUsed>>,
) -> Verdict {
    let Some(trust) = role.trust() else { return Verdict::NO };
    let access = ground.access;
    // What the other account allows its own, its own administrators decide.
    let identity: Vec<&Policy> = vec![ground.everything.policy()];
    let policies = Policies {
        identity,
        resource: Some(trust.policy()),
        resource_control: refer(&access.levels.resource_control),
        ..Policies::default()
    };
    let action = method.needs.first().map_or("sts:AssumeRole", String::as_str);
    let context = ground.tags_of(role, Context::partial());
    let answer = policies.evaluate(&Request {
        caller,
        action,
        resource: Target::One(role.arn.as_str()),
        resource_account: Some(access.account.as_str()),
        context: &context.with("aws:CurrentTime", access.taken_at.to_string()),
    });
    let verdict = Verdict::of(&answer);
    if let Some(record) = record {
        let of_trust = answer.deciders.into_iter().filter(|decider| decider.policy != ground.everything.name());
        record.extend(of_trust.map(StatementUsed::of));
    }
    verdict
}
