//! Which IAM users are administrators: by what their policies let them do, or by a way to get there.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_access::{Access, Administrator, Binding, Certainty, Escalations, Goal, Grounds, Path, Principal, Truth};
use probity_model::{Arn, Evidence, Gap, Inference, Need};
use probity_policy::{Caller, Context, Decision, Effect, Layer, Policies, Policy, Request, Target};

/// The power of every IAM user of an account, worked out once.
pub struct UserPowers {
    users: BTreeMap<Arn, Power>,
}

/// What a user is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Power {
    /// An administrator for sure; with how, in words.
    Administrator(String),
    /// Not one yet, and for sure able to become one; with the way, in words.
    CanBecome(String),
    /// An administrator in requests with a second factor, and perhaps not in others; with how.
    WithMfa(String),
    /// Perhaps: it hangs on conditions, or on what nobody has read; with on what.
    Perhaps(String),
    /// None; with what its policies would grant and what takes it away, where that is so.
    Not(Option<String>),
}

impl Inference for UserPowers {
    fn needs() -> Vec<Need> {
        Access::needs()
    }

    fn infer(evidence: &Evidence<'_>) -> Result<Self, Gap> {
        let access = evidence.inferred::<Access>().as_ref().map_err(Clone::clone)?;
        let escalations = evidence.inferred::<Escalations>().as_ref().map_err(Clone::clone)?;
        let paths: BTreeMap<&Arn, Path<'_>> = escalations
            .paths(access, None, Goal::Administrator)
            .into_iter()
            .filter_map(|path| Some((path.from.principal()?.arn(), path)))
            .collect();
        let users = access.principals().iter().filter(|principal| principal.is_user());
        let users = users.map(|user| (user.arn().clone(), power(access, user, paths.get(user.arn()))));
        Ok(Self { users: users.collect() })
    }
}

impl UserPowers {
    /// Every user with its power, in the order of the ARNs.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arn, &Power)> {
        self.users.iter()
    }
}

/// Requests with a second factor, signed in a moment ago, over an encrypted connection.
pub(crate) fn with_mfa() -> Context {
    Context::partial()
        .with("aws:MultiFactorAuthPresent", "true")
        .with("aws:MultiFactorAuthAge", "1")
        .with("aws:SecureTransport", "true")
        .with("aws:ViaAWSService", "false")
}

fn power(access: &Access, user: &Principal, path: Option<&Path<'_>>) -> Power {
    let plain = access.administrator(user);
    if let Some(sure) = plain.filter(|one| one.certainty == Truth::Yes) {
        return Power::Administrator(in_words(&sure));
    }
    if let Some(path) = path.filter(|path| path.certainty == Certainty::Certain) {
        return Power::CanBecome(path_in_words(path));
    }
    if let Some(sure) = access.administrator_given(user, &with_mfa()).filter(|one| one.certainty == Truth::Yes) {
        return Power::WithMfa(in_words(&sure));
    }
    if plain.is_some() {
        return Power::Perhaps(match access.organization() {
            Binding::Unread(reason) => format!("the policies of the organization, which were not read: {reason}"),
            _ => "conditions of its policies, or a policy that was not read".to_string(),
        });
    }
    match path {
        Some(path) => Power::Perhaps(open_in_words(path)),
        None => Power::Not(taken_away(access, user)),
    }
}

fn in_words(one: &Administrator<'_>) -> String {
    let grounds = match one.grounds {
        Grounds::Everything => "its policies allow every action on every resource",
        Grounds::IamControl => "its policies give it control of IAM",
    };
    let mut groups: Vec<_> = one.principal.identity().iter().filter_map(|held| held.via.group()).collect();
    groups.sort_unstable();
    groups.dedup();
    let names = policies(one.principal);
    let through = if groups.is_empty() { String::new() } else { format!("; groups: {}", groups.join(", ")) };
    format!("{grounds} ({names}{through})")
}

/// The names of its policies, each once.
fn policies(principal: &Principal) -> String {
    let mut names: Vec<_> = principal.identity().iter().map(|held| held.source.name()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

fn path_in_words(path: &Path<'_>) -> String {
    let steps: Vec<_> = path.steps.iter().map(step_in_words).collect();
    steps.join("; then: ")
}

fn step_in_words(step: &probity_access::Step<'_>) -> String {
    let target = step.to.principal().filter(|to| step.from.principal().is_none_or(|from| from.arn() != to.arn()));
    match target {
        Some(target) => format!("{} ({}, {})", step.method.title, step.method.id, target.arn().resource()),
        None => format!("{} ({})", step.method.title, step.method.id),
    }
}

/// A path that is not certain, with what must be found out.
fn open_in_words(path: &Path<'_>) -> String {
    let steps: Vec<_> = path.steps.iter().map(step_in_words).collect();
    let statements = path.steps.iter().flat_map(|step| &step.statements);
    let remaining = statements.flat_map(|statement| &statement.remaining);
    let mut open: Vec<&str> =
        path.steps.iter().flat_map(|step| &step.open).chain(remaining).map(String::as_str).collect();
    open.sort_unstable();
    open.dedup();
    let on = if open.is_empty() { String::new() } else { format!("; open: {}", open.join("; ")) };
    format!("whether this way is open: {}{on}", steps.join("; then: "))
}

/// What the policies of a user would grant by themselves, and what takes it away.
fn taken_away(access: &Access, user: &Principal) -> Option<String> {
    let action = "iam:AttachUserPolicy";
    if !user.is_granted(action) {
        return None;
    }
    let account = access.account();
    let partition = user.arn().as_str().split(':').nth(1).unwrap_or_default();
    let resource = format!("arn:{partition}:iam::{account}:user/probity/any-user");
    let context = with_mfa();
    let caller = Caller::parse(user.arn().as_str())?;
    let identity: Vec<&Policy> = user.identity().iter().map(|held| held.source.policy()).collect();
    let alone = Policies { identity, ..Policies::default() }.evaluate(&Request {
        caller: &caller,
        action,
        resource: Target::One(&resource),
        resource_account: None,
        context: &context,
    });
    if alone.decision != Decision::Allowed {
        return None;
    }
    let decision = access.can(user, action, Target::One(&resource), &context);
    let denying = decision.statements.iter().filter(|one| one.effect == Effect::Deny);
    let by_statement = denying.map(|one| format!("{} {}", layer_in_words(one.layer), one.policy)).next();
    let by_absence = || match decision.lacking.iter().find(|layer| **layer != Layer::Identity) {
        Some(Layer::Boundary) => {
            user.boundary().map(|boundary| format!("the permissions boundary {}", boundary.name()))
        }
        Some(layer) => Some(layer_in_words(*layer).to_string()),
        None => None,
    };
    let limit = by_statement.or_else(by_absence)?;
    Some(format!("its policies grant control of users ({}), and {limit} takes it away", policies(user)))
}

fn layer_in_words(layer: Layer) -> &'static str {
    match layer {
        Layer::Boundary => "the permissions boundary",
        Layer::ServiceControl(_) => "the service control policy",
        Layer::ResourceControl(_) => "the resource control policy",
        _ => "the policy",
    }
}
