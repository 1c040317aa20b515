//! What the policies of an organization above an account restrict, all of them together: service control policies, or
//! resource control policies.
//!
//! A Deny counts wherever it is attached. An Allow counts only where every level allows the same: the root, each
//! organizational unit and the account itself. So an Allow of little restricts nothing as long as another policy of the
//! same level allows everything.

use alloc::vec::Vec;

use probity_model::Partition;
use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind};
use probity_policy::{Actions, Document, Effect, Pattern, Policy, Resources, Statement};

use crate::everything;

/// A policy of the organization with its document.
pub(crate) struct Attachable<'s> {
    pub(crate) policy: &'s OrganizationPolicy,
    /// Nothing where it cannot be parsed.
    pub(crate) document: Option<&'s Document>,
    /// The same, ready to be asked, under the policy's id.
    pub(crate) prepared: Policy,
}

impl<'s> Attachable<'s> {
    /// The policies of a kind among those of an organization, by id.
    pub(crate) fn of(policies: &'s [OrganizationPolicy], kind: &OrganizationPolicyKind) -> Vec<Self> {
        let of_kind = policies.iter().filter(|policy| policy.kind == *kind);
        let mut all: Vec<_> = of_kind.map(Self::new).collect();
        all.sort_by(|a, b| a.policy.id.cmp(&b.policy.id));
        all
    }

    fn new(policy: &'s OrganizationPolicy) -> Self {
        let document = probity_access::read(&policy.document).ok();
        let id = || policy.id.as_str();
        let prepared = document.map_or_else(|| Policy::unread(id()), |document| Policy::new(id(), document));
        Self { policy, document, prepared }
    }

    /// Whether it denies any action on any resource; not known where it cannot be parsed.
    pub(crate) fn denies_something(&self) -> Option<bool> {
        self.document.map(|document| document.statements.iter().any(denies_something))
    }
}

/// The policies of a kind that are in force for an account, by level.
pub(crate) struct Guardrails<'s> {
    pub(crate) levels: Vec<(&'s str, Vec<&'s Attachable<'s>>)>,
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

    /// The same with their documents.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = &'s Attachable<'s>> {
        self.levels.iter().flat_map(|(_, here)| here).copied()
    }

    /// What they restrict.
    pub(crate) fn restriction(&self, partition: &Partition) -> Restriction<'s> {
        if let Some(one) = self.in_force().find(|one| one.denies_something() == Some(true)) {
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
pub(crate) fn narrows(level: &[&Attachable<'_>], partition: &Partition) -> bool {
    let Some(documents) = level.iter().map(|one| one.document.as_ref()).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let statements: Vec<&Statement> = documents.iter().flat_map(|document| &document.statements).collect();
    !level.is_empty() && !everything::is_allowed_by(&statements, partition)
}
