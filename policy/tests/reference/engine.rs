//! The same question, put to the crate.

use super::{Verdict, Who, World};
use probity_policy::{Caller, Context, Decision, Policies, Policy, Request, Target};
use serde_json::Value;
use std::collections::BTreeMap;

/// A world with its policies read by the crate. A policy that is `null` is one that nobody has read.
pub(crate) struct Engine {
    caller: Caller,
    identity: Vec<Policy>,
    boundary: Option<Policy>,
    session: Option<Vec<Policy>>,
    own: Option<Policy>,
    service_control: Vec<Vec<Policy>>,
    resource_control: Vec<Vec<Policy>>,
}

fn read(document: &Value) -> Policy {
    if document.is_null() { Policy::unread("p") } else { Policy::parse("p", &document.to_string()).expect("a policy") }
}

fn all(documents: &[Value]) -> Vec<Policy> {
    documents.iter().map(read).collect()
}

impl Engine {
    pub(crate) fn of(world: &World) -> Engine {
        let caller = match &world.who {
            Who::Root { account } => Caller::parse(account),
            Who::User { account, name } => Caller::parse(&format!("arn:aws:iam::{account}:user/{name}")),
            Who::Session { role, session, .. } => Caller::session(role, session),
            Who::Service(name) => Caller::parse(name),
            Who::Anonymous => Some(Caller::anonymous()),
        };
        Engine {
            caller: caller.expect("a caller"),
            identity: all(&world.identity),
            boundary: world.boundary.as_ref().map(read),
            session: world.session.as_deref().map(all),
            own: world.own.as_ref().map(read),
            service_control: world.service_control.iter().map(|level| all(level)).collect(),
            resource_control: world.resource_control.iter().map(|level| all(level)).collect(),
        }
    }

    pub(crate) fn decide(&self, world: &World, resource: Target<'_>, context: &Context) -> Decision {
        let policies = Policies {
            identity: self.identity.iter().collect(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref().map(|policies| policies.iter().collect()),
            resource: self.own.as_ref(),
            endpoints: Vec::new(),
            service_control: self.service_control.iter().map(|level| level.iter().collect()).collect(),
            resource_control: self.resource_control.iter().map(|level| level.iter().collect()).collect(),
        };
        let request = Request {
            caller: &self.caller,
            action: &world.action,
            resource,
            resource_account: world.resource_account.as_deref(),
            context,
        };
        policies.evaluate(&request).decision
    }
}

/// The answer of the crate, about the one resource and with nothing unknown.
pub(crate) fn decide(world: &World) -> Decision {
    Engine::of(world).decide(world, Target::One(&world.resource), &complete(world))
}

/// The keys of a world, and no others.
pub(crate) fn complete(world: &World) -> Context {
    with_keys(Context::complete(), &world.keys)
}

/// The keys of a world but those that nobody has read: `ignorant` says of each key whether it is known, and of a key
/// that it does not name nothing is known if the world does not have it either.
pub(crate) fn partial(world: &World, ignorant: &BTreeMap<String, bool>) -> Context {
    let known = |key: &String| ignorant.get(key).copied().unwrap_or(true);
    let keys: BTreeMap<_, _> = world.keys.clone().into_iter().filter(|(key, _)| known(key)).collect();
    let absent = ignorant.iter().filter(|(key, known)| **known && !world.keys.contains_key(*key));
    absent.fold(with_keys(Context::partial(), &keys), |context, (key, _)| context.without(key))
}

fn with_keys(mut context: Context, keys: &BTreeMap<String, Vec<String>>) -> Context {
    for (key, values) in keys {
        context.set(key, values.clone());
    }
    context
}

/// The words of the crate for a verdict.
pub(crate) fn in_its_words(verdict: Verdict) -> Decision {
    match verdict {
        Verdict::Allowed => Decision::Allowed,
        Verdict::ImplicitlyDenied => Decision::ImplicitlyDenied,
        Verdict::ExplicitlyDenied => Decision::ExplicitlyDenied,
    }
}
