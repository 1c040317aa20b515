//! Conditions on tags of resources.

fn tagged(effect: &str, actions: &str, operator: &str) -> String {
    format!(
        r#"{{"Effect": "{effect}", {actions}, "Resource": "*", "Condition": {{"{operator}": {{"aws:ResourceTag/a": "b"}}}}}}"#
    )
}

const WITHOUT: &str = r#""Action": ["ec2:StartInstances", "sts:GetCallerIdentity"]"#;
const WITH: &str = r#""Action": ["ec2:StartInstances", "ec2:*"]"#;
const NOT: &str = r#""NotAction": "ec2:*""#;

cases! {
    deny: "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", Identity, tagged("Deny", WITHOUT, "StringEquals"), tagged("Deny", WITH, "StringEquals");
    deny_not_action: "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", Identity, tagged("Deny", NOT, "StringEquals"), tagged("Deny", NOT, "StringNotEquals");
    allow: "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", Identity, tagged("Allow", WITHOUT, "StringEquals"), tagged("Allow", WITH, "StringEquals");
    allow_not_action: "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", Identity, tagged("Allow", NOT, "StringEquals"), tagged("Allow", NOT, "StringEqualsIfExists");
}
