//! Conditions on the tags of resources, for actions whose requests do not tell those tags.
//!
//! The catalogue decides. It lists the key for some resources, such as SNS topics, whose service does not tell it; that
//! goes unnoticed here.

use super::Findings;
use super::view::{Clause, View, Word};
use crate::catalogue::{Action, Catalogue};
use crate::condition::operator::{Family, Operator};
use crate::pattern::Pattern;
use std::collections::BTreeSet;

const PREFIX: &str = "aws:resourcetag/";
/// Any tag: the catalogue has a placeholder for its name.
const TAG: &str = "aws:ResourceTag/x";

pub(super) fn look(view: &View, findings: &mut Findings) {
    for clause in &view.clauses {
        look_at(clause, findings);
    }
}

fn look_at(clause: &Clause, findings: &mut Findings) {
    // Other operators also hold where the tag is absent.
    let needs_tag = clause.asked.iter().find(|asked| {
        let needs = |operator: Operator| operator.family != Family::Null && !operator.negated && !operator.if_exists;
        asked.key.text.to_ascii_lowercase().starts_with(PREFIX) && asked.parsed.is_some_and(needs)
    });
    let (Some(asked), Some(actions), Some(_)) = (needs_tag, &clause.actions, clause.effect) else { return };
    let (what, with_action, with_not_action) = if clause.denies() {
        (
            "does not deny",
            "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
            "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        )
    } else {
        (
            "does not allow",
            "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
            "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        )
    };
    let key = &asked.key.text;
    if actions.negated {
        let message =
            format!("Many actions do not know `{key}`; the statement {what} those. Name the actions instead.");
        findings.add(with_not_action, &asked.key.place, message);
        return;
    }
    let without: BTreeSet<&str> = actions.words.iter().filter(|word| !knows_tags(word)).filter_map(prefix).collect();
    if !without.is_empty() {
        let without: Vec<&str> = without.into_iter().collect();
        let message = format!("Actions of {} do not know `{key}`; the statement {what} them.", without.join(", "));
        findings.add(with_action, &asked.key.place, message);
    }
}

/// The service of an action that names one.
fn prefix(word: &Word) -> Option<&str> {
    word.text.split_once(':').map(|(prefix, _)| prefix).filter(|prefix| !prefix.contains(['*', '?']))
}

/// Whether one of the actions knows the tags of its resource. What does not exist is told elsewhere.
fn knows_tags(word: &Word) -> bool {
    let pattern = Pattern::new(word.text.as_str());
    let mut actions = Catalogue::get().matching(&pattern).peekable();
    actions.peek().is_none() || actions.any(knows_tag)
}

fn knows_tag(action: &Action) -> bool {
    let Some(service) = Catalogue::get().service(action.prefix()) else { return true };
    action.has_key(TAG)
        || action.resource_types().filter_map(|(name, _)| service.resource_type(name)).any(|kind| kind.has_key(TAG))
}
