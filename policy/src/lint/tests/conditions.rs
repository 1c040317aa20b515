//! Condition operators and keys.

use super::allow;

fn asks(condition: &str) -> String {
    allow(&format!(r#""Action": "s3:GetObject", "Resource": "*", "Condition": {{{condition}}}"#))
}

fn denies(condition: &str) -> String {
    asks(condition).replace("Allow", "Deny")
}

cases! {
    invalid_operator: "INVALID_CONDITION_OPERATOR", Identity, asks(r#""StringIs": {"aws:username": "a"}"#), asks(r#""StringEquals": {"aws:username": "a"}"#);
    null_with_if_exists: "NULL_WITH_IF_EXISTS", Identity, asks(r#""NullIfExists": {"aws:username": "true"}"#), asks(r#""Null": {"aws:username": "true"}"#);
    null_with_qualifier: "NULL_WITH_QUALIFIER", Identity, asks(r#""ForAllValues:Null": {"aws:TagKeys": "true"}"#), asks(r#""Null": {"aws:TagKeys": "true"}"#);
    duplicate_keys: "DUPLICATE_KEYS_WITH_DIFFERENT_CASE", Identity,
        asks(r#""StringEquals": {"aws:username": "a", "AWS:UserName": "b"}"#), asks(r#""StringEquals": {"aws:username": "a"}, "StringLike": {"AWS:UserName": "b"}"#);
    key_format: "INVALID_CONDITION_KEY_FORMAT", Identity, asks(r#""StringEquals": {"username": "a"}"#), asks(r#""StringEquals": {"aws:username": "a"}"#);
    global_key: "INVALID_GLOBAL_CONDITION_KEY", Identity, asks(r#""StringEquals": {"aws:colour": "a"}"#), asks(r#""StringEquals": {"AWS:USERNAME": "a"}"#);
    service_key: "INVALID_SERVICE_CONDITION_KEY", Identity, asks(r#""StringEquals": {"s3:colour": "a"}"#), asks(r#""StringEquals": {"s3:ExistingObjectTag/colour": "a"}"#);
    tag_key: "MISSING_TAG_KEY_IN_CONDITION", Identity, asks(r#""StringEquals": {"aws:ResourceTag": "a"}"#), asks(r#""StringEquals": {"aws:ResourceTag/a": "a"}"#);
    unsupported_key: "UNSUPPORTED_GLOBAL_CONDITION_KEY", ServiceControl, asks(r#""ArnLike": {"aws:ARN": "*"}"#), asks(r#""ArnLike": {"aws:PrincipalArn": "*"}"#);
    deprecated_key: "DEPRECATED_GLOBAL_CONDITION_KEY", Identity, asks(r#""ArnLike": {"aws:ARN": "*"}"#), asks(r#""ArnLike": {"aws:PrincipalArn": "*"}"#);
    missing_qualifier: "MISSING_QUALIFIER", Identity, asks(r#""StringEquals": {"aws:TagKeys": "a"}"#), asks(r#""ForAnyValue:StringEquals": {"aws:TagKeys": "a"}"#);
    for_all_values: "FORALLVALUES_WITH_SINGLE_VALUED_KEY", Identity, asks(r#""ForAllValues:StringEquals": {"aws:username": "a"}"#), asks(r#""ForAllValues:StringEquals": {"aws:TagKeys": "a"}"#);
    type_mismatch: "TYPE_MISMATCH", Identity, asks(r#""StringEquals": {"aws:SourceIp": "203.0.113.1"}"#), asks(r#""StringEquals": {"aws:SourceArn": "arn:aws:s3:::a"}"#);
    string_like_arn: "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", Identity,
        asks(r#""StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}"#), asks(r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}"#);
    untrustworthy: "UNTRUSTWORTHY_CONDITION_KEY", Identity, asks(r#""StringLike": {"aws:Referer": "https://x/*"}"#), denies(r#""StringLike": {"aws:Referer": "https://x/*"}"#);
    paired: "MISSING_PAIRED_CONDITION_KEYS", Identity, asks(r#""IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}"#),
        asks(r#""IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:SourceVPC": "vpc-11112222"}"#);
    s3_prefix: "S3_PREFIX_IN_NEGATIVE_CONTEXT", Identity, denies(r#""StringLike": {"s3:prefix": "a/*"}"#), denies(r#""StringNotLike": {"s3:prefix": "a/*"}"#);
    dynamodb_attributes: "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", Identity, asks(r#""ForAllValues:StringEquals": {"dynamodb:Attributes": ["a"]}"#),
        asks(r#""ForAllValues:StringEquals": {"dynamodb:Attributes": ["a"]}, "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}"#);
}

#[test]
fn the_service_of_a_key_must_exist() {
    let has = |key: &str| {
        let text = super::whole(&asks(&format!(r#""StringEquals": {{"{key}": "a"}}"#)));
        super::codes_of(&text, crate::DocumentKind::Identity).contains(&"INVALID_SERVICE")
    };
    assert!(has("s33:prefix"));
    assert!(!has("login.example.com:sub"), "keys of identity providers are theirs to name");
}

#[test]
fn a_part_of_an_arn_is_compared_as_text() {
    let text = super::whole(&asks(r#""StringLike": {"ec2:SourceInstanceArn": "*${ec2:InstanceId}"}"#));
    let found = super::codes_of(&text, crate::DocumentKind::Identity);
    assert!(!found.contains(&"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"), "{found:?}");
}
