//! The places of the graph: principals as they are, and as they are once their policies were changed.

use probity_model::Arn;

use crate::principal::{Held, Via};

/// A place in the graph.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Node {
    /// A principal, by its number, with what was changed about it.
    Principal(usize, Change),
    /// A new role that someone made for themselves.
    Fresh,
}

/// What was changed about a principal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Change {
    pub(crate) any_policy: bool,
    pub(crate) no_boundary: bool,
    /// Which kinds of policies that deny are gone.
    pub(crate) no_denials: Vec<Removal>,
    pub(crate) extra: Option<Extra>,
}

/// How policies that deny are taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Removal {
    Attached,
    Inline,
    GroupAttached,
    GroupInline,
    Groups,
}

/// What came on top.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Extra {
    /// Membership of a group.
    Group(String),
    /// Another version of a managed policy, by its place among those that are not in force.
    Version(Arn, usize),
}

impl Removal {
    /// Whether a policy is one of those that this takes away.
    pub(crate) fn takes(self, held: &Held) -> bool {
        let fits = matches!(
            (self, &held.via),
            (Removal::Attached, Via::Attached)
                | (Removal::Inline, Via::Inline)
                | (Removal::GroupAttached, Via::GroupAttached(_))
                | (Removal::GroupInline, Via::GroupInline(_))
                | (Removal::Groups, Via::GroupAttached(_) | Via::GroupInline(_))
        );
        fits && held.source.may_deny()
    }

    pub(crate) fn of(action: &str) -> Option<Removal> {
        match action {
            "iam:DetachUserPolicy" | "iam:DetachRolePolicy" => Some(Removal::Attached),
            "iam:DeleteUserPolicy" | "iam:DeleteRolePolicy" => Some(Removal::Inline),
            "iam:DetachGroupPolicy" => Some(Removal::GroupAttached),
            "iam:DeleteGroupPolicy" => Some(Removal::GroupInline),
            "iam:RemoveUserFromGroup" => Some(Removal::Groups),
            _ => None,
        }
    }
}
