//! The surest way of everyone to an administrator, worked out once for the checks of escalation.
//!
//! The graph of escalation gives one way for each user and role: the shortest of the surest. Where it begins with what a
//! check asks about, the check has its answer; where there is none, everything is closed. Where it begins with something
//! else, the check looks whether what it asks about is possible at all.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_access::{
    Access, Certainty, Escalations, Goal, Method, Outcome, Principal, PrincipalKind, Standing, StatementUsed, Step,
    Truth,
};
use probity_model::{Evidence, Findings, Gap, Inference, Need, Severity, Subject};
use probity_policy::{Context, Effect, Principal as Named, Principals, Target};

/// How everyone stands, in the order of [`Access::principals`].
pub struct Ways {
    standings: Vec<Place>,
}

/// How one user or role stands.
struct Place {
    /// Whether it is an administrator; nothing where it is none.
    administrator: Option<Truth>,
    way: Option<Way>,
}

/// A way to an administrator.
pub(crate) struct Way {
    /// How sure the whole of it is.
    pub(crate) certainty: Certainty,
    pub(crate) steps: Vec<Leg>,
}

/// A step of a way.
pub(crate) struct Leg {
    pub(crate) method: &'static Method,
    /// Whom it ends at, in words.
    pub(crate) to: String,
    pub(crate) statements: Vec<String>,
    /// What remains to be found out.
    pub(crate) open: Vec<String>,
}

impl Inference for Ways {
    fn needs() -> Vec<Need> {
        Escalations::needs()
    }

    fn infer(evidence: &Evidence<'_>) -> Result<Self, Gap> {
        let access = evidence.inferred::<Access>().as_ref().map_err(Clone::clone)?;
        let escalations = evidence.inferred::<Escalations>().as_ref().map_err(Clone::clone)?;
        let mut paths = escalations.paths(access, None, Goal::Administrator).into_iter().peekable();
        let standings = access.principals().iter().map(|principal| {
            let path = paths.next_if(|path| path.from.arn() == principal.arn());
            let way =
                path.map(|path| Way { certainty: path.certainty, steps: path.steps.iter().map(Leg::of).collect() });
            Place { administrator: access.administrator(principal).map(|one| one.certainty), way }
        });
        Ok(Ways { standings: standings.collect() })
    }
}

impl Leg {
    fn of(step: &Step<'_>) -> Leg {
        let mut open: Vec<String> = step.statements.iter().flat_map(|one| one.remaining.iter().cloned()).collect();
        open.extend(step.open.iter().cloned());
        open.dedup();
        Leg {
            method: step.method,
            to: in_words(&step.to),
            statements: step.statements.iter().filter(|one| one.effect == Effect::Allow).map(statement).collect(),
            open,
        }
    }
}

fn in_words(standing: &Standing<'_>) -> String {
    match standing {
        Standing::Principal(principal) => principal.arn().resource().to_owned(),
        Standing::Changed(principal, changes) => {
            format!("{} {}", principal.arn().resource(), changes.join(", "))
        }
        Standing::New => "a new principal".to_owned(),
    }
}

/// Where a statement stands, for people.
pub(crate) fn statement(used: &StatementUsed) -> String {
    match (&used.sid, used.statement) {
        (Some(sid), _) => format!("{} of {}", sid, used.policy),
        (None, Some(number)) => format!("statement {} of {}", number.saturating_add(1), used.policy),
        (None, None) => used.policy.clone(),
    }
}

impl Ways {
    /// Everyone who has a say here: the rest is reported as not applicable, and why.
    pub(crate) fn candidates<'a>(&'a self, access: &'a Access, out: &mut Findings<'_>) -> Vec<Candidate<'a>> {
        let mut candidates = Vec::new();
        for (principal, place) in access.principals().iter().zip(&self.standings) {
            let subject = |out: &mut Findings<'_>, reason: &str| {
                out.resource(principal.arn().clone()).not_applicable(reason);
            };
            if principal.kind() == PrincipalKind::ServiceLinkedRole {
                subject(out, "AWS made the role for a service");
            } else if place.administrator == Some(Truth::Yes) {
                subject(out, "is an administrator, and needs no way to become one");
            } else {
                let perhaps = place.administrator.is_some();
                candidates.push(Candidate { principal, perhaps, way: place.way.as_ref() });
            }
        }
        candidates
    }

    /// The roles that are as good as an administrator, or perhaps, or have a way to one.
    fn stronger_roles<'a>(&'a self, access: &'a Access) -> impl Iterator<Item = &'a Principal> {
        let all = access.principals().iter().zip(&self.standings);
        all.filter(|(principal, place)| {
            principal.kind() == PrincipalKind::Role && (place.administrator.is_some() || place.way.is_some())
        })
        .map(|(principal, _)| principal)
    }

    /// Whether some such role trusts one of the services that these methods need, or perhaps.
    pub(crate) fn is_service_trusted(&self, access: &Access, class: &Class<'_>) -> bool {
        let services: Vec<&str> =
            class.methods().flat_map(|method| method.services.iter().map(String::as_str)).collect();
        self.stronger_roles(access).any(|role| trusts_one(role, &services))
    }

    /// The certain administrators.
    pub(crate) fn administrators<'a>(&'a self, access: &'a Access) -> impl Iterator<Item = &'a Principal> {
        let all = access.principals().iter().zip(&self.standings);
        all.filter(|(_, place)| place.administrator == Some(Truth::Yes)).map(|(principal, _)| principal)
    }

    /// Those that are administrators, or have a way to one that begins otherwise than by entering a role: for sure, or
    /// at all.
    pub(crate) fn strong_alone<'a>(&'a self, access: &'a Access, sure: bool) -> impl Iterator<Item = &'a Principal> {
        let all = access.principals().iter().zip(&self.standings);
        let counts = move |place: &Place| {
            let enters = |way: &Way| way.steps.first().is_some_and(|leg| leg.method.needs == ["sts:AssumeRole"]);
            if place.administrator.is_none() && place.way.as_ref().is_some_and(enters) {
                return false;
            }
            if sure {
                let is_open = |way: &Way| way.certainty == Certainty::Certain;
                place.administrator == Some(Truth::Yes) || place.way.as_ref().is_some_and(is_open)
            } else {
                place.administrator.is_some() || place.way.is_some()
            }
        };
        all.filter(move |(_, place)| counts(place)).map(|(principal, _)| principal)
    }
}

