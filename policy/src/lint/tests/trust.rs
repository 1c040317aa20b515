//! Trust policies.

use super::allow;

const USER: &str = r#"{"AWS": "111122223333"}"#;
const SAML: &str = r#"{"Federated": "arn:aws:iam::111122223333:saml-provider/x"}"#;
const ROLE: &str = "arn:aws:iam::111122223333:role/path/x";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/x/me";

fn trusts(principal: &str, action: &str, members: &str) -> String {
    allow(&format!(r#""Action": {action}, "Principal": {principal}{members}"#))
}

fn assume(principal: &str) -> String {
    trusts(principal, "\"sts:AssumeRole\"", "")
}

fn asks(actions: &str, condition: &str) -> String {
    trusts(USER, actions, &format!(r#", "Condition": {{{condition}}}"#))
}

cases! {
    resource: "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", Trust, trusts(USER, "\"sts:AssumeRole\"", r#", "Resource": "*""#), assume(USER);
    not_principal: "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", Trust, assume(USER).replace("Principal", "NotPrincipal"), assume(USER);
    everyone: "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", Trust, assume("\"*\""), assume(r#"{"AWS": "*"}"#);
    federated: "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", Trust, assume(r#"{"Federated": "https://x"}"#), assume(r#"{"Federated": "accounts.google.com"}"#);
    redundant_principal: "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", Trust,
        assume(&format!(r#"{{"AWS": ["{ROLE}", "{SESSION}"]}}"#)), assume(&format!(r#"{{"AWS": ["{ROLE}y", "{SESSION}"]}}"#));
    mismatched_action: "MISMATCHED_ACTION_FOR_PRINCIPAL", Trust, assume(SAML), trusts(SAML, r#"["sts:AssumeRoleWithSAML", "sts:TagSession"]"#, "");
    roles_anywhere: "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", Trust, assume(r#"{"Service": "rolesanywhere.amazonaws.com"}"#),
        trusts(r#"{"Service": "rolesanywhere.amazonaws.com"}"#, r#"["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]"#, "");
    missing_action: "MISSING_ACTION_FOR_CONDITION_KEY", Trust,
        asks("\"sts:AssumeRole\"", r#""StringLike": {"sts:SourceIdentity": "a"}"#), asks(r#"["sts:AssumeRole", "sts:Set*"]"#, r#""StringLike": {"sts:SourceIdentity": "a"}"#);
    unsupported_action: "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", Trust,
        asks(r#"["sts:AssumeRole", "sts:AssumeRoleWithSAML"]"#, r#""StringEquals": {"sts:ExternalId": "a"}"#), asks("\"sts:AssumeRole\"", r#""StringEquals": {"sts:ExternalId": "a"}"#);
}
