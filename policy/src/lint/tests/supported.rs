//! Keys that only some services know.

use super::allow;

fn asks(action: &str, key: &str) -> String {
    allow(&format!(
        r#""Action": {action}, "Resource": "*", "Condition": {{"StringEquals": {{"{key}": "111122223333"}}}}"#
    ))
}

cases! {
    unsupported_service: "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", Identity,
        asks(r#"["s3:GetObject", "sns:Publish"]"#, "aws:VpceAccount"), asks(r#"["s3:GetObject", "KMS:Decrypt"]"#, "AWS:VpceAccount");
}

#[test]
fn each_key_has_its_services() {
    let tells = |statement: String| {
        let text = super::whole(&statement);
        super::codes_of(&text, crate::DocumentKind::Identity)
            .contains(&"USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES")
    };
    assert!(tells(asks("\"sqs:*\"", "aws:VpceAccount")));
    assert!(!tells(asks("\"sqs:*\"", "aws:VpceOrgID")));
    assert!(tells(asks("\"iam:PassRole\"", "aws:VpceOrgID")), "the guide excepts it");
    assert!(tells(asks("\"*\"", "aws:VpceOrgID")));
    assert!(tells(asks("\"s3:*\"", "aws:VpceOrgID").replace("Action", "NotAction")));
    assert!(!tells(asks("\"*\"", "aws:PrincipalOrgID")));
}