pub(crate) fn trusts_one(role: &Principal, services: &[&str]) -> bool {
    let Some(document) = role.trust().map(probity_access::Source::document) else { return false };
    let Some(document) = document else { return true };
    document.statements.iter().filter(|one| one.effect == Effect::Allow).any(|one| match &one.principals {
        Some(Principals::Only(named)) => named.iter().any(|named| match named {
            Named::Service(name) => services.iter().any(|service| is_service(name, service)),
            Named::Everyone => true,
            _ => false,
        }),
        Some(Principals::AllBut(_)) => true,
        None => false,
    })
}

/// Whether a principal of a trust policy is this service; in some partitions and Regions names have other ends.
fn is_service(name: &str, service: &str) -> bool {
    let first = |text: &str| text.split(".amazonaws").next().unwrap_or_default().to_ascii_lowercase();
    let (name, service) = (first(name), first(service));
    name == service || name.strip_prefix(&service).is_some_and(|rest| rest.starts_with('.'))
}

/// A user or role that is no administrator for sure.
pub(crate) struct Candidate<'a> {
    pub(crate) principal: &'a Principal,
    /// Whether it may be an administrator.
    pub(crate) perhaps: bool,
    pub(crate) way: Option<&'a Way>,
}

/// The methods that a check is about.
pub(crate) struct Class<'c> {
    /// Which they are.
    pub(crate) belongs: &'c dyn Fn(&Method) -> bool,
    /// What is done, for "may …".
    pub(crate) does: &'c str,
    /// The severity of what is possible and not proven, where it differs.
    pub(crate) unproven: Option<Severity>,
}

impl Class<'_> {
    pub(crate) fn methods(&self) -> impl Iterator<Item = &'static Method> {
        Method::all().iter().filter(|method| (self.belongs)(method))
    }

    /// A method all of whose actions a principal may do on something, or perhaps.
    fn possible(&self, access: &Access, ways: &Ways, principal: &Principal) -> Option<&'static Method> {
        self.methods().find(|method| {
            let all = method.needs.iter().all(|need| may_anywhere(access, principal, need));
            all && (method.services.is_empty()
                || ways.stronger_roles(access).any(|role| may_be_used(access, principal, method, role)))
        })
    }
}

/// Whether a role trusts a service of a method, or perhaps, and may be passed to it where the method demands that.
fn may_be_used(access: &Access, principal: &Principal, method: &Method, role: &Principal) -> bool {
    let passes = method.needs.iter().any(|need| need == "iam:PassRole");
    method.services.iter().filter(|service| trusts_one(role, &[service.as_str()])).any(|service| {
        let context = Context::partial().with("iam:PassedToService", service.as_str());
        let arn = Target::One(role.arn().as_str());
        !passes || access.can(principal, "iam:PassRole", arn, &context).outcome != Outcome::Denied
    })
}

/// Whether a principal may do an action on something, as far as its policies tell. A trust policy may be all it takes to
/// assume a role.
pub(crate) fn may_anywhere(access: &Access, principal: &Principal, action: &str) -> bool {
    action == "sts:AssumeRole"
        || access.can(principal, action, Target::Matching("*"), &Context::partial()).outcome != Outcome::Denied
}

/// What a check found out by itself, where no way in the graph begins with what it is about.
pub(crate) struct Found {
    /// Whether it is sure.
    pub(crate) is_certain: bool,
    pub(crate) message: String,
    pub(crate) statements: Vec<String>,
}

