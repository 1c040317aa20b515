//! Who may do what, rule by rule.

use super::*;
use Decision::{Allowed, AllowedIf, ExplicitlyDenied, ImplicitlyDenied};

const ANNA: &str = "arn:aws:iam::111122223333:user/anna";
const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/deploy/ci";
const BUCKET: &str = "arn:aws:s3:::bucket/key";
const OURS: &str = "111122223333";
const THEIRS: &str = "444455556666";

const ALL: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
const DENY: &str = r#"{"Sid": "no", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#;
const OTHER: &str = r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#;

fn policy(statements: &str) -> Policy {
    Policy::parse("p", &format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)).expect("a policy")
}

fn grant(principal: &str) -> Policy {
    policy(&format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "*", "Resource": "*"}}"#))
}

fn aws(name: &str) -> Policy {
    grant(&format!(r#"{{"AWS": "{name}"}}"#))
}

/// Asks for `s3:GetObject` on an object in this account.
fn ask<'p>(policies: &Policies<'p>, caller: &str, account: &str) -> Answer<'p> {
    ask_for(policies, caller, "s3:GetObject", BUCKET, account)
}

fn ask_for<'p>(policies: &Policies<'p>, caller: &str, action: &str, resource: &str, account: &str) -> Answer<'p> {
    let caller = Caller::parse(caller).expect("a caller");
    ask_in(policies, &caller, action, resource, account, &Context::complete())
}

fn ask_in<'p>(
    policies: &Policies<'p>,
    caller: &Caller,
    action: &str,
    resource: &str,
    account: &str,
    context: &Context,
) -> Answer<'p> {
    // A bare asterisk is what actions without resources are asked for.
    let matching = resource != "*" && resource.contains('*');
    let resource = if matching { Target::Matching(resource) } else { Target::One(resource) };
    policies.evaluate(&Request { caller, action, resource, resource_account: Some(account), context })
}

fn identity(policy: &Policy) -> Policies<'_> {
    Policies { identity: vec![policy], ..Policies::default() }
}

#[test]
fn without_any_policy_nothing_is_allowed() {
    let answer = ask(&Policies::default(), ANNA, OURS);
    assert_eq!((answer.decision, answer.lacking), (ImplicitlyDenied, vec![Layer::Identity]));
}

#[test]
fn the_answer_names_the_statement() {
    let policy = policy(&format!("{OTHER}, {ALL}"));
    let answer = ask(&Policies { identity: vec![&policy], ..Policies::default() }, ANNA, OURS);
    assert_eq!(answer.decision, Allowed);
    assert_eq!(answer.deciders.len(), 1);
    assert_eq!((answer.deciders[0].policy, answer.deciders[0].statement), ("p", Some(1)));
    assert_eq!(answer.deciders[0].position.map(|position| position.line), Some(1));
}

