//! May this caller do this action on this resource? All policies that have a say, in the order that IAM documents.
//!
//! A Deny anywhere ends it. Then every level of the organization must allow, and the endpoints; and then the caller's
//! own policies or the resource's: either in one account, both across accounts.
//!
//! [`Policies`] says what there is, [`Request`] what is asked, [`Answer`] what came of it and by which statements.

mod answer;

use crate::caller::{self, Caller, Reach};
use crate::context::{Context, Keys, Known};
use crate::document::Effect;
use crate::overlap;
use crate::policy::{Asked, AskedResource, Policy, Prepared, Remaining, Target};
use crate::truth::Truth;
use answer::Found;
pub use answer::{Answer, Decider, Decision, Layer};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// Who asks.
    pub caller: &'r Caller,
    /// The action, such as `s3:GetObject`; without wildcards.
    pub action: &'r str,
    /// The resource.
    pub resource: Target<'r>,
    /// The account of the resource. Where it is not given it is read from the ARN; where the ARN has none either, as
    /// those of S3, it is taken to be the caller's.
    pub resource_account: Option<&'r str>,
    /// The rest of the request. Keys that follow from caller and resource are added where it says nothing of them.
    pub context: &'r Context,
}

/// All policies that have a say in a request. A policy that exists and was not read is [`Policy::unread`], never left
/// out: what is left out is taken not to exist.
#[derive(Clone, Debug, Default)]
pub struct Policies<'p> {
    /// The caller's own: of the user and its groups, or of the role.
    pub identity: Vec<&'p Policy>,
    /// The permissions boundary.
    pub boundary: Option<&'p Policy>,
    /// The session policies; `None` for a session without any.
    pub session: Option<Vec<&'p Policy>>,
    /// The resource's own: of a bucket, a key, a role that is to be assumed.
    pub resource: Option<&'p Policy>,
    /// Of the endpoints on the way; each must allow.
    pub endpoints: Vec<&'p Policy>,
    /// Service control policies of the caller's account, level by level from the root. None for the management
    /// account, and where there is no organization.
    pub service_control: Vec<Vec<&'p Policy>>,
    /// Resource control policies of the resource's account, level by level. AWS's own that allows everything need not
    /// be among them.
    pub resource_control: Vec<Vec<&'p Policy>>,
}

/// What answers call the policies of those resources whose own policy must allow, where the question names several.
const GUARDS: &str = "the policies of the resources";

/// The keys of a request, with those that follow from the caller and the resource.
struct View<'r> {
    given: &'r Context,
    caller: &'r Caller,
    resource_account: Option<[String; 1]>,
}

impl Keys for View<'_> {
    fn lowered(&self, key: &str) -> Known<'_> {
        if let Some(known) = self.given.told(key).or_else(|| self.caller.context.told(key)) {
            return known;
        }
        match &self.resource_account {
            Some(account) if key == "aws:resourceaccount" => Known::Values(account),
            _ if key == "aws:principalarn" && self.caller.has_open_arn() => Known::Unknown,
            _ => self.given.lowered(key),
        }
    }
}

