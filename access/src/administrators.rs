//! Who is an administrator, by effect and not by the name of a policy.
//!
//! A principal is an administrator when one of these holds:
//!
//! - **everything**: its own policies within its boundary let it do every action on every resource, control of IAM
//!   included, and what binds the account leaves an action of any service to it. Guardrails of the organization that
//!   take single actions away bind everyone in the account and do not make it less of an administrator;
//! - **control of IAM**: with all that binds it, it may write and attach policies, make principals and their
//!   credentials, rewrite trust and pass roles, on any principal and policy of the account.
//!
//! Less than that, such as writing the policies of one's own user, is no administrator but a path to one.

use std::sync::Arc;

use probity_policy::{Caller, Context, Policies, Policy, Request, Target, Truth};

use crate::decide::refer;
use crate::index::Access;
use crate::principal::Principal;
use crate::source::Source;

/// An administrator, for sure or perhaps.
#[derive(Clone, Copy, Debug)]
pub struct Administrator<'a> {
    /// The user or role.
    pub principal: &'a Principal,
    /// [`Truth::Yes`], or [`Truth::Unknown`] where it depends on conditions or on what nobody has read.
    pub certainty: Truth,
    /// By which of the two definitions.
    pub grounds: Grounds,
}

/// What makes an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grounds {
    /// Every action on every resource.
    Everything,
    /// Control of IAM.
    IamControl,
}

/// An action that no policy names, so that only wildcards over all services and exceptions cover it.
const ANY_ACTION: &str = "any-service:AnyAction";

/// Control of IAM, each on one kind of resource. Names that nobody has stand for any resource: exceptions for single
/// principals take nothing of the control away.
const CONTROL: &[(&str, &str)] = &[
    ("iam:CreatePolicyVersion", "policy/probity/any-policy"),
    ("iam:AttachRolePolicy", "role/probity/any-role"),
    ("iam:PutRolePolicy", "role/probity/any-role"),
    ("iam:UpdateAssumeRolePolicy", "role/probity/any-role"),
    ("iam:CreateRole", "role/probity/any-role"),
    ("iam:PassRole", "role/probity/any-role"),
    ("iam:AttachUserPolicy", "user/probity/any-user"),
    ("iam:PutUserPolicy", "user/probity/any-user"),
    ("iam:CreateUser", "user/probity/any-user"),
    ("iam:CreateAccessKey", "user/probity/any-user"),
];

/// What makes a principal what it is: the real one, or one whose policies were changed on the way.
#[derive(Clone, Debug)]
pub(crate) struct Powers<'p> {
    pub(crate) caller: &'p Caller,
    pub(crate) context: Context,
    pub(crate) identity: Vec<&'p Policy>,
    pub(crate) boundary: Option<&'p Policy>,
}

/// Whether the policies speak at all of what an administrator can do: those of nearly everyone do not.
fn may_control(identity: &[&Policy]) -> bool {
    CONTROL.iter().all(|(action, _)| identity.iter().any(|policy| policy.may_allow(action)))
}

impl Access {
    /// The administrators, those under conditions included, in the order of [`Access::principals`]. The root user is
    /// one always and is not listed.
    #[must_use]
    pub fn administrators(&self) -> Vec<Administrator<'_>> {
        self.principals.iter().filter_map(|principal| self.administrator(principal)).collect()
    }

    /// Whether a principal is an administrator; `None` when it is not.
    #[must_use]
    pub fn administrator<'a>(&self, principal: &'a Principal) -> Option<Administrator<'a>> {
        self.administrator_given(principal, &Context::partial())
    }

    /// Whether a principal is an administrator when its requests carry what the context says, such as a second factor;
    /// `None` when it is not. Keys that the context leaves unknown stay open.
    #[must_use]
    pub fn administrator_given<'a>(&self, principal: &'a Principal, given: &Context) -> Option<Administrator<'a>> {
        let identity: Vec<&Policy> = principal.identity.iter().map(|held| held.source.policy()).collect();
        if !may_control(&identity) {
            return None;
        }
        let powers = Powers {
            caller: &principal.caller,
            context: principal.context(given),
            identity,
            boundary: principal.boundary().map(Source::policy),
        };
        let (certainty, grounds) = self.rules(&powers)?;
        Some(Administrator { principal, certainty, grounds })
    }

    /// Whether these powers are an administrator's.
    pub(crate) fn rules(&self, powers: &Powers<'_>) -> Option<(Truth, Grounds)> {
        if !may_control(&powers.identity) {
            return None;
        }
        let ask = |policies: &Policies<'_>, action: &str, resource: Target<'_>| {
            let request = Request {
                caller: powers.caller,
                action,
                resource,
                resource_account: Some(self.account.as_str()),
                context: &powers.context,
            };
            truth(policies.evaluate(&request).decision)
        };
        let own = Policies { identity: powers.identity.clone(), boundary: powers.boundary, ..Policies::default() };
        let control = |policies: &Policies<'_>| {
            let mut truth = Truth::Yes;
            for (action, resource) in CONTROL {
                let arn = format!("arn:{}:iam::{}:{resource}", self.partition, self.account);
                truth = truth.and(ask(policies, action, Target::One(&arn)));
                if truth == Truth::No {
                    break;
                }
            }
            truth
        };
        let own_control = control(&own);
        if own_control == Truth::No {
            return None;
        }
        let all = Policies {
            service_control: refer(&self.levels.service_control),
            resource_control: refer(&self.levels.resource_control),
            ..own
        };
        let everything = ask(&all, ANY_ACTION, Target::Matching("*")).and(own_control);
        if everything == Truth::Yes {
            return Some((Truth::Yes, Grounds::Everything));
        }
        match (control(&all), everything) {
            (Truth::Yes, _) => Some((Truth::Yes, Grounds::IamControl)),
            (_, Truth::Unknown) => Some((Truth::Unknown, Grounds::Everything)),
            (Truth::Unknown, _) => Some((Truth::Unknown, Grounds::IamControl)),
            _ => None,
        }
    }
}

/// Whether a decision allows.
pub(crate) fn truth(decision: probity_policy::Decision) -> Truth {
    match decision {
        probity_policy::Decision::Allowed => Truth::Yes,
        probity_policy::Decision::AllowedIf => Truth::Unknown,
        probity_policy::Decision::ImplicitlyDenied | probity_policy::Decision::ExplicitlyDenied => Truth::No,
    }
}

/// The policy that whoever writes policies would write.
pub(crate) fn everything() -> Arc<Source> {
    Source::parse(
        "a policy that allows everything",
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
    )
}
