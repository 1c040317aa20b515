//! The answer to a request, and how the answers of several policies become one.

use crate::document::{Effect, Position};
use crate::policy::Remaining;
use crate::truth::Truth;

/// Whether a request is allowed, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'p> {
    /// The answer.
    pub decision: Decision,
    /// The statements that decided. For [`Decision::AllowedIf`] it is allowed if what remains of the Allows holds, and
    /// what remains of the Denys does not; several Allows of one layer are alternatives.
    pub deciders: Vec<Decider<'p>>,
    /// For [`Decision::ImplicitlyDenied`]: where an Allow is missing.
    pub lacking: Vec<Layer>,
}

/// The four answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Allowed, whatever is not known.
    Allowed,
    /// It depends on what is not known.
    AllowedIf,
    /// Nothing allows it.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
}

/// Which kind of policy had a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// The caller's own policies, with those of its groups.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session policies.
    Session,
    /// The resource's own policy; for a role to be assumed, its trust policy.
    Resource,
    /// The policy of an endpoint.
    Endpoint,
    /// Service control policies at this level, from 0 at the root.
    ServiceControl(usize),
    /// Resource control policies at this level, from 0 at the root.
    ResourceControl(usize),
}

/// A statement that decided, or a policy that may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decider<'p> {
    /// Which kind of policy it stands in.
    pub layer: Layer,
    /// The policy's name.
    pub policy: &'p str,
    /// What the statement does. An unread policy stands for both.
    pub effect: Effect,
    /// Which statement, from 0; none for a policy that nobody has read.
    pub statement: Option<usize>,
    /// The statement's own name.
    pub sid: Option<&'p str>,
    /// Where the statement begins.
    pub position: Option<Position>,
    /// What must still be found out; empty when the statement applies for sure.
    pub remaining: Vec<Remaining<'p>>,
}

/// A partial answer: whether something was found, by which statements, and where nothing was.
#[derive(Clone, Debug)]
pub(crate) struct Found<'p> {
    pub(crate) truth: Truth,
    pub(crate) by: Vec<Decider<'p>>,
    pub(crate) lacking: Vec<Layer>,
}

impl<'p> Found<'p> {
    pub(crate) fn yes() -> Found<'p> {
        Found { truth: Truth::Yes, by: Vec::new(), lacking: Vec::new() }
    }

    pub(crate) fn no() -> Found<'p> {
        Found { truth: Truth::No, by: Vec::new(), lacking: Vec::new() }
    }

    pub(crate) fn one(truth: Truth, decider: Decider<'p>) -> Found<'p> {
        if truth == Truth::No { Found::no() } else { Found { truth, by: vec![decider], lacking: Vec::new() } }
    }

    /// Names the layer where nothing was found.
    pub(crate) fn or_lacking(mut self, layer: Layer) -> Found<'p> {
        if self.truth == Truth::No {
            self.lacking.push(layer);
        }
        self
    }

    /// Adds statements that say the same, where they are sure, without needing them.
    pub(crate) fn noting(mut self, other: Found<'p>) -> Found<'p> {
        if self.truth == Truth::Yes && other.truth == Truth::Yes {
            self.by.extend(other.by);
        }
        self
    }

    /// One of the two. Sure statements push out those that are not.
    pub(crate) fn or(mut self, other: Found<'p>) -> Found<'p> {
        match (self.truth, other.truth) {
            (Truth::Yes, Truth::Yes) | (Truth::Unknown, Truth::Unknown) => {
                self.by.extend(other.by);
                self
            }
            (Truth::No, Truth::No) => {
                self.lacking.extend(other.lacking);
                self
            }
            (_, Truth::Yes) | (Truth::No, Truth::Unknown) => other,
            (Truth::Yes, _) | (Truth::Unknown, Truth::No) => self,
        }
    }

    /// Both of the two.
    pub(crate) fn and(mut self, other: Found<'p>) -> Found<'p> {
        let truth = self.truth.and(other.truth);
        self.lacking.extend(other.lacking);
        if truth == Truth::No {
            return Found { truth, by: Vec::new(), lacking: self.lacking };
        }
        self.by.extend(other.by);
        Found { truth, by: self.by, lacking: self.lacking }
    }
}

impl<'p> Answer<'p> {
    pub(crate) fn denied(denied: Found<'p>) -> Answer<'p> {
        Answer { decision: Decision::ExplicitlyDenied, deciders: denied.by, lacking: Vec::new() }
    }

    /// From what denies, which is not sure, and what allows.
    pub(crate) fn of(denied: Found<'p>, allowed: Found<'p>) -> Answer<'p> {
        let decision = match (allowed.truth, denied.truth) {
            (Truth::No, _) => Decision::ImplicitlyDenied,
            (Truth::Yes, Truth::No) => Decision::Allowed,
            _ => Decision::AllowedIf,
        };
        let mut deciders = allowed.by;
        if decision == Decision::AllowedIf {
            deciders.extend(denied.by);
        }
        let mut lacking = if decision == Decision::ImplicitlyDenied { allowed.lacking } else { Vec::new() };
        lacking.sort_unstable();
        lacking.dedup();
        Answer { decision, deciders, lacking }
    }
}
