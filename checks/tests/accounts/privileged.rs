//! An account with administrators, ways to become one, root sessions and data on what was used.

use probity_model::builder::{Account, days_ago};
use probity_model::facts::last_accessed::{ActionAccess, ServiceAccess};
use probity_model::facts::{LastAccessed, RootAccessFeatures};
use probity_model::{Arn, Seen};

use super::EVERYTHING;

fn allow(action: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": {action}, "Resource": "{resource}", "Condition": {{{condition}}}}}}}"#
    )
}

/// A service with when it was last used, and one tracked action that never was.
fn service(namespace: &str, used: Option<i64>, unused_action: &str) -> ServiceAccess {
    ServiceAccess {
        namespace: namespace.to_owned(),
        name: namespace.to_owned(),
        last_used_at: used.map(days_ago),
        last_used_region: None,
        actions: vec![ActionAccess { name: unused_action.to_owned(), last_used_at: None }],
    }
}

/// The account, which manages an organization.
pub(crate) fn account() -> Account {
    let mfa = r#""Bool": {"aws:MultiFactorAuthPresent": "true"}"#;
    let task =
        r#""StringEquals": {"sts:TaskPolicyArn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}"#;
    let root = "arn:aws:iam::*:root";
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}}"#;
    let services = |list: [ServiceAccess; 2]| Seen::Known(list.to_vec());
    Account::new()
        .management_account()
        .group("admins", |group| group.attached("AdministratorAccess"))
        .aws_policy("AdministratorAccess", EVERYTHING)
        .user("anna", |user| user.console_password().mfa().group("admins"))
        .user("ben", |user| user.console_password().inline("with-mfa", &allow(r#""*""#, "*", mfa)))
        .user("carla", |user| user.key(1, |key| key).inline("assume", &allow(r#""sts:AssumeRole""#, "*", "")))
        .user("dora", |user| user.key(1, |key| key).inline("keys", &allow(r#""iam:CreateAccessKey""#, "*", "")))
        .user("emil", |user| user.inline("limited", EVERYTHING).boundary("arn:aws:iam::123456789012:policy/limit"))
        .policy("limit", &allow(r#""s3:*""#, "*", ""), |policy| policy.boundary_of(1))
        .role("admin-1", |role| role.trust(trust).attached("AdministratorAccess"))
        .role("admin-2", |role| role.trust(trust).attached("AdministratorAccess"))
        .role("root-tasks", |role| role.inline("tasks", &allow(r#""sts:AssumeRoot""#, root, task)))
        .role("root-anything", |role| role.inline("tasks", &allow(r#""sts:AssumeRoot""#, root, "")))
        .role("queues", |role| {
            role.inline("b", &allow(r#"["sqs:*", "sns:*"]"#, "*", "")).inline("a", &allow(r#""sqs:Send*""#, "*", ""))
        })
        .role("objects", |role| role.inline("s3", &allow(r#"["s3:Get*", "s3:PutBucketPolicy"]"#, "*", "")))
        .facts(|facts| {
            let features = [RootAccessFeatures::ROOT_SESSIONS.to_owned()];
            facts.root_access_features = Seen::Known(RootAccessFeatures::Enabled(features.into()));
            let role = |name: &str| Arn::new(format!("arn:aws:iam::123456789012:role/{name}"));
            let principals = [
                (
                    role("queues"),
                    services([service("sns", None, "CreateTopic"), service("sqs", Some(3), "CreateQueue")]),
                ),
                (
                    role("objects"),
                    services([service("kms", Some(9), "Decrypt"), service("s3", Some(3), "PutBucketPolicy")]),
                ),
                (role("root-tasks"), Seen::Known(vec![service("sts", Some(20), "AssumeRoot")])),
            ];
            facts.last_accessed = Seen::Known(LastAccessed { principals: principals.into() });
        })
}
