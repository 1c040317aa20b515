//! The verdict on one user or role: by its way to an administrator, and where that begins with something else, by whether
//! what the check asks about is possible at all.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_access::{Access, Certainty, Method, Outcome, Principal};
use probity_model::{Findings, Severity, Subject};
use probity_policy::{Context, Target};

use super::{Leg, Way, Ways, trusts_one};

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
    pub(super) fn methods(&self) -> impl Iterator<Item = &'static Method> {
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
        || principal.is_granted(action)
            && access.can(principal, action, Target::Matching("*"), &Context::partial()).outcome != Outcome::Denied
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
            subject.evidence("methods_judged", class.methods().count()).pass("no way to an administrator is open")
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
