//! Whether the actions exist, and whether they belong into a document of this kind.

use super::view::{Names, View, Word};
use super::{DocumentKind, Findings};
use crate::catalogue::{Catalogue, Service};
use crate::pattern::Pattern;

/// How alike two names must be for one to be offered instead of the other, from 0 to 1.
const ALIKE: f64 = 0.75;

pub(super) fn look(view: &View, findings: &mut Findings) {
    for actions in view.clauses.iter().filter_map(|clause| clause.actions.as_ref()) {
        for word in &actions.words {
            exists(word, findings);
        }
        belong(actions, findings);
    }
}

fn exists(word: &Word, findings: &mut Findings) {
    let catalogue = Catalogue::get();
    let pattern = Pattern::new(word.text.as_str());
    if pattern.is_everything() {
        return;
    }
    let Some((prefix, name)) = word.text.split_once(':') else {
        let message =
            format!("`{}` is no action. An action is `*`, or a service and a name such as s3:GetObject.", word.text);
        findings.add("INVALID_ACTION", &word.place, message);
        return;
    };
    if prefix.contains(['*', '?']) {
        let message = format!("`{prefix}` stands for several services, also for such as do not exist yet. Name them.");
        findings.add("WILDCARD_IN_SERVICE_NAME", &word.place, message);
    }
    if !catalogue.has_service_like(prefix) {
        let offer = offer(prefix, catalogue.services().map(Service::prefix));
        findings.add("INVALID_SERVICE_IN_ACTION", &word.place, format!("There is no service `{prefix}`.{offer}"));
        return;
    }
    let is_known = if catalogue.service(prefix).is_some_and(Service::is_unpublished) {
        true
    } else if name.contains(['*', '?']) || prefix.contains(['*', '?']) {
        catalogue.matching(&pattern).next().is_some()
    } else {
        catalogue.action(prefix, name).is_some()
    };
    if !is_known {
        let names = catalogue.service(prefix).into_iter().flat_map(Service::actions).map(|action| action.name());
        let offer = offer(name, names);
        let what = if word.text.contains(['*', '?']) { "matches no action" } else { "is no action" };
        let message = format!("`{}` {what} that was known on {}.{offer}", word.text, catalogue.date());
        findings.add("INVALID_ACTION", &word.place, message);
    }
}

/// The most similar of the names, as a sentence; empty when none is.
fn offer<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> String {
    let wrong = wrong.to_ascii_lowercase();
    let likeness = |name: &str| {
        let name = name.to_ascii_lowercase();
        let (longer, shorter) = (wrong.len().max(name.len()), wrong.len().min(name.len()));
        if wrong.len() > 3 && name.starts_with(&wrong) {
            1.0
        } else if shorter * 4 < longer * 3 {
            // So much shorter that it cannot be alike.
            0.0
        } else {
            strsim::normalized_damerau_levenshtein(&wrong, &name)
        }
    };
    names
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))
        .map_or_else(String::new, |(_, name)| format!(" Was `{name}` meant?"))
}

fn belong(actions: &Names, findings: &mut Findings) {
    let catalogue = Catalogue::get();
    for word in &actions.words {
        let pattern = Pattern::new(word.text.as_str());
        let Some((prefix, _)) = word.text.split_once(':') else { continue };
        let Some(service) = catalogue.service(prefix) else { continue };
        let message = match findings.kind {
            DocumentKind::Trust if !can_assume(&pattern) => {
                format!("`{}` has no place in a trust policy, which says who may assume the role.", word.text)
            }
            DocumentKind::ResourceControl if !catalogue.has_resource_control(prefix) => {
                format!("Resource control policies do not reach {} (`{prefix}`).", service.name())
            }
            _ => continue,
        };
        findings.add("UNSUPPORTED_ACTION_IN_POLICY", &word.place, message);
    }
}

/// The actions that a trust policy can speak of.
pub(super) const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

fn can_assume(pattern: &Pattern) -> bool {
    TRUST_ACTIONS.iter().any(|action| pattern.matches_action(action))
}
