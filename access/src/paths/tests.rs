//! Every way opens where it should, and every kind of limit closes it.

mod account;

use probity_model::builder::Account;
use probity_model::facts::authorization::DocumentText;
use probity_model::{Arn, Seen, Topic};

use super::methods::{End, Gains};
use super::*;
use account::{Limit, TARGET, account, all, arn, document, little, statement, trust, with_target};

/// How sure the actor's way by this method is, where there is one.
fn way(account: Account, method: &Method) -> Option<Certainty> {
    let access = Access::of(&account.build()).unwrap();
    let actor = access.principals().iter().position(|principal| principal.name() == "actor");
    let graph = access.escalations().graph;
    let edges = graph.edges.iter().filter(|edge| Some(edge.from) == actor && edge.method.id == method.id);
    edges.map(|edge| edge.certainty).min()
}

/// What a way is where nothing stands in it.
fn expected(method: &Method) -> Certainty {
    match (&method.unread, method.target) {
        (Some(_), _) => Certainty::Unknown,
        _ => Certainty::Certain,
    }
}

#[test]
fn every_way_opens() {
    for method in Method::all() {
        assert_eq!(way(account(method, Limit::Nothing), method), Some(expected(method)), "{}", method.id);
    }
}

#[test]
fn every_way_leads_to_an_administrator() {
    for method in Method::all() {
        let access = Access::of(&account(method, Limit::Nothing).build()).unwrap();
        let actor = access.named("actor").next().unwrap();
        let paths = access.escalations().paths(&access, Some(actor), Goal::Administrator);
        let steps: usize = paths.iter().map(|path| path.steps.len()).sum();
        assert_eq!(steps, 1, "{}", method.id);
        assert!(paths.iter().flat_map(|path| &path.steps).all(|step| !step.statements.is_empty()), "{}", method.id);
    }
}

#[test]
fn a_deny_closes_every_way() {
    for method in Method::all() {
        for need in &method.needs {
            assert_eq!(way(account(method, Limit::Deny(need)), method), None, "{}: {need}", method.id);
        }
    }
}

#[test]
fn a_boundary_closes_every_way() {
    for method in Method::all() {
        for need in &method.needs {
            assert_eq!(way(account(method, Limit::Boundary(need)), method), None, "{}: {need}", method.id);
        }
    }
}

#[test]
fn a_service_control_policy_closes_every_way() {
    for method in Method::all() {
        for need in &method.needs {
            assert_eq!(way(account(method, Limit::ServiceControl(need)), method), None, "{}: {need}", method.id);
        }
    }
}

#[test]
fn a_scope_elsewhere_closes_every_way() {
    for method in Method::all().iter().filter(|method| !hides(method)) {
        for need in &method.needs {
            assert_eq!(way(account(method, Limit::Scope(need)), method), None, "{}: {need}", method.id);
        }
    }
}

#[test]
fn a_condition_makes_every_way_conditional() {
    for method in Method::all().iter().filter(|method| !hides(method)) {
        for need in &method.needs {
            let wanted = expected(method).max(Certainty::Conditional);
            assert_eq!(way(account(method, Limit::Condition(need)), method), Some(wanted), "{}: {need}", method.id);
        }
    }
}

/// Whether the actor of the account holds every action besides, hidden behind a limit.
fn hides(method: &Method) -> bool {
    method.gains == Gains::NoDenials || (method.gains == Gains::NoBoundary && method.target != End::Role)
}

#[test]
fn a_role_that_trusts_others_closes_every_way_through_it() {
    let through =
        Method::all().iter().filter(|method| !method.services.is_empty() || method.is_needing("sts:AssumeRole"));
    for method in through {
        assert_eq!(way(account(method, Limit::Trust), method), None, "{}", method.id);
    }
}

#[test]
fn an_organization_that_was_not_read_makes_every_way_unknown() {
    for method in Method::all().iter().filter(|method| !hides(method)) {
        let unread = account(method, Limit::Nothing).deny(Topic::OrganizationMembership);
        assert_eq!(way(unread, method), Some(Certainty::Unknown), "{}", method.id);
    }
}

fn method(id: &str) -> &'static Method {
    Method::all().iter().find(|method| method.id == id).unwrap()
}

