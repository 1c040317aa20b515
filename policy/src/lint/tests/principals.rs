//! Principals.

use super::allow;

fn on(members: &str) -> String {
    allow(&format!(r#""Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", {members}"#))
}

fn to(principal: &str) -> String {
    on(&format!(r#""Principal": {principal}"#))
}

fn trusts(principal: &str, members: &str) -> String {
    allow(&format!(r#""Action": "sts:AssumeRole", "Principal": {principal}{members}"#))
}

const SERVICE: &str = r#"{"Service": "sns.amazonaws.com"}"#;
const SCHEDULER: &str = r#"{"Service": "scheduler.amazonaws.com"}"#;
const ACCOUNT: &str = r#", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}"#;

cases! {
    unsupported_principal: "UNSUPPORTED_PRINCIPAL", Identity, to("\"*\""), on(r#""Sid": "a""#);
    allow_with_not_principal: "ALLOW_WITH_NOT_PRINCIPAL", Resource, on(r#""NotPrincipal": {"AWS": "111122223333"}"#),
        on(r#""NotPrincipal": {"AWS": "111122223333"}"#).replace("Allow", "Deny");
    wildcard: "UNSUPPORTED_WILDCARD_IN_PRINCIPAL", Resource, to(r#"{"AWS": "arn:aws:iam::111122223333:user/*"}"#), to(r#"{"AWS": "*"}"#);
    role_reference: "INVALID_ROLE_REFERENCE", Resource, to(r#"{"AWS": "AROAEXAMPLEEXAMPLEXMP"}"#), to(r#"{"AWS": "AIDAEXAMPLEEXAMPLEXMP"}"#);
    user_reference: "INVALID_USER_REFERENCE", Resource, to(r#"{"AWS": "AIDAEXAMPLEEXAMPLEXMP"}"#), to(r#"{"AWS": "arn:aws:iam::111122223333:user/AIDA"}"#);
    federated: "FEDERATED_PRINCIPAL_NOT_SUPPORTED", Resource, to(r#"{"Federated": "accounts.google.com"}"#), to(r#"{"AWS": "111122223333"}"#);
    restrict: "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", Resource, to(SERVICE), to(&format!("{SERVICE}{ACCOUNT}"));
    recommended: "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", Trust, trusts(SCHEDULER, ""), trusts(SCHEDULER, ACCOUNT);
    key_for_service: "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", Resource,
        to(&format!(r#"{SERVICE}, "Condition": {{"StringEquals": {{"aws:PrincipalOrgID": "o-a"}}}}"#)), to(&format!("{SERVICE}{ACCOUNT}"));
}

#[test]
fn a_service_that_computes_needs_no_source() {
    let text = super::whole(&trusts(r#"{"Service": "ec2.amazonaws.com"}"#, ""));
    assert_eq!(super::codes_of(&text, crate::DocumentKind::Trust), Vec::<&str>::new());
}
