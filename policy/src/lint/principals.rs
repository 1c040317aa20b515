//! Principals: whether they may stand in the document, are well formed, and how wide they reach.

use super::view::{Clause, View, Who, Word};
use super::{DocumentKind, Findings};

/// Keys that tell on whose behalf a service acts.
const SOURCE_KEYS: [&str; 4] = ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"];

/// Services whose roles can be narrowed by such a key when the service assumes them.
const SERVICES_WITH_SOURCE: [&str; 14] = [
    "appflow.amazonaws.com",
    "bedrock.amazonaws.com",
    "codebuild.amazonaws.com",
    "datasync.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "logs.amazonaws.com",
    "pipes.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
    "transfer.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

/// Keys that say something of the caller's identity, which a service does not have.
const IDENTITY_KEYS: [&str; 6] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
];

pub(super) fn look(view: &View, findings: &mut Findings) {
    for clause in &view.clauses {
        let Some(who) = &clause.who else { continue };
        if findings.kind == DocumentKind::Identity {
            let message = "A policy of an identity speaks of that identity; remove the principals.";
            findings.add("UNSUPPORTED_PRINCIPAL", &who.place, message);
            continue;
        }
        if who.negated && clause.allows() && findings.kind != DocumentKind::Trust {
            let message =
                "This allows everyone else, also people without an account. Name whom to allow in `Principal`.";
            findings.add("ALLOW_WITH_NOT_PRINCIPAL", &who.place, message);
        }
        forms(who, findings);
        if findings.kind == DocumentKind::Resource && who.under("Federated").next().is_some() {
            let message = "Identity providers can be named in the trust policy of a role only.";
            findings.add("FEDERATED_PRINCIPAL_NOT_SUPPORTED", &who.place, message);
        }
        services(clause, who, findings);
    }
}

fn forms(who: &Who, findings: &mut Findings) {
    for (kind, word) in &who.named {
        // A variable is told elsewhere.
        if word.text.contains("${") {
            continue;
        }
        let everyone = kind == "AWS" && word.text == "*";
        if word.text.contains(['*', '?']) && !everyone {
            let message =
                format!("`{}`: principals take no wildcards. Name each, or ask for aws:PrincipalArn.", word.text);
            findings.add("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", &word.place, message);
        }
        if kind == "AWS" {
            reference(word, findings);
        }
    }
}

/// IAM shows the unique id of a principal in place of its ARN when the principal is gone.
fn reference(word: &Word, findings: &mut Findings) {
    let is_id = word.text.len() > 15 && word.text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (code, what) = match word.text.get(..4) {
        Some("AROA") if is_id => ("INVALID_ROLE_REFERENCE", "role"),
        Some("AIDA") if is_id => ("INVALID_USER_REFERENCE", "user"),
        _ => return,
    };
    let message =
        format!("`{}` is the id of a {what}, mostly of one that was deleted. Name the {what}'s ARN.", word.text);
    findings.add(code, &word.place, message);
}

fn services(clause: &Clause, who: &Who, findings: &mut Findings) {
    let mut named = who.under("Service").peekable();
    if !clause.allows() || who.negated || named.peek().is_none() {
        return;
    }
    let names_source =
        clause.asked.iter().any(|asked| SOURCE_KEYS.contains(&asked.key.text.to_ascii_lowercase().as_str()));
    for word in named {
        let lower = word.text.to_ascii_lowercase();
        if names_source {
            break;
        }
        let (code, message) = match findings.kind {
            DocumentKind::Resource => (
                "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
                "can be made to act here for anyone's account. Ask for aws:SourceArn, aws:SourceAccount or aws:SourceOrgID.",
            ),
            DocumentKind::Trust if SERVICES_WITH_SOURCE.contains(&lower.as_str()) => (
                "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
                "tells on whose behalf it assumes the role. Ask for aws:SourceArn or aws:SourceAccount.",
            ),
            _ => continue,
        };
        findings.add(code, &word.place, format!("`{}` {message}", word.text));
    }
    let only_services = who.named.iter().all(|(kind, _)| kind == "Service");
    for asked in clause.asked.iter().filter(|_| only_services) {
        let lower = asked.key.text.to_ascii_lowercase();
        let of_identity = IDENTITY_KEYS.contains(&lower.as_str()) || lower.starts_with("aws:principaltag/");
        if of_identity && asked.parsed.is_some_and(|operator| !operator.if_exists) {
            let message =
                format!("A service has no `{}`. Ask for aws:SourceOrgID or aws:SourceAccount.", asked.key.text);
            findings.add("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", &asked.key.place, message);
        }
    }
}
