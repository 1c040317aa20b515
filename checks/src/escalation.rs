//! The surest way of everyone to an administrator, worked out once for the checks of escalation.
//!
//! The graph of escalation gives one way for each user and role: the shortest of the surest. Where it begins with what a
//! check asks about, the check has its answer; where there is none, everything is closed. Where it begins with something
//! else, the check looks whether what it asks about is possible at all.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::{
    Access, Certainty, Escalations, Goal, Method, Path, Principal, PrincipalKind, Standing, StatementUsed, Step, Truth,
};
use probity_model::{Arn, Evidence, Findings, Gap, Inference, Need};
use probity_policy::{Effect, Principal as Named, Principals};

mod verdict;

#[cfg(test)]
pub(crate) mod testing;

pub(crate) use verdict::{Candidate, Class, Found, judge, remaining, sentence, with_way};

/// Everyone's permissions and how everyone stands.
pub struct Ways {
    access: Access,
    /// In the order of [`Access::principals`].
    standings: Vec<Place>,
    /// The place of each in that order.
    places: BTreeMap<Arn, usize>,
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
        Ok(Ways::new(access.clone(), escalations))
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
        Standing::New(_) => "a new principal".to_owned(),
        Standing::Outsider(outsider) => format!("{outsider}"),
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
    fn new(access: Access, escalations: &Escalations) -> Self {
        let mut paths = escalations.paths(&access, None, Goal::Administrator).into_iter().peekable();
        let standings = access.principals().iter().map(|principal| {
            let path = paths.next_if(|path| path.from.principal().is_some_and(|from| from.arn() == principal.arn()));
            let steps = |path: &Path<'_>| path.steps.iter().map(Leg::of).collect();
            let way = path.map(|path| Way { certainty: path.certainty, steps: steps(&path) });
            Place { administrator: access.administrator(principal).map(|one| one.certainty), way }
        });
        let standings = standings.collect();
        let places = access.principals().iter().enumerate().map(|(number, one)| (one.arn().clone(), number)).collect();
        Ways { access, standings, places }
    }

    /// Everyone's permissions.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// Whether a principal is, or can become, an administrator: for sure, or perhaps; nothing where it is and can not.
    pub(crate) fn strength(&self, principal: &Arn) -> Option<bool> {
        let at = self.access.principals().iter().position(|one| one.arn() == principal)?;
        let place = self.standings.get(at)?;
        let by_way = place.way.as_ref().map(|way| way.certainty == Certainty::Certain);
        match (place.administrator, by_way) {
            (Some(Truth::Yes), _) | (_, Some(true)) => Some(true),
            (None, None) => None,
            _ => Some(false),
        }
    }

    /// Everyone who has a say here: the rest is reported as not applicable, and why.
    pub(crate) fn candidates<'a>(&'a self, access: &'a Access, out: &mut Findings<'_>) -> Vec<Candidate<'a>> {
        let mut candidates = Vec::new();
        for (principal, place) in access.principals().iter().zip(&self.standings) {
            let subject = |out: &mut Findings<'_>, reason: &'static str| {
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

    /// Whether a user or role is an administrator; nothing where it is none.
    pub(crate) fn is_administrator(&self, arn: &Arn) -> Option<Truth> {
        self.place(arn).and_then(|place| place.administrator)
    }

    /// The way of a user or role to an administrator.
    pub(crate) fn way_of(&self, arn: &Arn) -> Option<&Way> {
        self.place(arn).and_then(|place| place.way.as_ref())
    }

    fn place(&self, arn: &Arn) -> Option<&Place> {
        self.places.get(arn).and_then(|number| self.standings.get(*number))
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
            Named::Service(name) | Named::Federated(name) => services.iter().any(|service| is_service(name, service)),
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
