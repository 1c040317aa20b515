//! What holds for control policies of an organization only.

use super::view::{Asked, Clause, View};
use super::{DocumentKind, Findings};
use crate::pattern::Pattern;

pub(super) fn look(view: &View, findings: &mut Findings) {
    match findings.kind {
        DocumentKind::ServiceControl => {
            for who in view.clauses.iter().filter_map(|clause| clause.who.as_ref()) {
                let message = "Service control policies name no principals. Ask for aws:PrincipalArn in a condition.";
                findings.add("SCP_SYNTAX_ERROR_PRINCIPAL", &who.place, message);
            }
        }
        DocumentKind::ResourceControl => view.clauses.iter().for_each(|clause| resource_control(clause, findings)),
        _ => {}
    }
}

fn resource_control(clause: &Clause, findings: &mut Findings) {
    if clause.allows() {
        let message = "Resource control policies only deny.";
        findings.add("RCP_SYNTAX_ERROR_ALLOW", &clause.place, message);
    }
    if let Some(who) = &clause.who
        && (who.negated || !who.everyone)
    {
        let message =
            "Resource control policies speak of everyone: write \"Principal\": \"*\", and narrow it by conditions.";
        findings.add("RCP_SYNTAX_ERROR_PRINCIPAL", &who.place, message);
    }
    if let Some(actions) = &clause.actions {
        if actions.negated {
            let message = "Resource control policies take no `NotAction`. Name the actions.";
            findings.add("RCP_SYNTAX_ERROR_NOTACTION", &actions.place, message);
        }
        for word in actions.words.iter().filter(|word| Pattern::new(word.text.as_str()).is_every_action()) {
            let message = format!(
                "Resource control policies do not take `{}` for actions. Name services, such as s3:*.",
                word.text
            );
            findings.add("RCP_SYNTAX_ERROR_ACTION", &word.place, message);
        }
    }
    if clause.denies() {
        perimeter(clause, findings);
    }
}

/// Keys of people are absent when a service of AWS calls, and the other way round. A statement that denies everyone
/// without the right value therefore denies the others altogether, unless it asks who calls.
fn perimeter(clause: &Clause, findings: &mut Findings) {
    let asks_negated = |keys: &[&str]| -> Option<&Asked> {
        let wanted = |asked: &&Asked| keys.iter().any(|key| asked.key.text.eq_ignore_ascii_case(key));
        clause.asked.iter().filter(wanted).find(|asked| asked.parsed.is_some_and(|operator| operator.negated))
    };
    let asks = |key: &str| clause.asks(key).next().is_some();
    let by_service = asks("aws:PrincipalIsAWSService");
    if let Some(asked) = asks_negated(&["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount"])
        && !by_service
    {
        let message = format!(
            "Services of AWS have no `{}`, so this denies them too. Add \"BoolIfExists\": {{\"aws:PrincipalIsAWSService\": \"false\"}}.",
            asked.key.text
        );
        findings.add("RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", &asked.key.place, message);
    }
    if let Some(asked) = asks_negated(&["aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceAccount"]) {
        if !by_service {
            let message = format!(
                "People have no `{}`, so this denies them too. Add \"Bool\": {{\"aws:PrincipalIsAWSService\": \"true\"}}.",
                asked.key.text
            );
            findings.add("RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", &asked.key.place, message);
        }
        let checks_presence = clause.asked.iter().any(|asked| {
            asked.operator.text.eq_ignore_ascii_case("Null")
                && ["aws:sourceaccount", "aws:sourcearn"].contains(&asked.key.text.to_ascii_lowercase().as_str())
        });
        if !checks_presence {
            let message = format!(
                "Where a service acts for nobody in particular, `{}` is absent and this denies it. Add \"Null\": {{\"aws:SourceAccount\": \"false\"}}.",
                asked.key.text
            );
            findings.add("RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", &asked.key.place, message);
        }
    }
}
