//! Trust in OIDC providers.

use super::allow;

fn trusts(provider: &str, condition: &str) -> String {
    allow(&format!(
        r#""Action": "sts:AssumeRoleWithWebIdentity", "Principal": {{"Federated": "{provider}"}}, "Condition": {{{condition}}}"#
    ))
}

const GITHUB: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
const OTHER: &str = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A";

fn subject(operator: &str, value: &str) -> String {
    trusts(GITHUB, &format!(r#""{operator}": {{"token.actions.githubusercontent.com:sub": "{value}"}}"#))
}

cases! {
    missing_key: "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", Trust, trusts(OTHER, ""),
        trusts(OTHER, r#""StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/A:sub": "system:serviceaccount:a:b"}"#);
    missing_repository: "MISSING_GITHUB_REPO_CONDITION_KEY", Trust,
        trusts(GITHUB, r#""StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}"#), subject("StringEquals", "repo:a/b:ref:refs/heads/main");
    wide_repository: "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", Trust, subject("StringLike", "repo:a/*"), subject("StringEquals", "repo:a/b:ref:refs/heads/main");
    open_wildcard: "WILDCARD_USAGE_TOO_PERMISSIVE", Trust, subject("StringLike", "repo:*"), subject("StringLike", "repo:a/*");
    open_variable: "VARIABLE_USAGE_TOO_PERMISSIVE", Trust, subject("StringLike", "${aws:x}/b"), subject("StringLike", "repo:a/${aws:x}");
    for_any_audience: "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", Trust,
        trusts(GITHUB, r#""ForAnyValue:StringEquals": {"token.actions.githubusercontent.com:aud": "a"}"#), trusts(GITHUB, r#""StringEquals": {"token.actions.githubusercontent.com:aud": "a"}"#);
    confirm_audience: "CONFIRM_AUDIENCE_CLAIM_TYPE", Trust,
        trusts("login.example.com", r#""ForAnyValue:StringEquals": {"login.example.com:aud": "a"}"#), trusts("login.example.com", r#""StringEquals": {"login.example.com:aud": "a"}"#);
}

#[test]
fn every_wildcard_of_a_subject_needs_something_before_it() {
    let tells = |subject: String| {
        super::codes_of(&super::whole(&subject), crate::DocumentKind::Trust).contains(&"WILDCARD_USAGE_TOO_PERMISSIVE")
    };
    for open in ["*", "repo:?/b:*", "repo:owner/*-dev:*", "repo:owner@*/abc@*:ref:refs/heads/main"] {
        assert!(tells(subject("StringLike", open)), "{open}");
    }
    for sound in ["repo:a/*", "repo:owner@*/abcd@*:ref:refs/heads/main", "repo:owner/name:ref:refs/heads/*"] {
        assert!(!tells(subject("StringLike", sound)), "{sound}");
    }
    assert!(!tells(subject("StringEquals", "repo:*")), "there it is no wildcard");
    assert!(!tells(subject("StringNotLike", "repo:*")), "it keeps out");
}
