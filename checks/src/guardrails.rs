//! What the service control policies above an account restrict, all of them together.
//!
//! A Deny counts wherever it is attached. An Allow counts only where every level allows the same: the root, each
//! organizational unit and the account itself. So an Allow of little restricts nothing as long as another policy of the
//! same level allows everything.

use alloc::vec::Vec;

use probity_model::Partition;
use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind};
use probity_policy::{Actions, Document, Effect, Pattern, Resources, Statement};

use crate::everything;

/// A service control policy with its document.
pub(crate) struct Attachable<'s> {
    policy: &'s OrganizationPolicy,
    /// Nothing where it cannot be parsed.
    document: Option<Document>,
}

impl<'s> Attachable<'s> {
    /// The service control policies among the policies of an organization, by id.
    pub(crate) fn of(policies: &'s [OrganizationPolicy]) -> Vec<Self> {
        let controls = policies.iter().filter(|policy| policy.kind == OrganizationPolicyKind::ServiceControl);
        let mut all: Vec<_> =
            controls.map(|policy| Self { policy, document: Document::parse(&policy.document.0).ok() }).collect();
        all.sort_by(|a, b| a.policy.id.cmp(&b.policy.id));
        all
    }
}

/// The service control policies of an account, by level.
pub(crate) struct Guardrails<'s> {
    levels: Vec<(&'s str, Vec<&'s Attachable<'s>>)>,
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
    pub(crate) fn on(path: &[&'s str], policies: &'s [Attachable<'s>]) -> Self {
        let attached = |level: &str| {
            policies.iter().filter(|one| one.policy.targets.iter().any(|target| target == level)).collect()
        };
        Self { levels: path.iter().map(|level| (*level, attached(level))).collect() }
    }

    /// Every policy that is in force, from the root down; one that is attached to several levels comes as often.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &'s OrganizationPolicy> {
        self.in_force().map(|one| one.policy)
    }

    fn in_force(&self) -> impl Iterator<Item = &'s Attachable<'s>> {
        self.levels.iter().flat_map(|(_, here)| here).copied()
    }

    /// What they restrict.
    pub(crate) fn restriction(&self, partition: &Partition) -> Restriction<'s> {
        let denies = |one: &&Attachable<'_>| {
            one.document.as_ref().is_some_and(|document| document.statements.iter().any(denies_something))
        };
        if let Some(one) = self.in_force().find(denies) {
            return Restriction::Denies(one.policy);
        }
        if let Some((level, _)) = self.levels.iter().find(|(_, here)| narrows(here, partition)) {
            return Restriction::Narrows(level);
        }
        if let Some(one) = self.in_force().find(|one| one.document.is_none()) {
            return Restriction::Unreadable(one.policy);
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
        Actions::AllBut(patterns) => !patterns.iter().any(Pattern::is_every_action),
    };
    let resources = match &statement.resources {
        None => true,
        Some(Resources::Only(patterns)) => !patterns.is_empty(),
        Some(Resources::AllBut(patterns)) => !patterns.iter().any(Pattern::is_everything),
    };
    statement.effect == Effect::Deny && actions && resources
}

/// Whether the policies of one level, all of them read, together allow less than every action on every resource.
fn narrows(level: &[&Attachable<'_>], partition: &Partition) -> bool {
    let Some(documents) = level.iter().map(|one| one.document.as_ref()).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let statements: Vec<&Statement> = documents.iter().flat_map(|document| &document.statements).collect();
    !level.is_empty() && !everything::is_allowed_by(&statements, partition)
}
