//! Trust in OIDC providers: a provider speaks for everyone who has an account there, so its claims must be asked for.

use super::view::{Asked, Clause, View};
use super::{DocumentKind, Findings};
use crate::condition::operator::{Family, Qualifier};
use crate::condition::text::Kind;

const GITHUB: &str = "token.actions.githubusercontent.com";

/// Providers whose audience claim is one text.
const SINGLE_AUDIENCE: [&str; 6] = [
    GITHUB,
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "gitlab.com",
    "graph.facebook.com",
    "www.amazon.com",
];

pub(super) fn look(view: &View, findings: &mut Findings) {
    if findings.kind != DocumentKind::Trust {
        return;
    }
    for clause in &view.clauses {
        if clause.allows() {
            providers(clause, findings);
        }
        for asked in &clause.asked {
            audience(asked, findings);
        }
    }
}

/// The host and path of an OIDC provider, as its condition keys begin.
fn host(principal: &str) -> Option<&str> {
    if principal.starts_with("arn:") {
        return principal.split_once(":oidc-provider/").map(|(_, host)| host);
    }
    Some(principal).filter(|text| text.contains('.') && !text.contains(':'))
}

/// The claim that a condition asks a provider for.
fn claim<'a>(asked: &'a Asked, host: &str) -> Option<&'a str> {
    let (prefix, claim) = asked.key.text.rsplit_once(':')?;
    prefix.eq_ignore_ascii_case(host).then_some(claim)
}

fn providers(clause: &Clause, findings: &mut Findings) {
    let Some(who) = clause.who.as_ref().filter(|who| !who.negated) else { return };
    for word in who.under("Federated") {
        let Some(host) = host(&word.text) else { continue };
        let claims: Vec<(&Asked, &str)> =
            clause.asked.iter().filter_map(|asked| claim(asked, host).map(|claim| (asked, claim))).collect();
        if claims.is_empty() {
            let message =
                format!("Anyone with an account at `{host}` can assume the role. Ask for {host}:aud and {host}:sub.");
            findings.add("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", &word.place, message);
        }
        if !host.eq_ignore_ascii_case(GITHUB) {
            continue;
        }
        let mut subjects = claims.iter().filter(|(_, claim)| claim.eq_ignore_ascii_case("sub")).peekable();
        if subjects.peek().is_none() {
            let message = format!("Every repository of GitHub can assume the role. Ask for {GITHUB}:sub.");
            findings.add("MISSING_GITHUB_REPO_CONDITION_KEY", &word.place, message);
        }
        for (asked, _) in subjects {
            too_open(asked, findings);
            wide_subjects(asked, findings);
        }
    }
}

/// A subject that names neither repository nor branch for sure.
fn wide_subjects(asked: &Asked, findings: &mut Findings) {
    for value in asked.values.iter().filter(|value| value.text.contains(['*', '?'])) {
        let message =
            format!("`{}` lets in more than one repository and branch. Name them without wildcards.", value.text);
        findings.add("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", &value.place, message);
    }
}

/// How many characters must stand right before a wildcard in the subject.
const BEFORE_WILDCARD: usize = 6;

/// A wildcard or a variable with little before it lets in repositories of strangers.
fn too_open(asked: &Asked, findings: &mut Findings) {
    let Some(operator) = asked.parsed.filter(|operator| !operator.negated) else { return };
    let takes_wildcards = operator.family == Family::Text(Kind::Like);
    for value in &asked.values {
        let (mut literal, mut before_wildcard, mut before_variable) = (0, usize::MAX, usize::MAX);
        let mut rest = value.text.as_str();
        while let Some(first) = rest.chars().next() {
            let variable = rest.strip_prefix("${").and_then(|inside| inside.split_once('}'));
            if let Some((_, after)) = variable {
                before_variable = before_variable.min(literal);
                (literal, rest) = (0, after);
                continue;
            }
            if takes_wildcards && matches!(first, '*' | '?') {
                before_wildcard = before_wildcard.min(literal);
                literal = 0;
            } else {
                literal += 1;
            }
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
        let mut tell = |code, what: &str| {
            let message = format!(
                "`{}`: fewer than {BEFORE_WILDCARD} characters stand before a {what}, which lets in repositories of strangers. Begin with the owner's name.",
                value.text
            );
            findings.add(code, &value.place, message);
        };
        if before_wildcard < BEFORE_WILDCARD {
            tell("WILDCARD_USAGE_TOO_PERMISSIVE", "wildcard");
        }
        if before_variable < BEFORE_WILDCARD {
            tell("VARIABLE_USAGE_TOO_PERMISSIVE", "variable");
        }
    }
}

/// An audience claim is one text at some providers, a list at others.
fn audience(asked: &Asked, findings: &mut Findings) {
    let Some((host, "aud")) = asked.key.text.rsplit_once(':').filter(|(host, _)| host.contains('.')) else { return };
    let Some(qualifier) = asked.parsed.and_then(|operator| operator.qualifier) else { return };
    let key = &asked.key.text;
    if !SINGLE_AUDIENCE.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        let message = format!(
            "A qualifier is right for `{key}` only if the provider sends several audiences. Leave it out if it sends one."
        );
        findings.add("CONFIRM_AUDIENCE_CLAIM_TYPE", &asked.key.place, message);
    } else if qualifier == Qualifier::ForAnyValue {
        let message = format!("`{key}` is one text. Leave ForAnyValue: out.");
        findings.add("FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", &asked.key.place, message);
    }
}