impl<'p> Policies<'p> {
    /// Answers a request.
    #[must_use]
    pub fn evaluate(&self, request: &Request<'_>) -> Answer<'p> {
        let resource_account = request.account_of_resource();
        let keys = View {
            given: request.context,
            caller: request.caller,
            resource_account: resource_account.map(|account| [account.to_owned()]),
        };
        let asked = Asked {
            caller: request.caller,
            action: request.action,
            resource: AskedResource::new(request.resource),
            keys: &keys,
            has_boundary: self.boundary.is_some(),
        };
        let denied = self.denied(&asked);
        if denied.truth == Truth::Yes {
            return Answer::denied(denied);
        }
        let mut allowed = self.organization(&asked);
        for endpoint in &self.endpoints {
            allowed = allowed.and(self.endpoint(endpoint, &asked));
        }
        let same_account = resource_account.is_none() || resource_account == request.caller.account();
        let allowed = allowed.and(self.accounts(&asked, same_account, request.guarded_by_resource()));
        Answer::of(denied, allowed)
    }

    /// Every Deny of every policy.
    fn denied(&self, asked: &Asked<'_>) -> Found<'p> {
        let session = self.session.iter().flatten().map(|policy| (Layer::Session, *policy));
        let levels = |levels: &[Vec<&'p Policy>], layer: fn(usize) -> Layer| -> Vec<(Layer, &'p Policy)> {
            let numbered = levels.iter().enumerate();
            numbered.flat_map(|(level, policies)| policies.iter().map(move |policy| (layer(level), *policy))).collect()
        };
        let service_control = if bound_by_service_control(asked.caller) {
            levels(&self.service_control, Layer::ServiceControl)
        } else {
            Vec::new()
        };
        let resource_control = if bound_by_resource_control(asked) {
            levels(&self.resource_control, Layer::ResourceControl)
        } else {
            Vec::new()
        };
        let identity = self.identity.iter().map(|policy| (Layer::Identity, *policy));
        let all = identity
            .chain(self.boundary.map(|policy| (Layer::Boundary, policy)))
            .chain(session)
            .chain(self.resource.map(|policy| (Layer::Resource, policy)))
            .chain(self.endpoints.iter().map(|policy| (Layer::Endpoint, *policy)))
            .chain(service_control)
            .chain(resource_control);
        all.fold(Found::no(), |found, (layer, policy)| {
            found.or(each(policy, layer, Effect::Deny, asked, |statement| statement.denies(asked)))
        })
    }

    /// Whether every level of service control policies allows.
    fn organization(&self, asked: &Asked<'_>) -> Found<'p> {
        if !bound_by_service_control(asked.caller) {
            return Found::yes();
        }
        self.service_control.iter().enumerate().fold(Found::yes(), |found, (level, policies)| {
            found.and(union(policies, Layer::ServiceControl(level), asked))
        })
    }

    fn endpoint(&self, policy: &'p Policy, asked: &Asked<'_>) -> Found<'p> {
        each(policy, Layer::Endpoint, Effect::Allow, asked, |statement| statement.reach(asked.caller).any())
            .or_lacking(Layer::Endpoint)
    }

    /// The caller's side and the resource's.
    fn accounts(&self, asked: &Asked<'_>, same_account: bool, guarded: Truth) -> Found<'p> {
        let resource = |reach: fn(Reach) -> Truth| {
            self.resource.map_or(Found::no(), |policy| {
                each(policy, Layer::Resource, Effect::Allow, asked, |statement| reach(statement.reach(asked.caller)))
            })
        };
        if !asked.caller.has_identity() {
            return resource(|reach| reach.any()).or_lacking(Layer::Resource);
        }
        let limits = self.boundary(asked).and(self.session(asked));
        let own = self.identity(asked).and(limits.clone());
        if !same_account {
            return own.and(resource(|reach| reach.any()).or_lacking(Layer::Resource));
        }
        let by_account = resource(|reach| reach.account);
        // The account's own policies count by themselves, except for keys and roles: those must say so.
        let delegated = match guarded {
            Truth::Yes => own.and(by_account.or_lacking(Layer::Resource)),
            Truth::No => own.noting(by_account),
            Truth::Unknown => own.and(by_account.or(Found::one(Truth::Unknown, unread(Layer::Resource, GUARDS)))),
        };
        let by_role = resource(|reach| reach.role).and(limits);
        delegated.or(resource(|reach| reach.direct)).or(by_role)
    }

    fn identity(&self, asked: &Asked<'_>) -> Found<'p> {
        // Root needs no policy, and none can be attached to it.
        if asked.caller.is_root() { Found::yes() } else { union(&self.identity, Layer::Identity, asked) }
    }

    fn boundary(&self, asked: &Asked<'_>) -> Found<'p> {
        match self.boundary {
            Some(policy) if !asked.caller.is_root() => union(&[policy], Layer::Boundary, asked),
            _ => Found::yes(),
        }
    }

    fn session(&self, asked: &Asked<'_>) -> Found<'p> {
        match &self.session {
            Some(policies) => union(policies, Layer::Session, asked),
            // A federated session has what its session policies give it, and nothing without.
            None if asked.caller.is_federated_user() => Found::no().or_lacking(Layer::Session),
            None => Found::yes(),
        }
    }
}

impl<'r> Request<'r> {
    fn account_of_resource(&self) -> Option<&'r str> {
        let of_arn =
            || caller::arn(self.resource.arn()).map(|(_, account, _)| account).filter(|text| caller::is_account(text));
        self.resource_account.or_else(of_arn).or(self.caller.account())
    }

    /// Whether the resource's own policy must allow, whatever the caller's say: so for keys, and for roles that are to
    /// be assumed. Unknown where the question names such resources among others.
    fn guarded_by_resource(&self) -> Truth {
        let service = self.action.split_once(':').map_or("", |(service, _)| service);
        let (own_service, kind, all) = if service.eq_ignore_ascii_case("kms") {
            ("kms", "key/", "arn:*:kms:*:*:key/*")
        } else if service.eq_ignore_ascii_case("sts") {
            ("iam", "role/", "arn:*:iam:*:*:role/*")
        } else {
            return Truth::No;
        };
        let arn = caller::arn(self.resource.arn());
        if arn.is_some_and(|(service, _, rest)| service == own_service && rest.starts_with(kind)) {
            return Truth::Yes;
        }
        match self.resource {
            Target::Matching(asked) if overlap::touches_arn(&overlap::tokens(all), &overlap::tokens(asked)) => {
                Truth::Unknown
            }
            _ => Truth::No,
        }
    }
}

/// Whether one of the policies allows; says which layer lacks it where none does.
fn union<'p>(policies: &[&'p Policy], layer: Layer, asked: &Asked<'_>) -> Found<'p> {
    policies
        .iter()
        .fold(Found::no(), |found, policy| found.or(each(policy, layer, Effect::Allow, asked, |_| Truth::Yes)))
        .or_lacking(layer)
}

/// Whether one statement with this effect applies and speaks of the caller.
fn each<'p>(
    policy: &'p Policy,
    layer: Layer,
    effect: Effect,
    asked: &Asked<'_>,
    principal: impl Fn(&'p Prepared) -> Truth,
) -> Found<'p> {
    let Some(statements) = policy.statements() else {
        return Found::one(Truth::Unknown, Decider { effect, ..unread(layer, policy.name()) });
    };
    let with_effect = statements.iter().enumerate().filter(|(_, statement)| statement.effect == effect);
    with_effect.fold(Found::no(), |found, (number, statement)| {
        let (applies, mut remaining) = statement.applies(asked);
        if applies == Truth::No {
            return found;
        }
        let means = principal(statement);
        if means == Truth::Unknown {
            remaining.push(Remaining::Principal);
        }
        let decider = Decider {
            layer,
            policy: policy.name(),
            effect,
            statement: Some(number),
            sid: statement.sid.as_deref(),
            position: Some(statement.position),
            remaining,
        };
        found.or(Found::one(applies.and(means), decider))
    })
}

/// A policy that nobody has read, and that may allow.
fn unread(layer: Layer, policy: &str) -> Decider<'_> {
    let remaining = vec![Remaining::Policy];
    Decider { layer, policy, effect: Effect::Allow, statement: None, sid: None, position: None, remaining }
}

/// Service control policies bind the principals of the organization, but not what AWS's services do by themselves.
fn bound_by_service_control(caller: &Caller) -> bool {
    caller.has_identity() && !caller.is_service_linked()
}

/// Resource control policies bind everyone but service-linked roles, and every action but one.
fn bound_by_resource_control(asked: &Asked<'_>) -> bool {
    !asked.caller.is_service_linked() && !asked.action.eq_ignore_ascii_case("kms:RetireGrant")
}

#[cfg(test)]
mod tests;
