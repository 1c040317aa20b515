//! The ways to an administrator: who can become whom, by which method, and by which statements.
//!
//! A way is a method of `methods.toml`, judged on the resources, conditions, boundaries, organization policies and trust
//! policies of the account, and on what exists in it. It is certain, conditional, or unknown for lack of evidence; it is
//! left out only where it is closed for sure.
//!
//! Whoever may change its own policies is a place of its own in the graph: the principal with any policy, without its
//! boundary, without the policies that deny, in another group. The search goes on from there.

mod across;
mod goal;
mod graph;
mod ground;
mod held_back;
mod iam;
mod methods;
mod node;
mod open;
mod outside;
mod role;
mod search;
mod subject;
mod verdict;

use probity_model::facts::Compute;
use probity_model::{AccountId, Evidence, FactSet, Gap, Inference, Need};

use crate::decide::{Decision, StatementUsed};
use crate::index::Access;
use crate::principal::Principal;
pub use goal::Goal;
use graph::Graph;
pub use methods::Method;
pub use outside::Outsider;

/// How sure a way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// It is open.
    Certain,
    /// It is open if the conditions hold that the statements name.
    Conditional,
    /// Evidence is missing that would say whether it is open.
    Unknown,
}

/// Whose paths are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Start<'g> {
    /// Those of every user and role.
    Everyone,
    /// Those of this user or role.
    Principal(&'g Principal),
    /// Those of everyone outside whom a trust policy lets in.
    Outsiders,
}

/// The shortest path from someone to a goal, among those that are as sure as can be.
#[derive(Clone, Debug)]
pub struct Path<'a> {
    /// Who sets out: a user or role as it is, or someone outside.
    pub from: Standing<'a>,
    /// The steps; at least one.
    pub steps: Vec<Step<'a>>,
    /// How sure the path is: as its least sure step, or as it is that the goal is reached at its end.
    pub certainty: Certainty,
    /// How the last one may do what the goal is; only for [`Goal::Access`].
    pub reached: Option<Decision>,
}

/// One step of a path.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// Who takes it.
    pub from: Standing<'a>,
    /// Who one is then.
    pub to: Standing<'a>,
    /// How it is done.
    pub method: &'static Method,
    /// Other ways that are as sure and come as near to the goal, whether they end at the same place or at another.
    pub also: Vec<&'static Method>,
    /// How sure it is.
    pub certainty: Certainty,
    /// The statements that open it, with the conditions that remain.
    pub statements: Vec<StatementUsed>,
    /// What else must be found out; each as the object of "it was not read …" or a remark that stands by itself.
    pub open: Vec<String>,
}

/// Who someone is between two steps.
#[derive(Clone, Debug)]
pub enum Standing<'a> {
    /// A user or role as it is.
    Principal(&'a Principal),
    /// A user or role whose policies were changed, with what was changed.
    Changed(&'a Principal, Vec<String>),
    /// A user or role that was made on the way, in this account.
    New(&'a AccountId),
    /// Someone outside the accounts.
    Outsider(Outsider),
}

impl<'a> Standing<'a> {
    /// The user or role; none for one that was made on the way, and for someone outside.
    #[must_use]
    pub fn principal(&self) -> Option<&'a Principal> {
        match self {
            Standing::Principal(principal) | Standing::Changed(principal, _) => Some(principal),
            Standing::New(_) | Standing::Outsider(_) => None,
        }
    }
}

/// The graph of escalation of an account, or of several. Work it out once and ask it often.
///
/// ```
/// use probity_access::{Access, Certainty, Goal};
/// use probity_model::builder::Account;
///
/// let writes = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:PutUserPolicy",
///     "Resource": "arn:aws:iam::123456789012:user/${aws:username}"}}"#;
/// let snapshot = Account::new().user("anna", |user| user.inline("writes", writes)).build();
/// let access = Access::of(&snapshot).expect("the authorization details were read");
/// let escalations = access.escalations();
///
/// let paths = escalations.paths(&access, None, Goal::Administrator);
/// let path = paths.first().expect("a path");
/// assert_eq!(path.certainty, Certainty::Certain);
/// assert_eq!(path.steps.iter().map(|step| step.method.id.as_str()).collect::<Vec<_>>(), ["put-own-user-policy"]);
/// ```
#[derive(Clone, Debug)]
pub struct Escalations {
    graph: Graph,
}

impl Access {
    /// Works out the graph of escalation.
    #[must_use]
    pub fn escalations(&self) -> Escalations {
        Escalations::among(std::slice::from_ref(self))
    }
}

impl Escalations {
    /// Works out the graph of several accounts, with the ways that lead from one into another.
    #[must_use]
    pub fn among(accounts: &[Access]) -> Escalations {
        Escalations { graph: Graph::new(accounts) }
    }
}

/// Needs what [`Access`] needs, is surer where what runs was read, and is shared by the checks in the same way.
impl Inference for Escalations {
    fn needs() -> Vec<Need> {
        // What runs with a role closes ways, or makes them sure.
        [Access::needs(), <Option<&Compute>>::needs()].concat()
    }

    fn infer(evidence: &Evidence<'_>) -> Result<Self, Gap> {
        evidence.inferred::<Access>().as_ref().map(Access::escalations).map_err(Clone::clone)
    }
}

#[cfg(test)]
mod tests;
