//! Whether actions exist and belong into the document.

use super::{action, allow};

cases! {
    invalid_action: "INVALID_ACTION", Identity, action("\"s3:GetObjekt\""), action("[\"S3:getobject\", \"s3:Get*\", \"*\"]");
    invalid_service_in_action: "INVALID_SERVICE_IN_ACTION", Identity, action("\"s33:GetObject\""), action("\"s3:GetObjekt\"");
    wildcard_in_service_name: "WILDCARD_IN_SERVICE_NAME", Identity, action("\"s3*:GetObject\""), action("[\"*\", \"s3:*\"]");
    unsupported_action_in_policy: "UNSUPPORTED_ACTION_IN_POLICY", Trust,
        allow(r#""Principal": "*", "Action": "iam:PassRole""#), allow(r#""Principal": "*", "Action": ["sts:AssumeRole*", "sts:TagSession"]"#);
}

#[test]
fn what_matches_nothing_is_no_action() {
    for wrong in ["s3", "s3:Foo*", "", "s3:"] {
        let found = super::codes_of(&super::whole(&action(&format!("{wrong:?}"))), crate::DocumentKind::Identity);
        assert!(found.contains(&"INVALID_ACTION"), "{wrong}: {found:?}");
    }
}

#[test]
fn resource_control_policies_reach_certain_services() {
    let of = |name: &str| {
        let statement = format!(r#"{{"Effect": "Deny", "Principal": "*", "Action": "{name}", "Resource": "*"}}"#);
        super::codes_of(&super::whole(&statement), crate::DocumentKind::ResourceControl)
    };
    assert!(of("ec2:RunInstances").contains(&"UNSUPPORTED_ACTION_IN_POLICY"));
    assert!(!of("s3:GetObject").contains(&"UNSUPPORTED_ACTION_IN_POLICY"));
}

#[test]
fn a_similar_name_is_offered() {
    let message = |name: &str| {
        let found = crate::lint(&super::whole(&action(&format!("{name:?}"))), crate::DocumentKind::Identity);
        found.first().map(|finding| finding.message.clone()).unwrap_or_default()
    };
    assert!(message("s3:ListBuckets").ends_with("Was `ListBucket` meant?"));
    assert!(message("cognitoidp:ListUsers").ends_with("Was `cognito-idp` meant?"));
    assert!(!message("s3:Qwertyuiop").contains("meant"));
}

/// What `ValidatePolicy` says of AWS's own managed policies, as the public record github.com/zoph-io/IAMTrail keeps it (2026):
/// retired services that it still knows, and such as it knows no longer.
#[test]
fn what_aws_calls_right_in_its_own_policies_is_no_error() {
    let errors =
        |name: &str| super::codes_of(&super::whole(&action(&format!("{name:?}"))), crate::DocumentKind::Identity);
    for right in [
        "deeplens:*",
        "deepracer:Clone*",
        "deepcomposer:ListModels",
        "iot1click:GetDeviceMethods",
        "sagemaker-unified-studio-mcp:InvokeMcp",
        "securityagent:BatchGetTasks",
    ] {
        let found = errors(right);
        assert!(!found.iter().any(|code| code.starts_with("INVALID_")), "{right}: {found:?}");
    }
    for (wrong, code) in [
        ("elastic-inference:Connect", "INVALID_SERVICE_IN_ACTION"),
        ("zocalo:*", "INVALID_SERVICE_IN_ACTION"),
        ("securityagent:ListControls", "INVALID_ACTION"),
        ("cloud9:ValidateEnvironmentName", "INVALID_ACTION"),
        ("route53-recovery-control-config:DescribeRoutingControlByName", "INVALID_ACTION"),
    ] {
        assert!(errors(wrong).contains(&code), "{wrong}");
    }
}

/// Its keys are as little known as its actions.
#[test]
fn keys_of_a_service_that_is_not_published_are_left_alone() {
    let statement = allow(
        r#""Action": "deepracer:List*", "Resource": "*", "Condition": {"Null": {"deepracer:UserToken": "false"}}"#,
    );
    let found = super::codes_of(&super::whole(&statement), crate::DocumentKind::Identity);
    assert!(!found.iter().any(|code| code.starts_with("INVALID_")), "{found:?}");
}
