//! Passing roles and creating service-linked roles.

use super::allow;

fn on(action: &str, resource: &str) -> String {
    allow(&format!(r#"{action}, {resource}"#))
}

const PASS: &str = r#""Action": "iam:PassRole""#;
const CREATE: &str = r#""Action": "iam:CreateServiceLinkedRole""#;
const WILDCARD: &str = r#""Action": "iam:*""#;
const NOT_ACTION: &str = r#""NotAction": "s3:*""#;
const STAR: &str = r#""Resource": "*""#;
const ROLE: &str = r#""Resource": "arn:aws:iam::111122223333:role/x""#;
const NOT_RESOURCE: &str = r#""NotResource": "arn:aws:iam::111122223333:role/x""#;

cases! {
    pass_star: "PASS_ROLE_WITH_STAR_IN_RESOURCE", Identity, on(PASS, r#""Resource": "arn:aws:iam::*:role/*""#), on(PASS, ROLE);
    pass_wildcard_star: "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", Identity, on(WILDCARD, STAR), on(PASS, STAR);
    pass_not_action_star: "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", Identity, on(NOT_ACTION, STAR), on(r#""NotAction": "iam:*""#, STAR);
    pass_not_resource: "PASS_ROLE_WITH_NOT_RESOURCE", Identity, on(PASS, NOT_RESOURCE), on(PASS, r#""NotResource": "arn:aws:iam::*:role/*""#);
    pass_wildcard_not_resource: "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", Identity, on(WILDCARD, NOT_RESOURCE), on(WILDCARD, ROLE);
    pass_not_action_not_resource: "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", Identity, on(NOT_ACTION, NOT_RESOURCE), on(NOT_ACTION, ROLE);
    create_star: "CREATE_SLR_WITH_STAR_IN_RESOURCE", Identity, on(CREATE, STAR), on(CREATE, ROLE);
    create_wildcard_star: "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", Identity, on(WILDCARD, STAR), on(CREATE, STAR);
    create_not_action_star: "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", Identity, on(NOT_ACTION, STAR), on(r#""NotAction": "iam:Create*""#, STAR);
    create_not_resource: "CREATE_SLR_WITH_NOT_RESOURCE", Identity, on(CREATE, NOT_RESOURCE), on(PASS, NOT_RESOURCE);
    create_wildcard_not_resource: "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", Identity, on(WILDCARD, NOT_RESOURCE), on(WILDCARD, ROLE);
    create_not_action_not_resource: "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE", Identity, on(NOT_ACTION, NOT_RESOURCE), on(NOT_ACTION, ROLE);
}

#[test]
fn a_condition_on_the_service_narrows_it() {
    let narrowed = on(
        PASS,
        &format!(r#"{STAR}, "Condition": {{"StringEquals": {{"iam:PassedToService": "ec2.amazonaws.com"}}}}"#),
    );
    assert_eq!(super::codes_of(&super::whole(&narrowed), crate::DocumentKind::Identity), Vec::<&str>::new());
}

#[test]
fn what_is_denied_is_not_handed_on() {
    let denied = on(PASS, STAR).replace("Allow", "Deny");
    assert_eq!(super::codes_of(&super::whole(&denied), crate::DocumentKind::Identity), Vec::<&str>::new());
}
