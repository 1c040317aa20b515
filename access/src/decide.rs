//! May this principal do this action on this resource, and by which statements?

use probity_policy::{Answer, Context, Decider, Effect, Layer, Policies, Policy, Position, Remaining, Request, Target};

use crate::index::Access;
use crate::principal::Principal;
use crate::resource_policies::Own;
use crate::source::Source;

/// Whether a principal may do something, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// The statements that decided. For [`Outcome::AllowedIf`]: it is allowed if what remains of the Allows holds, and
    /// what remains of the Denys does not; several Allows of one layer are alternatives. Empty where nothing allows.
    pub statements: Vec<StatementUsed>,
    /// Where an Allow is missing, for something denied that no statement denies.
    pub lacking: Vec<Layer>,
    /// The resource may have a policy of its own, which the snapshot does not hold and which is not considered: it may
    /// allow more in this account, and deny.
    pub resource_policy_unread: bool,
}

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Allowed, whatever is not known.
    Allowed,
    /// It depends: on conditions, or on a policy that nobody has read. [`StatementUsed::remaining`] says on what.
    AllowedIf,
    /// Denied: a statement denies it, or nothing allows it.
    Denied,
}

/// A statement that decided, or a policy that may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementUsed {
    /// Which kind of policy it stands in.
    pub layer: Layer,
    /// The policy: the ARN of a managed one, `owner/name` of an inline one.
    pub policy: String,
    /// What the statement does. An unread policy stands for both.
    pub effect: Effect,
    /// Which statement, from 0; none for a policy that nobody has read.
    pub statement: Option<usize>,
    /// The statement's own name.
    pub sid: Option<String>,
    /// Where the statement begins in the document.
    pub position: Option<Position>,
    /// What must still be found out, in words; empty when the statement applies for sure.
    pub remaining: Vec<String>,
    /// Whether nobody has read the policy.
    pub unread: bool,
}

impl Decision {
    /// Whether it is allowed for sure.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// Whether it is denied for sure.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.outcome == Outcome::Denied
    }

    /// What must still be found out, each thing once.
    #[must_use]
    pub fn remaining(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for text in self.statements.iter().flat_map(|statement| &statement.remaining) {
            if !all.contains(&text.as_str()) {
                all.push(text);
            }
        }
        all
    }

    pub(crate) fn of(answer: Answer<'_>, resource_policy_unread: bool) -> Decision {
        Decision {
            outcome: Outcome::of(answer.decision),
            statements: answer.deciders.into_iter().map(StatementUsed::of).collect(),
            lacking: answer.lacking,
            resource_policy_unread,
        }
    }
}

impl Outcome {
    pub(crate) fn of(decision: probity_policy::Decision) -> Outcome {
        match decision {
            probity_policy::Decision::Allowed => Outcome::Allowed,
            probity_policy::Decision::AllowedIf => Outcome::AllowedIf,
            probity_policy::Decision::ImplicitlyDenied | probity_policy::Decision::ExplicitlyDenied => Outcome::Denied,
        }
    }
}

impl StatementUsed {
    pub(crate) fn of(decider: Decider<'_>) -> StatementUsed {
        StatementUsed {
            layer: decider.layer,
            policy: decider.policy.to_owned(),
            effect: decider.effect,
            statement: decider.statement,
            sid: decider.sid.map(str::to_owned),
            position: decider.position,
            unread: decider.remaining.contains(&Remaining::Policy),
            remaining: decider.remaining.into_iter().map(|remaining| in_words(remaining, decider.effect)).collect(),
        }
    }
}

fn in_words(remaining: Remaining<'_>, effect: Effect) -> String {
    let not = if effect == Effect::Deny { "not " } else { "" };
    match remaining {
        Remaining::Condition(condition) => {
            format!("{not}{} {} {}", condition.operator, condition.key, condition.values.join(", "))
        }
        Remaining::Resource => format!("the resource is {not}one of the statement's"),
        Remaining::Principal => format!("the session is {not}one that the statement names"),
        Remaining::Policy => "what the policy says, which nobody has read".to_owned(),
    }
}

impl Access {
    /// Whether a principal of the account may do an action, such as `s3:GetObject`, on a resource.
    ///
    /// Keys of the request that the context leaves unknown stay open; those that follow from the principal and the
    /// resource are added. The trust policy of a role of the account counts, and so do policies of resources that were
    /// given ([`Access::with_resource_policies`]); the own policy of another key and of a resource in another account
    /// counts as unread; that of any other resource is left aside, and the answer says so.
    #[must_use]
    pub fn can(&self, principal: &Principal, action: &str, resource: Target<'_>, context: &Context) -> Decision {
        let own = self.own_policy(action, resource.arn());
        let answer = self.policies(principal, own.as_ref().map(Own::policy)).evaluate(&Request {
            caller: &principal.caller,
            action,
            resource,
            resource_account: self.resource_policy(resource.arn()).map(|_| self.account.as_str()),
            context: &principal.context(context),
        });
        let aside = own.is_none() && self.may_have_policy(resource.arn());
        Decision::of(answer, aside)
    }

    /// Everyone who may do an action on a resource, or may under conditions, in the order of [`Access::principals`].
    #[must_use]
    pub fn who_can(&self, action: &str, resource: Target<'_>) -> Vec<(&Principal, Decision)> {
        let context = Context::partial();
        let decided = self.principals.iter().map(|principal| {
            let decision = self.can(principal, action, resource, &context);
            (principal, decision)
        });
        decided.filter(|(_, decision)| !decision.is_denied()).collect()
    }

    /// Everything that has a say in what a principal does to a resource with this policy.
    pub(crate) fn policies<'p>(&'p self, principal: &'p Principal, resource: Option<&'p Policy>) -> Policies<'p> {
        Policies {
            identity: principal.identity.iter().map(|held| held.source.policy()).collect(),
            boundary: principal.boundary().map(Source::policy),
            resource,
            service_control: refer(&self.levels.service_control),
            resource_control: refer(&self.levels.resource_control),
            ..Policies::default()
        }
    }
}

/// The prepared policies of levels.
pub(crate) fn refer(levels: &[Vec<std::sync::Arc<Source>>]) -> Vec<Vec<&Policy>> {
    levels.iter().map(|level| level.iter().map(|source| source.policy()).collect()).collect()
}
