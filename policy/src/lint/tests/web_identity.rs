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
    for_any_audience: "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", Trust,
        trusts(GITHUB, r#""ForAnyValue:StringEquals": {"token.actions.githubusercontent.com:aud": "a"}"#), trusts(GITHUB, r#""StringEquals": {"token.actions.githubusercontent.com:aud": "a"}"#);
    confirm_audience: "CONFIRM_AUDIENCE_CLAIM_TYPE", Trust,
        trusts("login.example.com", r#""ForAnyValue:StringEquals": {"login.example.com:aud": "a"}"#), trusts("login.example.com", r#""StringEquals": {"login.example.com:aud": "a"}"#);
}