/// Judges one user or role by its way; `probe` may find more for sure, where the way begins with something else.
pub(crate) fn judge(
    access: &Access,
    ways: &Ways,
    candidate: &Candidate<'_>,
    class: &Class<'_>,
    probe: &dyn Fn(&Principal) -> Option<Found>,
    out: &mut Findings<'_>,
) {
    let principal = candidate.principal;
    let subject = out.resource(principal.arn().clone());
    let own_way = candidate.way.and_then(|way| way.steps.first().map(|first| (way, first)));
    if let Some((way, first)) = own_way.filter(|(_, first)| (class.belongs)(first.method)) {
        let subject = with_way(subject, way);
        if way.certainty == Certainty::Certain {
            return subject.fail(format!("may {}: {}", class.does, sentence(way, first)));
        }
        let subject = graded(subject, class);
        let remaining = remaining(way);
        return subject.unclear(format!(
            "whether it may {} depends on what nobody can say from the evidence: {remaining}",
            class.does
        ));
    }
    let found = probe(principal);
    if let Some(found) = found {
        let subject = found.statements.iter().fold(subject, |subject, one| subject.evidence("statement", one));
        return if found.is_certain {
            subject.fail(format!("may {}: {}", class.does, found.message))
        } else {
            graded(subject, class).unclear(format!("may perhaps {}: {}", class.does, found.message))
        };
    }
    let Some((way, first)) = own_way else {
        return if candidate.perhaps {
            subject.unclear("whether it is an administrator depends on conditions, or on policies that were not read")
        } else {
            subject.pass("no way to an administrator is open")
        };
    };
    let subject = subject.evidence("other_way", format!("{} to {}", first.method.id, first.to));
    match class.possible(access, ways, principal) {
        Some(method) => graded(subject, class).evidence("method", &method.id).unclear(format!(
            "may perhaps {} ({}); the way to an administrator that was found begins otherwise, with {} ({})",
            class.does,
            method.title,
            first.method.id,
            way_in_words(way),
        )),
        None => subject.pass(format!(
            "may not {}; its way to an administrator begins with {}, which another check reports",
            class.does, first.method.id
        )),
    }
}

fn graded<'f, 's>(subject: Subject<'f, 's>, class: &Class<'_>) -> Subject<'f, 's> {
    match class.unproven {
        Some(severity) => subject.severity(severity),
        None => subject,
    }
}

fn way_in_words(way: &Way) -> String {
    way.steps.iter().map(|leg| leg.to.as_str()).collect::<Vec<_>>().join(", then ")
}

/// A way as evidence: its methods, whom they end at, and the statements that open them.
pub(crate) fn with_way<'f, 's>(subject: Subject<'f, 's>, way: &Way) -> Subject<'f, 's> {
    let mut subject = subject;
    for leg in &way.steps {
        subject = subject.evidence("method", &leg.method.id).evidence("target", &leg.to);
        for one in &leg.statements {
            subject = subject.evidence("statement", one);
        }
    }
    subject
}

/// The way as part of a sentence.
pub(crate) fn sentence(way: &Way, first: &Leg) -> String {
    let title = first.method.title.to_string();
    match way.steps.len() {
        0 | 1 => format!("{title} ({})", first.to),
        steps => format!("{title}; the way to an administrator has {steps} steps: {}", way_in_words(way)),
    }
}

/// What remains to be found out on a way.
pub(crate) fn remaining(way: &Way) -> String {
    let mut all: Vec<&str> = Vec::new();
    for text in way.steps.iter().flat_map(|leg| &leg.open) {
        if !all.contains(&text.as_str()) {
            all.push(text);
        }
    }
    if all.is_empty() { "whether whom it ends at is an administrator".to_owned() } else { all.join("; ") }
}

/// Accounts for the tests of the checks of escalation.
#[cfg(test)]
pub(crate) mod testing {
    use std::format;
    use std::string::String;

    use probity_model::Finding;
    use probity_model::Outcome;
    use probity_model::builder::Account;

    use crate::testing::findings;

    /// A policy that allows everything.
    pub(crate) const ADMIN: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    /// A policy of one statement; the action is JSON.
    pub(crate) fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":{action},"Resource":"{resource}","Condition":{{{condition}}}}}]}}"#
        )
    }

    /// A policy that allows an action.
    pub(crate) fn allow(action: &str, resource: &str) -> String {
        statement("Allow", &format!("\"{action}\""), resource, "")
    }

    /// An account with an administrator, the user `boss`.
    pub(crate) fn boss() -> Account {
        Account::new().user("boss", |user| user.inline("all", ADMIN))
    }

    /// The account with a user `anna` that holds a policy within a boundary.
    pub(crate) fn with_boundary(account: Account, boundary: &str, own: &str) -> Account {
        account
            .policy("boundary", boundary, |policy| policy.boundary_of(1))
            .user("anna", |user| user.inline("own", own).boundary("arn:aws:iam::123456789012:policy/boundary"))
    }

    /// The finding of a check about one user or role.
    pub(crate) fn finding(check: &str, account: Account, resource: &str) -> Finding {
        let found = findings(check, account).into_iter();
        let mut of = found.filter(|finding| finding.resource.resource() == resource);
        let first = of.next().expect("a finding");
        assert!(of.next().is_none(), "one finding for each user and role");
        first
    }

    /// Its outcome.
    pub(crate) fn of(check: &str, account: Account, resource: &str) -> Outcome {
        finding(check, account, resource).outcome
    }
}
