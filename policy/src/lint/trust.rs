//! What holds for the trust policies of roles only: who may assume a role, and how.

use super::view::{Clause, View, Who, Word};
use super::{DocumentKind, Findings};
use crate::pattern::Pattern;
use std::collections::BTreeSet;

/// The ways to assume a role, and the rest that may accompany them.
const ASSUME: &str = "sts:AssumeRole";
const WITH_SAML: &str = "sts:AssumeRoleWithSAML";
const WITH_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";

pub(super) fn look(view: &View, findings: &mut Findings) {
    if findings.kind != DocumentKind::Trust {
        return;
    }
    for clause in &view.clauses {
        if let Some(resources) = &clause.resources {
            let message = "A trust policy is about the role that has it; remove the resources.";
            findings.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", &resources.place, message);
        }
        if let Some(who) = &clause.who {
            principals(who, findings);
            if clause.allows() && !who.negated {
                actions(clause, who, findings);
            }
        }
        keys(clause, findings);
    }
}

fn principals(who: &Who, findings: &mut Findings) {
    if who.negated {
        let message = "Trust policies take no `NotPrincipal`. Name who may assume the role in `Principal`.";
        findings.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", &who.place, message);
    }
    if who.everyone {
        let message = "Trust policies do not take \"*\" for principals. Name who may assume the role.";
        findings.add("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", &who.place, message);
    }
    for word in who.under("Federated").filter(|word| provider(word).is_none()) {
        let message = format!("`{}` is no identity provider: neither a domain nor the ARN of one.", word.text);
        findings.add("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", &word.place, message);
    }
    let roles: BTreeSet<(&str, &str)> = who.under("AWS").filter_map(|word| role(&word.text)).collect();
    for word in who.under("AWS") {
        if session(&word.text).is_some_and(|parent| roles.contains(&parent)) {
            let message = format!("`{}` is a session of a role that is named too. Remove it.", word.text);
            findings.add("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", &word.place, message);
        }
    }
}

/// Account and name of a role's ARN.
fn role(text: &str) -> Option<(&str, &str)> {
    let (service, account, rest) = crate::caller::arn(text)?;
    let name = rest.strip_prefix("role/")?.rsplit('/').next()?;
    (service == "iam").then_some((account, name))
}

/// Account and name of the role of a session's ARN.
fn session(text: &str) -> Option<(&str, &str)> {
    let (service, account, rest) = crate::caller::arn(text)?;
    let (name, _) = rest.strip_prefix("assumed-role/")?.split_once('/')?;
    (service == "sts").then_some((account, name))
}

/// What kind of provider a federated principal is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Provider {
    Saml,
    Oidc,
}

fn provider(word: &Word) -> Option<Provider> {
    if let Some((service, _, rest)) = crate::caller::arn(&word.text) {
        return match rest.split_once('/') {
            Some(("saml-provider", name)) if service == "iam" && !name.is_empty() => Some(Provider::Saml),
            Some(("oidc-provider", name)) if service == "iam" && !name.is_empty() => Some(Provider::Oidc),
            _ => None,
        };
    }
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    let is_domain = word.text.contains('.') && word.text.bytes().all(belongs);
    is_domain.then_some(Provider::Oidc)
}

/// Whether each principal can call the actions.
fn actions(clause: &Clause, who: &Who, findings: &mut Findings) {
    let Some(actions) = clause.actions.as_ref().filter(|actions| !actions.negated) else { return };
    let allows =
        |action: &str| actions.words.iter().any(|word| Pattern::new(word.text.as_str()).matches_action(action));
    let mut ways = BTreeSet::new();
    ways.extend(who.named.iter().filter(|(kind, _)| kind != "Federated").map(|_| ASSUME));
    ways.extend(who.under("Federated").filter_map(provider).map(|provider| match provider {
        Provider::Saml => WITH_SAML,
        Provider::Oidc => WITH_WEB_IDENTITY,
    }));
    for word in actions.words.iter().filter(|_| !who.everyone && !ways.is_empty()) {
        let wanted = [ASSUME, WITH_SAML, WITH_WEB_IDENTITY].into_iter().find(|way| word.text.eq_ignore_ascii_case(way));
        if wanted.is_some_and(|way| !ways.contains(way)) {
            let message = format!("None of the principals can call `{}`.", word.text);
            findings.add("MISMATCHED_ACTION_FOR_PRINCIPAL", &word.place, message);
        }
    }
    let roles_anywhere =
        who.under("Service").find(|word| word.text.eq_ignore_ascii_case("rolesanywhere.amazonaws.com"));
    if let Some(word) = roles_anywhere {
        let missing: Vec<&str> =
            [ASSUME, "sts:SetSourceIdentity", "sts:TagSession"].into_iter().filter(|action| !allows(action)).collect();
        if !missing.is_empty() {
            let message = format!("Roles Anywhere also needs {}.", missing.join(" and "));
            findings.add("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", &word.place, message);
        }
    }
}

/// Condition keys against the actions of the statement.
fn keys(clause: &Clause, findings: &mut Findings) {
    let Some(actions) = clause.actions.as_ref().filter(|actions| !actions.negated) else { return };
    let allows =
        |action: &str| actions.words.iter().any(|word| Pattern::new(word.text.as_str()).matches_action(action));
    for asked in clause.asked.iter().filter(|_| clause.allows()) {
        let key = asked.key.text.to_ascii_lowercase();
        let needed = match key.as_str() {
            "sts:sourceidentity" => Some("sts:SetSourceIdentity"),
            "sts:transitivetagkeys" => Some("sts:TagSession"),
            _ if key.starts_with("aws:requesttag/") => Some("sts:TagSession"),
            _ => None,
        };
        if let Some(action) = needed.filter(|action| !allows(action)) {
            let message = format!("For a session to have `{}` the statement must allow {action}.", asked.key.text);
            findings.add("MISSING_ACTION_FOR_CONDITION_KEY", &asked.key.place, message);
        }
        // Keys that only one way of assuming a role brings along.
        let only = match key.as_str() {
            "sts:externalid" => ASSUME,
            _ if key.starts_with("saml:") => WITH_SAML,
            _ => continue,
        };
        for word in &actions.words {
            let other =
                [ASSUME, WITH_SAML, WITH_WEB_IDENTITY].into_iter().find(|way| word.text.eq_ignore_ascii_case(way));
            if other.is_some_and(|way| way != only) {
                let message =
                    format!("`{}` exists with {only} only, so the statement never allows this.", asked.key.text);
                findings.add("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", &word.place, message);
            }
        }
    }
}