#[test]
fn a_deny_in_any_layer_ends_it() {
    let (all, deny) = (policy(ALL), policy(DENY));
    let deny_here = policy(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}"#);
    let everyone = grant(r#""*""#);
    let base = Policies { identity: vec![&all], resource: Some(&everyone), ..Policies::default() };
    assert_eq!(ask(&base, ANNA, OURS).decision, Allowed);
    for (layer, denied) in [
        (Layer::Identity, Policies { identity: vec![&all, &deny], ..base.clone() }),
        (Layer::Boundary, Policies { boundary: Some(&deny), ..base.clone() }),
        (Layer::Session, Policies { session: Some(vec![&all, &deny]), ..base.clone() }),
        (Layer::Resource, Policies { resource: Some(&deny_here), ..base.clone() }),
        (Layer::Endpoint, Policies { endpoints: vec![&deny_here], ..base.clone() }),
        (Layer::ServiceControl(1), Policies { service_control: vec![vec![&all], vec![&all, &deny]], ..base.clone() }),
        (Layer::ResourceControl(0), Policies { resource_control: vec![vec![&deny_here]], ..base.clone() }),
    ] {
        let answer = ask(&denied, ANNA, OURS);
        assert_eq!(answer.decision, ExplicitlyDenied, "{layer:?}");
        assert_eq!(answer.deciders[0].layer, layer);
    }
}

#[test]
fn every_level_of_the_organization_must_allow() {
    let (all, other) = (policy(ALL), policy(OTHER));
    let levels = |levels| Policies { service_control: levels, ..identity(&all) };
    assert_eq!(ask(&levels(vec![vec![&all], vec![&other, &all]]), ANNA, OURS).decision, Allowed);
    let answer = ask(&levels(vec![vec![&all], vec![&other]]), ANNA, OURS);
    assert_eq!((answer.decision, answer.lacking), (ImplicitlyDenied, vec![Layer::ServiceControl(1)]));
    let empty = ask(&levels(vec![vec![&all], vec![]]), ANNA, OURS);
    assert_eq!(empty.decision, ImplicitlyDenied, "a level without any policy allows nothing");
}

#[test]
fn root_is_bound_by_the_organization_and_by_denials_only() {
    let (all, other, deny) = (policy(ALL), policy(OTHER), policy(DENY));
    let root = "arn:aws:iam::111122223333:root";
    assert_eq!(ask(&Policies::default(), root, OURS).decision, Allowed);
    let bound = Policies { service_control: vec![vec![&other]], ..Policies::default() };
    assert_eq!(ask(&bound, root, OURS).decision, ImplicitlyDenied);
    let denied = Policies { service_control: vec![vec![&all, &deny]], ..Policies::default() };
    assert_eq!(ask(&denied, root, OURS).decision, ExplicitlyDenied);
    assert_eq!(ask(&Policies::default(), root, THEIRS).decision, ImplicitlyDenied);
}

#[test]
fn the_organization_spares_service_linked_roles_and_services() {
    let deny = policy(DENY);
    let service_linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    let all = policy(ALL);
    let bound = Policies { service_control: vec![vec![&deny]], resource_control: vec![vec![&deny]], ..identity(&all) };
    assert_eq!(ask(&bound, service_linked, OURS).decision, Allowed);
    let service = grant(r#"{"Service": "logs.amazonaws.com"}"#);
    let by_service = Policies { resource: Some(&service), service_control: vec![vec![&deny]], ..Policies::default() };
    assert_eq!(ask(&by_service, "logs.amazonaws.com", OURS).decision, Allowed);
    let resource_control = Policies { resource_control: vec![vec![&deny]], ..by_service };
    assert_eq!(
        ask(&resource_control, "logs.amazonaws.com", OURS).decision,
        ExplicitlyDenied,
        "services are bound by these"
    );
}

#[test]
fn a_boundary_limits_and_never_grants() {
    let (all, other) = (policy(ALL), policy(OTHER));
    let with = |boundary| Policies { boundary: Some(boundary), ..identity(&all) };
    assert_eq!(ask(&with(&all), ANNA, OURS).decision, Allowed);
    let limited = ask(&with(&other), ANNA, OURS);
    assert_eq!((limited.decision, limited.lacking), (ImplicitlyDenied, vec![Layer::Boundary]));
    let only_boundary = Policies { boundary: Some(&all), ..Policies::default() };
    assert_eq!(ask(&only_boundary, ANNA, OURS).decision, ImplicitlyDenied);
}

#[test]
fn a_session_policy_limits_and_a_federated_user_has_nothing_without() {
    let (all, other) = (policy(ALL), policy(OTHER));
    let with = |policy| Policies { session: Some(vec![policy]), ..identity(&all) };
    assert_eq!(ask(&with(&other), SESSION, OURS).decision, ImplicitlyDenied);
    assert_eq!(ask(&with(&all), SESSION, OURS).decision, Allowed);
    let federated = "arn:aws:sts::111122223333:federated-user/anna";
    assert_eq!(ask(&identity(&all), federated, OURS).lacking, [Layer::Session]);
    assert_eq!(ask(&with(&all), federated, OURS).decision, Allowed);
}

#[test]
fn in_one_account_a_resource_that_names_the_caller_suffices() {
    let other = policy(OTHER);
    for (caller, named, expected) in [
        (ANNA, ANNA, Allowed),
        (SESSION, SESSION, Allowed),
        (ANNA, "*", Allowed),
        (ROLE, ROLE, ImplicitlyDenied),
        (SESSION, ROLE, ImplicitlyDenied),
        (ANNA, OURS, ImplicitlyDenied),
        (ANNA, "arn:aws:iam::111122223333:user/bob", ImplicitlyDenied),
    ] {
        let resource = aws(named);
        let limited = Policies { resource: Some(&resource), boundary: Some(&other), ..Policies::default() };
        assert_eq!(ask(&limited, caller, OURS).decision, expected, "{caller} named as {named}, with a boundary");
    }
    let role = aws(ROLE);
    let free = Policies { resource: Some(&role), ..Policies::default() };
    assert_eq!(ask(&free, ROLE, OURS).decision, Allowed, "a role without boundary needs nothing else");
}

#[test]
fn a_user_behind_a_federated_session_stays_limited() {
    let (all, other, resource) = (policy(ALL), policy(OTHER), aws(ANNA));
    let caller = Caller::parse("arn:aws:sts::111122223333:federated-user/anna").expect("a caller").behind(ANNA);
    for (session, expected) in [(&all, Allowed), (&other, ImplicitlyDenied)] {
        let policies = Policies { resource: Some(&resource), session: Some(vec![session]), ..Policies::default() };
        let answer = ask_in(&policies, &caller, "s3:GetObject", BUCKET, OURS, &Context::complete());
        assert_eq!(answer.decision, expected);
    }
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let (all, by_name, by_account) = (policy(ALL), aws(ANNA), aws(OURS));
    let own = identity(&all);
    assert_eq!(ask(&own, ANNA, THEIRS).lacking, [Layer::Resource]);
    let theirs = Policies { resource: Some(&by_name), ..Policies::default() };
    assert_eq!(ask(&theirs, ANNA, THEIRS).lacking, [Layer::Identity]);
    for resource in [&by_name, &by_account] {
        assert_eq!(ask(&Policies { resource: Some(resource), ..own.clone() }, ANNA, THEIRS).decision, Allowed);
    }
}

#[test]
fn a_key_and_a_role_must_let_the_account_decide() {
    let all = policy(ALL);
    let by_account = aws(OURS);
    for (action, resource) in [
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/k"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/other"),
    ] {
        let own = identity(&all);
        let alone = ask_for(&own, ANNA, action, resource, OURS);
        assert_eq!((alone.decision, alone.lacking), (ImplicitlyDenied, vec![Layer::Resource]), "{action}");
        let both = Policies { resource: Some(&by_account), ..own };
        assert_eq!(ask_for(&both, ANNA, action, resource, OURS).decision, Allowed, "{action}");
        let delegated = Policies { resource: Some(&by_account), ..Policies::default() };
        assert_eq!(ask_for(&delegated, ANNA, action, resource, OURS).lacking, [Layer::Identity], "{action}");
        let by_name = aws(ANNA);
        let named = Policies { resource: Some(&by_name), ..Policies::default() };
        assert_eq!(ask_for(&named, ANNA, action, resource, OURS).decision, Allowed, "{action}");
    }
    let managing = ask_for(&identity(&all), ANNA, "iam:DeleteRole", "arn:aws:iam::111122223333:role/other", OURS);
    assert_eq!(managing.decision, Allowed, "managing a role is not assuming it");
}

#[test]
fn the_anonymous_and_providers_need_the_resource_only() {
    let everyone = grant(r#""*""#);
    let open = Policies { resource: Some(&everyone), ..Policies::default() };
    let anonymous = Caller::anonymous();
    let context = Context::complete();
    assert_eq!(ask_in(&open, &anonymous, "s3:GetObject", BUCKET, OURS, &context).decision, Allowed);
    let closed = Policies::default();
    assert_eq!(ask_in(&closed, &anonymous, "s3:GetObject", BUCKET, OURS, &context).decision, ImplicitlyDenied);
    let provider = "arn:aws:iam::111122223333:saml-provider/corp";
    let trust = policy(&format!(
        r#"{{"Effect": "Allow", "Principal": {{"Federated": "{provider}"}}, "Action": "sts:AssumeRoleWithSAML"}}"#
    ));
    let trusted = Policies { resource: Some(&trust), ..Policies::default() };
    assert_eq!(ask_for(&trusted, provider, "sts:AssumeRoleWithSAML", ROLE, OURS).decision, Allowed);
}

#[test]
fn each_endpoint_must_allow() {
    let (all, other) = (policy(ALL), policy(OTHER));
    let through = |endpoints| Policies { endpoints, ..identity(&all) };
    assert_eq!(ask(&through(vec![&all, &all]), ANNA, OURS).decision, Allowed);
    assert_eq!(ask(&through(vec![&all, &other]), ANNA, OURS).lacking, [Layer::Endpoint]);
}

#[test]
fn what_nobody_read_is_never_a_plain_answer() {
    let (all, unread) = (policy(ALL), Policy::unread("secret"));
    let open = Policies { resource: Some(&unread), ..identity(&all) };
    let answer = ask(&open, ANNA, OURS);
    assert_eq!(answer.decision, AllowedIf, "it may deny");
    assert!(
        answer.deciders.iter().any(|decider| decider.policy == "secret" && decider.remaining == [Remaining::Policy])
    );
    let may_allow = Policies { identity: vec![&unread], ..Policies::default() };
    assert_eq!(ask(&may_allow, ANNA, OURS).decision, AllowedIf);
    let control = Policies { service_control: vec![vec![&unread]], ..identity(&all) };
    assert_eq!(ask(&control, ANNA, OURS).decision, AllowedIf);
}

#[test]
fn of_many_resources_those_with_a_policy_that_must_allow_stay_open() {
    let all = policy(ALL);
    let decided = |action, resource| ask_for(&identity(&all), ANNA, action, resource, OURS).decision;
    for (action, resource) in
        [("kms:Decrypt", "arn:aws:kms:*"), ("kms:Decrypt", "arn:*"), ("sts:AssumeRole", "arn:aws:iam::111122223333:*")]
    {
        assert_eq!(decided(action, resource), AllowedIf, "{action} on {resource}");
    }
    assert_eq!(decided("kms:Decrypt", "arn:aws:kms:*:*:key/*"), ImplicitlyDenied, "keys only");
    assert_eq!(decided("kms:Decrypt", "arn:aws:kms:*:*:alias/*"), Allowed, "no keys");
    assert_eq!(decided("s3:GetObject", "arn:*"), Allowed, "nothing that must allow");
    let root = aws("arn:aws:iam::111122223333:root");
    let delegated = Policies { resource: Some(&root), ..identity(&all) };
    assert_eq!(ask_for(&delegated, ANNA, "kms:Decrypt", "arn:aws:kms:*", OURS).decision, Allowed);
}

#[test]
fn unknown_conditions_remain() {
    let conditional = policy(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#,
    );
    let caller = Caller::parse(ANNA).expect("a caller");
    let partial = Context::partial();
    let policies = identity(&conditional);
    let answer = ask_in(&policies, &caller, "s3:GetObject", BUCKET, OURS, &partial);
    assert_eq!(answer.decision, AllowedIf);
    assert!(
        matches!(answer.deciders[0].remaining[..], [Remaining::Condition(condition)] if condition.key == "aws:SourceIp")
    );
    let known = Context::partial().with("aws:SourceIp", "192.0.2.1");
    assert_eq!(ask_in(&policies, &caller, "s3:GetObject", BUCKET, OURS, &known).decision, ImplicitlyDenied);
}

#[test]
fn a_sure_allow_does_not_hide_a_deny_that_may_apply() {
    let both = policy(&format!(
        r#"{ALL}, {{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {{"Bool": {{"aws:SecureTransport": false}}}}}}"#
    ));
    let caller = Caller::parse(ANNA).expect("a caller");
    let policies = identity(&both);
    let answer = ask_in(&policies, &caller, "s3:GetObject", BUCKET, OURS, &Context::partial());
    assert_eq!(answer.decision, AllowedIf);
    assert_eq!(answer.deciders.iter().map(|decider| decider.effect).collect::<Vec<_>>(), [Effect::Allow, Effect::Deny]);
}

#[test]
fn keys_that_follow_from_caller_and_resource_are_known() {
    let own_home = policy(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333", "aws:ResourceAccount": "111122223333"}}}"#,
    );
    let policies = identity(&own_home);
    let caller = Caller::parse(ANNA).expect("a caller");
    let home =
        |resource: &str| ask_in(&policies, &caller, "s3:GetObject", resource, OURS, &Context::partial()).decision;
    assert_eq!(home("arn:aws:s3:::home/anna/x"), Allowed);
    assert_eq!(home("arn:aws:s3:::home/bob/x"), ImplicitlyDenied);
    let role = Caller::parse(ROLE).expect("a caller");
    let answer = ask_in(&policies, &role, "s3:GetObject", "arn:aws:s3:::home//x", OURS, &Context::partial());
    assert_eq!(answer.decision, ImplicitlyDenied, "a role has no user name");
}

#[test]
fn the_path_of_a_role_behind_a_session_is_not_guessed() {
    let by_arn = policy(&format!(
        r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"ArnNotEquals": {{"aws:PrincipalArn": "{ROLE}"}}}}}}"#
    ));
    assert_eq!(ask(&identity(&by_arn), SESSION, OURS).decision, AllowedIf);
    let session = Caller::session(ROLE, "ci").expect("a session");
    let policies = identity(&by_arn);
    let answer = ask_in(&policies, &session, "s3:GetObject", BUCKET, OURS, &Context::complete());
    assert_eq!(answer.decision, ImplicitlyDenied);
}

