//! What the service control policies above an account restrict, all of them together.
//!
//! A Deny counts wherever it is attached. An Allow counts only where every level allows the same: the root, each
//! organizational unit and the account itself. So an Allow of little restricts nothing as long as another policy of the same
//! level allows everything.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind};
use probity_policy::{Actions, Document, Effect, Resources, Statement};

/// Actions that a list of allowed ones leaves out, if it leaves out any: that of no service among them.
const SAMPLES: [&str; 6] = [
    "zz:Zz",
    "ec2:RunInstances",
    "iam:CreateUser",
    "organizations:LeaveOrganization",
    "s3:GetObject",
    "sts:AssumeRole",
];

/// A service control policy that is in force for an account.
pub(crate) struct Effective<'s> {
    /// The policy.
    pub(crate) policy: &'s OrganizationPolicy,
    /// Its document; nothing where it cannot be parsed.
    document: Option<Document>,
}

/// The service control policies of an account, by level.
pub(crate) struct Guardrails<'s> {
    levels: Vec<(&'s str, Vec<Effective<'s>>)>,
}

/// What the policies restrict.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Restriction<'s> {
    /// This policy denies something.
    Denies(&'s OrganizationPolicy),
    /// The policies of this level allow less than everything.
    Narrows(&'s str),
    /// Nothing: everything is allowed and nothing denied.
    Nothing,
    /// Nobody can say, since this policy cannot be parsed.
    Unreadable(&'s OrganizationPolicy),
    /// Nobody can say, since no policy is attached to this level, which AWS does not let happen.
    NoneAttached(&'s str),
}

impl<'s> Guardrails<'s> {
    /// The policies attached along a path from the root down to an account.
    pub(crate) fn on(path: &[&'s str], policies: &'s [OrganizationPolicy]) -> Self {
        let attached = |level: &str| {
            let here = policies.iter().filter(|policy| {
                policy.kind == OrganizationPolicyKind::ServiceControl
                    && policy.targets.iter().any(|target| target == level)
            });
            here.map(|policy| Effective { policy, document: Document::parse(&policy.document.0).ok() }).collect()
        };
        Self { levels: path.iter().map(|level| (*level, attached(level))).collect() }
    }

    /// Every policy that is in force, from the root down; one that is attached to several levels comes as often.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &'s OrganizationPolicy> {
        self.effective().map(|effective| effective.policy)
    }

    fn effective(&self) -> impl Iterator<Item = &Effective<'s>> {
        self.levels.iter().flat_map(|(_, here)| here)
    }

    /// What they restrict.
    pub(crate) fn restriction(&self) -> Restriction<'s> {
        let denies = |effective: &&Effective<'_>| {
            effective.document.as_ref().is_some_and(|document| document.statements.iter().any(denies_something))
        };
        if let Some(effective) = self.effective().find(denies) {
            return Restriction::Denies(effective.policy);
        }
        if let Some((level, _)) = self.levels.iter().find(|(_, here)| narrows(here)) {
            return Restriction::Narrows(level);
        }
        if let Some(effective) = self.effective().find(|effective| effective.document.is_none()) {
            return Restriction::Unreadable(effective.policy);
        }
        match self.levels.iter().find(|(_, here)| here.is_empty()) {
            Some((level, _)) => Restriction::NoneAttached(level),
            None => Restriction::Nothing,
        }
    }
}

/// Whether a statement denies any action on any resource.
fn denies_something(statement: &Statement) -> bool {
    let actions = match &statement.actions {
        Actions::Only(patterns) => !patterns.is_empty(),
        Actions::AllBut(patterns) => !patterns.iter().any(probity_policy::Pattern::is_every_action),
    };
    let resources = match &statement.resources {
        None => true,
        Some(Resources::Only(patterns)) => !patterns.is_empty(),
        Some(Resources::AllBut(patterns)) => !patterns.iter().any(probity_policy::Pattern::is_everything),
    };
    statement.effect == Effect::Deny && actions && resources
}

/// Whether the policies of one level, all of them read, together allow less than every action on every resource.
fn narrows(level: &[Effective<'_>]) -> bool {
    let Some(documents) = level.iter().map(|effective| effective.document.as_ref()).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let statements = documents.iter().flat_map(|document| &document.statements);
    let unlimited: Vec<&Statement> = statements.filter(|statement| allows_everywhere(statement)).collect();
    // What `NotAction` leaves out, another statement may allow.
    let left_out = unlimited.iter().filter_map(|statement| match &statement.actions {
        Actions::AllBut(patterns) => Some(patterns),
        Actions::Only(_) => None,
    });
    let left_out = left_out.flatten().map(|pattern| one_of(pattern.text())).filter(|action| action.contains(':'));
    let samples: Vec<String> = SAMPLES.into_iter().map(ToOwned::to_owned).chain(left_out).collect();
    !level.is_empty() && samples.iter().any(|action| !unlimited.iter().any(|statement| statement.actions.cover(action)))
}

/// Whether a statement allows its actions on every resource and without a condition.
fn allows_everywhere(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && statement.resources.as_ref().is_some_and(Resources::is_everything)
        && statement.conditions.iter().all(|condition| condition.values.is_empty())
}

/// An action that a pattern matches.
fn one_of(pattern: &str) -> String {
    pattern.replace(['*', '?'], "z")
}
