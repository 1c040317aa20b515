//! Shapes, names of statements, empty lists and sizes.

use super::{action, allow, whole};

const READ: &str = r#""Action": "s3:GetObject", "Resource": "*""#;

fn with(members: &str) -> String {
    allow(&format!("{READ}, {members}"))
}

/// A document of about so many thousand characters.
fn long(thousands: usize) -> String {
    with(&format!(r#""Condition": {{"StringEquals": {{"aws:PrincipalTag/x": "{}"}}}}"#, "x".repeat(thousands * 1000)))
}

/// Spaces do not count.
fn wide(thousands: usize) -> String {
    format!("{}{}", " ".repeat(thousands * 1000), action("\"s3:GetObject\""))
}

cases! {
    json_syntax_error: "JSON_SYNTAX_ERROR", Identity, r#"#{"Statement": [}"#, with(r#""Sid": "a""#);
    data_type_mismatch: "DATA_TYPE_MISMATCH", Identity, allow(r#""Action": 7, "Resource": "*""#), action("\"s3:GetObject\"");
    invalid_policy_element: "INVALID_POLICY_ELEMENT", Identity, with(r#""sid": "a""#), with(r#""Sid": "a""#);
    invalid_effect: "INVALID_EFFECT", Identity, r#"{"Effect": "allow", "Action": "*", "Resource": "*"}"#, action("\"*\"");
    missing_effect: "MISSING_EFFECT", Identity, r#"{"Action": "*", "Resource": "*"}"#, action("\"*\"");
    missing_action: "MISSING_ACTION", Identity, allow(r#""Resource": "*""#), allow(r#""NotAction": "s3:*", "Resource": "*""#);
    missing_resource: "MISSING_RESOURCE", Identity, allow(r#""Action": "*""#), allow(r#""Action": "*", "NotResource": "*""#);
    missing_principal: "MISSING_PRINCIPAL", Resource, allow(READ), with(r#""Principal": "*""#);
    missing_statement: "MISSING_STATEMENT", Identity, "", action("\"*\"");
    missing_version: "MISSING_VERSION", Identity, r#"#{"Statement": []}"#, r#"#{"Version": "2008-10-17", "Statement": []}"#;
    invalid_version: "INVALID_VERSION", Identity, r#"#{"Version": "2012-10-18"}"#, r#"#{"Version": "2012-10-17"}"#;
    unsupported_element_combination: "UNSUPPORTED_ELEMENT_COMBINATION", Identity, with(r#""NotAction": "*""#), allow(READ);
    invalid_principal_format: "INVALID_PRINCIPAL_FORMAT", Resource, with(r#""Principal": "111122223333""#), with(r#""Principal": "*""#);
    invalid_principal_key: "INVALID_PRINCIPAL_KEY", Resource, with(r#""Principal": {"Aws": "*"}"#), with(r#""Principal": {"AWS": "*"}"#);
    empty_object_principal: "EMPTY_OBJECT_PRINCIPAL", Resource, with(r#""Principal": {}"#), with(r#""Principal": {"AWS": []}"#);
    empty_array_principal: "EMPTY_ARRAY_PRINCIPAL", Resource, with(r#""Principal": {"AWS": []}"#), with(r#""Principal": {"AWS": ["*"]}"#);
    empty_array_action: "EMPTY_ARRAY_ACTION", Identity, action("[]"), action("[\"*\"]");
    empty_array_resource: "EMPTY_ARRAY_RESOURCE", Identity, allow(r#""Action": "*", "Resource": []"#), action("[]");
    empty_object_condition: "EMPTY_OBJECT_CONDITION", Identity, with(r#""Condition": {"Bool": {}}"#), with(r#""Condition": {"Bool": {"aws:ViaAWSService": []}}"#);
    empty_array_condition: "EMPTY_ARRAY_CONDITION", Identity, with(r#""Condition": {"Bool": {"aws:ViaAWSService": []}}"#), with(r#""Condition": {"Bool": {"aws:ViaAWSService": "true"}}"#);
    empty_array_condition_if_exists: "EMPTY_ARRAY_CONDITION_IFEXISTS", Identity, with(r#""Condition": {"BoolIfExists": {"aws:ViaAWSService": []}}"#), with(r#""Condition": {"Bool": {"aws:ViaAWSService": []}}"#);
    empty_array_condition_for_all: "EMPTY_ARRAY_CONDITION_FORALLVALUES", Identity, with(r#""Condition": {"ForAllValues:StringLike": {"aws:TagKeys": []}}"#), with(r#""Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": []}}"#);
    empty_array_condition_for_any: "EMPTY_ARRAY_CONDITION_FORANYVALUE", Identity, with(r#""Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": []}}"#), with(r#""Condition": {"ForAllValues:StringLike": {"aws:TagKeys": []}}"#);
    empty_sid_value: "EMPTY_SID_VALUE", Identity, with(r#""Sid": """#), with(r#""Sid": "a""#);
    unsupported_sid: "UNSUPPORTED_SID", Identity, with(r#""Sid": "a b""#), with(r#""Sid": "aB3""#);
    unique_sids_required: "UNIQUE_SIDS_REQUIRED", Identity, [with(r#""Sid": "a""#), with(r#""Sid": "a""#)].join(","), [with(r#""Sid": "a""#), with(r#""Sid": "b""#)].join(",");
    unique_sids_recommended: "UNIQUE_SIDS_RECOMMENDED", Resource, [with(r#""Sid": "a""#), with(r#""Sid": "a""#)].join(","), [with(r#""Sid": "a""#), with(r#""Sid": "A""#)].join(",");
    identity_quota: "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", Identity, long(7), wide(7);
    resource_quota: "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", Resource, long(21), wide(21);
    trust_quota: "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", Trust, long(3), wide(3);
    service_control_quota: "POLICY_SIZE_EXCEEDS_SCP_QUOTA", ServiceControl, long(11), wide(11);
    resource_control_quota: "POLICY_SIZE_EXCEEDS_RCP_QUOTA", ResourceControl, long(6), wide(6);
}

#[test]
fn the_names_of_statements_of_resources_may_have_spaces() {
    let text = whole(&with(r#""Sid": "a b", "Principal": "*""#));
    assert!(!super::codes_of(&text, crate::DocumentKind::Resource).contains(&"UNSUPPORTED_SID"));
}