fn one(actions: &str, resource: &str, condition: &str) -> String {
    document(&[format!(r#"{{"Effect": "Allow", "Action": [{actions}], "Resource": "{resource}"{condition}}}"#)])
}

fn actor(policy: &str) -> Account {
    Account::new().user("actor", |user| user.inline("needs", policy))
}

#[test]
fn keys_and_passwords_are_counted() {
    let target = |change: fn(probity_model::builder::UserBuilder) -> probity_model::builder::UserBuilder| {
        actor(&one(r#""iam:*AccessKey", "iam:*LoginProfile""#, &arn("user/target"), ""))
            .user(TARGET, |user| change(user.inline("all", &all())))
    };
    let full = || target(|user| user.key(1, |key| key).key(2, |key| key.inactive()));
    assert_eq!(way(full(), method("create-access-key")), None, "AWS keeps two keys, also Inactive ones");
    assert_eq!(way(full(), method("replace-access-key")), Some(Certainty::Certain));
    assert_eq!(way(target(|user| user), method("replace-access-key")), None);
    assert_eq!(way(target(|user| user), method("update-login-profile")), None);
    let signs_in = || target(|user| user.console_password());
    assert_eq!(way(signs_in(), method("create-login-profile")), None);
    let second = target(|user| user.console_password().mfa());
    assert_eq!(way(second, method("update-login-profile")), Some(Certainty::Conditional));
    let unread = target(|user| user).deny(Topic::CredentialReport);
    assert_eq!(way(unread, method("create-access-key")), Some(Certainty::Unknown));
}

#[test]
fn a_role_is_passed_to_the_service_that_the_condition_names() {
    let passing = |service: &str| {
        let condition = format!(r#", "Condition": {{"StringEquals": {{"iam:PassedToService": "{service}"}}}}"#);
        let text = document(&[
            statement("Allow", "iam:PassRole", &arn("role/target"), &condition),
            statement("Allow", "lambda:*", "arn:aws:lambda:*:*:function:app-*", ""),
        ]);
        with_target(actor(&text), method("lambda-invoke"), Limit::Nothing)
    };
    assert_eq!(way(passing("lambda.amazonaws.com"), method("lambda-invoke")), Some(Certainty::Certain));
    assert_eq!(way(passing("ec2.amazonaws.com"), method("lambda-invoke")), None);
}

#[test]
fn a_role_without_an_instance_profile_needs_one_to_be_made() {
    let without = |actions: &str| {
        let target = with_target(actor(&one(actions, "*", "")), method("ec2-run"), Limit::Nothing);
        target.facts(|facts| {
            if let Seen::Known(details) = &mut facts.authorization_details {
                details.roles.iter_mut().for_each(|role| role.instance_profiles.clear());
            }
        })
    };
    assert_eq!(way(without(r#""iam:PassRole", "ec2:RunInstances""#), method("ec2-run")), None);
    let adds = r#""iam:PassRole", "ec2:RunInstances", "iam:AddRoleToInstanceProfile""#;
    assert_eq!(way(without(adds), method("ec2-run")), Some(Certainty::Unknown), "an empty profile may exist");
    let swaps =
        r#""iam:PassRole", "ec2:RunInstances", "iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile""#;
    let other = without(swaps).role("other", |mut role| {
        role.details.instance_profiles = vec![Arn::new(arn("instance-profile/other"))];
        role
    });
    assert_eq!(way(other, method("ec2-run")), Some(Certainty::Certain), "the profile of another role");
    let makes = r#""iam:PassRole", "ec2:RunInstances", "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile""#;
    assert_eq!(way(without(makes), method("ec2-run")), Some(Certainty::Certain));
}

#[test]
fn a_condition_on_what_is_attached_decides() {
    let attaching = |policy: &str| {
        let condition = format!(r#", "Condition": {{"ArnEquals": {{"iam:PolicyARN": "{policy}"}}}}"#);
        actor(&one(r#""iam:AttachUserPolicy""#, &arn("user/actor"), &condition))
    };
    let own = method("attach-own-user-policy");
    assert_eq!(way(attaching("arn:aws:iam::aws:policy/AdministratorAccess"), own), Some(Certainty::Certain));
    assert_eq!(way(attaching("arn:aws:iam::aws:policy/ReadOnlyAccess"), own), None);
}

#[test]
fn tags_of_the_target_decide() {
    let by_tag = |tag: &str| {
        let condition = r#", "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}"#;
        actor(&one(r#""iam:CreateAccessKey""#, "*", condition))
            .user(TARGET, |user| user.inline("all", &all()).tag("Team", tag))
    };
    assert_eq!(way(by_tag("red"), method("create-access-key")), Some(Certainty::Certain));
    assert_eq!(way(by_tag("blue"), method("create-access-key")), None);
    let tags = by_tag("blue").facts(|facts| {
        if let Seen::Known(details) = &mut facts.authorization_details
            && let Some(policies) = details.users.first_mut().map(|user| &mut user.inline_policies)
        {
            let document = DocumentText::new(one(r#""iam:TagUser""#, "*", ""));
            policies.push(probity_model::facts::authorization::InlinePolicy { name: "tags".to_owned(), document });
        }
    });
    assert_eq!(way(tags, method("create-access-key")), Some(Certainty::Conditional), "it may set the tag");
}

#[test]
fn any_policy_within_a_boundary_is_no_administrator() {
    let account = actor(&one(r#""iam:PutUserPolicy""#, &arn("user/actor"), ""))
        .policy("limit", &one(r#""s3:*", "iam:PutUserPolicy""#, "*", ""), |policy| policy)
        .facts(|facts| {
            if let Seen::Known(details) = &mut facts.authorization_details {
                details
                    .users
                    .iter_mut()
                    .for_each(|user| user.permissions_boundary = Some(Arn::new(arn("policy/limit"))));
            }
        });
    let access = Access::of(&account.build()).unwrap();
    assert!(access.escalations().paths(&access, None, Goal::Administrator).is_empty());
}

#[test]
fn a_chain_is_found_and_a_certain_one_comes_first() {
    let root = format!(r#"{{"AWS": "{}"}}"#, arn("root"));
    let direct = r#", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#;
    let needs = document(&[
        statement("Allow", "sts:AssumeRole", &arn("role/middle"), ""),
        statement("Allow", "sts:AssumeRole", &arn("role/target"), direct),
    ]);
    let account = actor(&needs)
        .role("middle", |role| {
            role.trust(&trust(&root, "sts:AssumeRole"))
                .inline("next", &one(r#""sts:AssumeRole""#, &arn("role/target"), ""))
        })
        .role(TARGET, |role| role.trust(&trust(&root, "sts:AssumeRole")).inline("all", &all()));
    let access = Access::of(&account.build()).unwrap();
    let actor = access.named("actor").next().unwrap();
    let target = access.named(TARGET).next().unwrap();
    for goal in [Goal::Administrator, Goal::Principal(target)] {
        let paths = access.escalations().paths(&access, Some(actor), goal);
        let path = paths.first().unwrap();
        assert_eq!((path.steps.len(), path.certainty), (2, Certainty::Certain));
        let reached = path.steps.last().and_then(|step| step.to.principal()).map(|role| role.name());
        assert_eq!(reached, Some(TARGET));
    }
}

#[test]
fn roles_that_aws_keeps_are_not_changed() {
    let needs = one(r#""iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy""#, "*", "");
    for path in ["/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"] {
        let account = actor(&needs)
            .role(TARGET, |role| role.path(path).trust(&trust(r#"{"Service": "x.amazonaws.com"}"#, "sts:AssumeRole")));
        assert_eq!(way(account, method("put-role-policy-trust")), None, "{path}");
    }
}

#[test]
fn who_holds_an_unread_policy_is_perhaps_an_administrator_and_keeps_surer_ways() {
    let account = |more: &str| {
        let account = Account::new()
            .user("actor", |user| user.attached(&arn("policy/gone")).inline("needs", more))
            .user(TARGET, |user| user.inline("all", &all()));
        account.facts(|facts| {
            if let Seen::Known(details) = &mut facts.authorization_details {
                details.policies.clear();
            }
        })
    };
    let access = Access::of(&account(&little()).build()).unwrap();
    let certainty = access.named("actor").next().and_then(|actor| access.administrator(actor)).map(|it| it.certainty);
    assert_eq!(certainty, Some(probity_policy::Truth::Unknown));
    // What the unread policy may deny is open, so that no way is surer than unknown.
    let keys = one(r#""iam:CreateAccessKey""#, "*", "");
    assert_eq!(way(account(&keys), method("create-access-key")), None);
}

#[test]
fn an_administrator_under_conditions_keeps_the_ways_that_are_certain() {
    let condition = r#", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#;
    let text = document(&[
        statement("Allow", "*", "*", condition),
        statement("Allow", "iam:CreateAccessKey", &arn("user/target"), ""),
    ]);
    let account = || actor(&text).user(TARGET, |user| user.inline("all", &all()));
    assert_eq!(way(account(), method("create-access-key")), Some(Certainty::Certain));
    assert_eq!(way(account(), method("put-own-user-policy")), None);
    let access = Access::of(&account().build()).unwrap();
    let actor = access.named("actor").next().unwrap();
    let paths = access.escalations().paths(&access, Some(actor), Goal::Administrator);
    assert_eq!(paths.first().map(|path| path.certainty), Some(Certainty::Certain));
}

#[test]
fn a_deny_without_a_second_factor_holds_every_way_back_but_not_for_others() {
    let denied = |action: &str, resource: &str| {
        document(&[
            statement("Allow", "*", "*", ""),
            statement(
                "Deny",
                action,
                resource,
                r#", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#,
            ),
        ])
    };
    let account = |text: &str| actor(text).user(TARGET, |user| user.inline("all", &all()));
    assert_eq!(way(account(&denied("*", "*")), method("create-access-key")), None);
    let access = Access::of(&account(&denied("*", "*")).build()).unwrap();
    assert_eq!(access.administrators().first().map(|found| found.certainty), Some(probity_policy::Truth::Unknown));
    // Another action is held back, and this one is not.
    let other = document(&[
        statement("Allow", "iam:CreateAccessKey", "*", ""),
        statement(
            "Deny",
            "iam:Put*",
            "*",
            r#", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#,
        ),
    ]);
    assert_eq!(way(account(&other), method("create-access-key")), Some(Certainty::Certain));
    let partly = way(account(&denied("iam:PutUserPolicy", "*")), method("create-access-key"));
    assert_eq!(partly, Some(Certainty::Certain), "an administrator under conditions who has a way without them");
}

#[test]
fn a_condition_of_the_trust_policy_makes_the_way_conditional() {
    let trusting = |condition: &str| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {{"Service": "lambda.amazonaws.com"}}, "Condition": {{"StringEquals": {condition}}}}}}}"#
        );
        let needs = one(r#""iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction""#, "*", "");
        way(actor(&needs).role(TARGET, |role| role.trust(&text).inline("all", &all())), method("lambda-invoke"))
    };
    assert_eq!(
        trusting(r#"{"aws:SourceArn": "arn:aws:lambda:eu-central-1:1:function:x"}"#),
        Some(Certainty::Conditional)
    );
    assert_eq!(trusting(r#"{"aws:SourceAccount": "123456789012"}"#), Some(Certainty::Certain));
    assert_eq!(trusting(r#"{"aws:SourceAccount": "210987654321"}"#), None);
}

#[test]
fn an_unread_trust_policy_leaves_the_way_unknown() {
    let account =
        actor(&one(r#""sts:AssumeRole""#, "*", "")).role(TARGET, |role| role.trust("{").inline("all", &all()));
    assert_eq!(way(account, method("assume-role")), Some(Certainty::Unknown));
}

/// Somebody may change functions, the role of an administrator trusts Lambda and EC2, and this runs.
fn with_running(actions: &str, resource: &str, run: impl FnOnce(Account) -> Account) -> Account {
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}}}"#;
    let account =
        Account::new().role("strong", |role| role.trust(trust).inline("all", &all()).instance_profile("strong"));
    run(account.user("actor", |user| user.inline("own", &one(actions, resource, ""))))
}

#[test]
fn a_function_that_runs_with_the_role_makes_the_way_sure() {
    let code = method("lambda-code");
    let update = r#""lambda:UpdateFunctionCode""#;
    let function = |account: Account| account.function("f", "strong", |it| it);
    assert_eq!(way(with_running(update, "*", function), code), Some(Certainty::Certain));
    assert_eq!(way(with_running(update, "*", |account| account), code), None, "no function has the role");
    let named = "arn:aws:lambda:eu-central-1:123456789012:function:f";
    assert_eq!(way(with_running(update, named, function), code), Some(Certainty::Certain));
    assert_eq!(way(with_running(update, &named.replace(":f", ":g"), function), code), None, "another function");
    // Where a Region was not read, something may run with the role there.
    let elsewhere = |account: Account| account.deny_compute("us-east-1");
    assert_eq!(way(with_running(update, "*", elsewhere), code), Some(Certainty::Unknown));
    assert_eq!(way(with_running(update, "*", |it| elsewhere(function(it))), code), Some(Certainty::Certain));
}

#[test]
fn an_instance_that_runs_with_the_role_may_still_be_out_of_reach() {
    let instance =
        |state: &'static str| move |account: Account| account.instance("i-1", |it| it.profile("strong").state(state));
    let session = r#""ssm:StartSession""#;
    assert_eq!(way(with_running(session, "*", instance("running")), method("ssm-session")), Some(Certainty::Unknown));
    assert_eq!(way(with_running(session, "*", instance("terminated")), method("ssm-session")), None);
    let restart = r#""ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances""#;
    assert_eq!(way(with_running(restart, "*", instance("stopped")), method("ec2-user-data")), Some(Certainty::Certain));
    let other = with_running(restart, "*", |account| account.instance("i-1", |it| it.profile("other")));
    assert_eq!(way(other, method("ec2-user-data")), None);
}