#[test]
fn wildcards_in_the_question_mean_all_that_match() {
    let some = policy(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/public/*"}"#);
    let asked = |resource: &str| ask_for(&identity(&some), ANNA, "s3:GetObject", resource, OURS).decision;
    assert_eq!(asked("arn:aws:s3:::bucket/public/a*"), Allowed);
    assert_eq!(asked("arn:aws:s3:::bucket/*"), AllowedIf);
    assert_eq!(asked("arn:aws:s3:::other/*"), ImplicitlyDenied);
    let all_but = policy(r#"{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::bucket/secret"}"#);
    let asked = |resource: &str| ask_for(&identity(&all_but), ANNA, "s3:GetObject", resource, OURS).decision;
    assert_eq!(asked("arn:aws:s3:::bucket/*"), AllowedIf);
    assert_eq!(asked("arn:aws:s3:::bucket/p*"), Allowed);
}

#[test]
fn actions_without_resources_need_everything() {
    let arns = policy(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}"#);
    assert_eq!(ask_for(&identity(&arns), ANNA, "s3:ListAllMyBuckets", "*", OURS).decision, ImplicitlyDenied);
    let everything = policy(ALL);
    assert_eq!(ask_for(&identity(&everything), ANNA, "s3:ListAllMyBuckets", "*", OURS).decision, Allowed);
}

#[test]
fn the_account_of_a_resource_is_read_from_its_arn() {
    let all = policy(ALL);
    let caller = Caller::parse(ANNA).expect("a caller");
    let context = Context::complete();
    let decision = |resource| {
        let resource = Target::One(resource);
        let request =
            Request { caller: &caller, action: "sqs:SendMessage", resource, resource_account: None, context: &context };
        identity(&all).evaluate(&request).decision
    };
    assert_eq!(decision("arn:aws:sqs:eu-west-1:444455556666:q"), ImplicitlyDenied);
    assert_eq!(decision("arn:aws:sqs:eu-west-1:111122223333:q"), Allowed);
    assert_eq!(decision("arn:aws:s3:::bucket"), Allowed, "taken to be the caller's");
}

#[test]
fn one_action_escapes_resource_control() {
    let (all, everything) = (policy(ALL), policy(r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}"#));
    let key = "arn:aws:kms:eu-west-1:111122223333:alias/a";
    let policies = Policies { resource_control: vec![vec![&everything]], ..identity(&all) };
    assert_eq!(ask_for(&policies, ANNA, "kms:RetireGrant", key, OURS).decision, Allowed);
    assert_eq!(ask_for(&policies, ANNA, "kms:CreateGrant", key, OURS).decision, ExplicitlyDenied);
}
