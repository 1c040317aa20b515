//! Users and roles with everything that grants to them and limits them.

use std::sync::Arc;

use probity_model::Arn;
use probity_model::facts::authorization::Tags;
use probity_policy::{Caller, Context, Known};

use crate::source::Source;

/// A user or a role, with all its policies resolved.
#[derive(Clone, Debug)]
pub struct Principal {
    pub(crate) arn: Arn,
    pub(crate) name: String,
    pub(crate) kind: PrincipalKind,
    pub(crate) identity: Vec<Held>,
    pub(crate) boundary: Option<Arc<Source>>,
    pub(crate) trust: Option<Arc<Source>>,
    pub(crate) groups: Vec<String>,
    pub(crate) tags: Tags,
    pub(crate) instance_profiles: usize,
    pub(crate) caller: Caller,
    /// What follows from the principal beside what its ARN tells.
    pub(crate) keys: Vec<(String, String)>,
}

/// What kind of principal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// A role.
    Role,
    /// A role that AWS keeps for one of its services; nobody else can assume it, and organization policies spare it.
    ServiceLinkedRole,
}

/// A policy that a principal holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// The policy.
    pub source: Arc<Source>,
    /// How the principal comes to hold it.
    pub via: Via,
}

/// How a principal comes to hold a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Via {
    /// A managed policy, attached to the principal itself.
    Attached,
    /// An inline policy of the principal itself.
    Inline,
    /// A managed policy, attached to this group.
    GroupAttached(String),
    /// An inline policy of this group.
    GroupInline(String),
}

impl Via {
    /// The group, where it comes through one.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        match self {
            Via::GroupAttached(group) | Via::GroupInline(group) => Some(group),
            Via::Attached | Via::Inline => None,
        }
    }

    /// Whether it is a managed policy.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        matches!(self, Via::Attached | Via::GroupAttached(_))
    }
}

impl Principal {
    /// The ARN.
    #[must_use]
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The friendly name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// Its identity policies, those of its groups included; of managed policies the version in force.
    #[must_use]
    pub fn identity(&self) -> &[Held] {
        &self.identity
    }

    /// Its permissions boundary.
    #[must_use]
    pub fn boundary(&self) -> Option<&Source> {
        self.boundary.as_deref()
    }

    /// The trust policy of a role.
    #[must_use]
    pub fn trust(&self) -> Option<&Source> {
        self.trust.as_deref()
    }

    /// The names of the groups a user is in.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Whether one of its policies allows an action on anything at all, or may, because nobody has read it. Where none
    /// does, [`Access::can`](crate::Access::can) is a no for every resource that does not itself let the principal in.
    #[must_use]
    pub fn is_granted(&self, action: &str) -> bool {
        self.identity.iter().any(|held| held.source.policy().may_allow(action))
    }

    /// Whether it is a user.
    #[must_use]
    pub fn is_user(&self) -> bool {
        self.kind == PrincipalKind::User
    }

    /// A context with the keys that follow from the principal. What the context already says stays.
    pub(crate) fn context(&self, given: &Context) -> Context {
        self.keys.iter().fold(given.clone(), |context, (key, value)| match context.get(key) {
            Known::Values(_) => context,
            Known::Absent | Known::Unknown => context.with(key, value.clone()),
        })
    }

    /// The same principal, of whose tags nothing is known.
    pub(crate) fn without_tags(&self) -> Principal {
        let mut open = self.clone();
        open.keys.retain(|(key, _)| !key.starts_with("aws:PrincipalTag/"));
        open
    }
}
