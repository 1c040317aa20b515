//! What could be left out.

use super::{action, allow};

fn on(resources: &str) -> String {
    allow(&format!(r#""Action": "s3:GetObject", "Resource": {resources}"#))
}

fn asks(condition: &str) -> String {
    allow(&format!(r#""Action": "s3:GetObject", "Resource": "*", "Condition": {{{condition}}}"#))
}

fn two(left: &str, right: &str) -> String {
    format!("{left}, {right}")
}

cases! {
    redundant_action: "REDUNDANT_ACTION", Identity, action(r#"["s3:GetObject", "S3:Get*"]"#), action(r#"["s3:GetObject*", "s3:GetBucket*", "ec2:Get*"]"#);
    redundant_resource: "REDUNDANT_RESOURCE", Identity, on(r#"["arn:aws:s3:::b/*", "arn:aws:s3:::b/c"]"#), on(r#"["arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#);
    redundant_statement: "REDUNDANT_STATEMENT", Identity, two(&action("\"s3:GetObject\""), &action("[\"S3:GetObject\"]")), two(&action("\"s3:GetObject\""), &action("\"s3:*\""));
    equivalent_to_null: "EQUIVALENT_TO_NULL_FALSE", Identity, asks(r#""StringLike": {"aws:ResourceTag/a": "*"}"#), asks(r#""StringLike": {"aws:ResourceTag/a": "b*"}"#);
    redundant_key: "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", Identity, asks(r#""StringLikeIfExists": {"aws:ResourceTag/a": "*"}"#), asks(r#""StringLike": {"aws:ResourceTag/a": "*"}"#);
    never: "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", Identity, asks(r#""ForAnyValue:StringNotLike": {"aws:TagKeys": "*"}"#), asks(r#""ForAnyValue:StringLike": {"aws:TagKeys": "*"}"#);
    irrelevant: "IRRELEVANT_CONDITION_KEY_IN_POLICY", Resource, asks(r#""StringEquals": {"aws:ResourceAccount": "111122223333"}"#), asks(r#""StringEquals": {"aws:PrincipalAccount": "111122223333"}"#);
}

/// The places of findings with a code.
fn paths(statements: &str, code: &str) -> Vec<String> {
    let found = crate::lint(&super::whole(statements), crate::DocumentKind::Identity);
    found.into_iter().filter(|finding| finding.code == code).map(|finding| finding.path).collect()
}

#[test]
fn of_two_that_are_equal_one_stays() {
    assert_eq!(paths(&action(r#"["s3:GetObject", "S3:getobject"]"#), "REDUNDANT_ACTION"), ["Statement[0].Action[1]"]);
    assert_eq!(paths(&action(r#"["s3:*", "s3:**"]"#), "REDUNDANT_ACTION"), ["Statement[0].Action[1]"]);
    let one = action("\"s3:GetObject\"");
    assert_eq!(paths(&two(&one, &one), "REDUNDANT_STATEMENT"), ["Statement[1]"]);
}

#[test]
fn statements_with_different_conditions_or_effects_stay() {
    let plain = action("\"s3:*\"");
    for other in [plain.replace("Allow", "Deny"), asks(r#""Bool": {"aws:SecureTransport": "true"}"#)] {
        assert_eq!(paths(&two(&plain, &other), "REDUNDANT_STATEMENT"), Vec::<String>::new(), "{other}");
    }
}

#[test]
fn an_excepted_action_is_not_included() {
    let excepted = allow(r#""NotAction": "s3:GetObject", "Resource": "*""#);
    assert_eq!(paths(&two(&action("\"*\""), &excepted), "REDUNDANT_STATEMENT"), Vec::<String>::new());
}
