//! Two actions that hand powers on, when they are allowed on every role: passing a role, and creating a service's role.

use super::view::{Clause, Names, View};
use super::{DocumentKind, Findings, resources};
use crate::pattern::Pattern;

/// An action, how to narrow it, and its codes by [`Way`] and by whether the resources are excepted ones.
struct Power {
    action: &'static str,
    /// A condition on this key narrows it to certain services.
    key: &'static str,
    /// Resources that stand for all of them.
    all: &'static [&'static str],
    risk: &'static str,
    with_star: [&'static str; 3],
    with_not_resource: [&'static str; 3],
}

const PASS_ROLE: Power = Power {
    action: "iam:PassRole",
    key: "iam:PassedToService",
    all: &["*", "role*", "role/*"],
    risk: "hands every role, also an administrator's, to a service",
    with_star: [
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
    ],
    with_not_resource: [
        "PASS_ROLE_WITH_NOT_RESOURCE",
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE",
    ],
};

const CREATE_SERVICE_LINKED_ROLE: Power = Power {
    action: "iam:CreateServiceLinkedRole",
    key: "iam:AWSServiceName",
    all: &["*", "role*", "role/*", "role/aws-service-role/*"],
    risk: "lets every service have its role in the account",
    with_star: [
        "CREATE_SLR_WITH_STAR_IN_RESOURCE",
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
        "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
    ],
    with_not_resource: [
        "CREATE_SLR_WITH_NOT_RESOURCE",
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
    ],
};

/// How a statement comes to cover an action.
#[derive(Clone, Copy)]
enum Way {
    Named,
    Wildcard,
    NotExcepted,
}

pub(super) fn look(view: &View, findings: &mut Findings) {
    if findings.kind != DocumentKind::Identity {
        return;
    }
    for clause in view.clauses.iter().filter(|clause| clause.allows()) {
        for power in [PASS_ROLE, CREATE_SERVICE_LINKED_ROLE] {
            tell(clause, &power, findings);
        }
    }
}

fn tell(clause: &Clause, power: &Power, findings: &mut Findings) {
    let (Some(actions), Some(resources)) = (&clause.actions, &clause.resources) else { return };
    let Some(way) = way(actions, power.action) else { return };
    let codes = if resources.negated { power.with_not_resource } else { power.with_star };
    if !reaches_all(resources, power) || clause.asks(power.key).next().is_some() {
        return;
    }
    let code = match way {
        Way::Named => codes[0],
        Way::Wildcard => codes[1],
        Way::NotExcepted => codes[2],
    };
    let message = format!(
        "The statement allows {} on more than named roles, which {}. Name the roles, or ask for {}.",
        power.action, power.risk, power.key
    );
    findings.add(code, &resources.place, message);
}

fn way(actions: &Names, action: &str) -> Option<Way> {
    let mut words = actions.words.iter().map(|word| word.text.as_str());
    let matches = |text: &str| Pattern::new(text).matches_action(action);
    if actions.negated {
        return (!words.any(matches)).then_some(Way::NotExcepted);
    }
    if words.clone().any(|text| text.eq_ignore_ascii_case(action)) {
        return Some(Way::Named);
    }
    words.any(matches).then_some(Way::Wildcard)
}

/// Whether the resources are all roles; those that are left when some are excepted count as all.
fn reaches_all(resources: &Names, power: &Power) -> bool {
    let is_all = |text: &str| {
        if Pattern::new(text).is_everything() {
            return true;
        }
        let text = resources::without_variables(text);
        let mut fields = text.splitn(6, ':');
        let service = fields.nth(2).map(Pattern::new);
        service.is_some_and(|service| service.matches("iam"))
            && fields.nth(2).is_some_and(|end| power.all.contains(&end))
    };
    let any = resources.words.iter().any(|word| is_all(&word.text));
    any != resources.negated
}
