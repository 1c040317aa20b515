//! Every way opens where it should, and every kind of limit closes it.

use std::collections::BTreeSet;

use probity_model::builder::{ACCOUNT, Account};
use probity_model::facts::authorization::DocumentText;
use probity_model::facts::organization::{
    OrganizationAccount, OrganizationPolicy, OrganizationPolicyKind, OrganizationTree,
};
use probity_model::facts::{OrganizationPolicies, OrganizationStructure};
use probity_model::{AccountId, Arn, Seen, Topic};

use super::methods::{End, Gains, When};
use super::*;

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit<'m> {
    Nothing,
    /// The actor holds a Deny for this action.
    Deny(&'m str),
    /// The actor's boundary leaves this action out.
    Boundary(&'m str),
    /// A service control policy denies this action.
    ServiceControl(&'m str),
    /// This action is allowed under a condition on the network.
    Condition(&'m str),
    /// This action is allowed on a resource that is none of the account's.
    Scope(&'m str),
    /// The role trusts someone else.
    Trust,
}

const TARGET: &str = "target";

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn statement(effect: &str, action: &str, resource: &str, more: &str) -> String {
    format!(r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "{resource}"{more}}}"#)
}

fn all() -> String {
    document(&[statement("Allow", "*", "*", "")])
}

fn little() -> String {
    document(&[statement("Allow", "health:DescribeEvents", "*", "")])
}

fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

fn trust(principal: &str, action: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {principal}, "Action": "{action}"}}}}"#
    )
}

/// The policy that lets the actor take a way.
fn needed(method: &Method, limit: Limit<'_>) -> String {
    let mut statements: Vec<String> = method
        .needs
        .iter()
        .map(|need| match limit {
            Limit::Scope(action) if action == need => statement("Allow", need, "arn:aws:nothing:::of/this/account", ""),
            Limit::Condition(action) if action == need => {
                let condition = r#", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}"#;
                statement("Allow", need, "*", condition)
            }
            _ => statement("Allow", need, "*", ""),
        })
        .collect();
    if let Limit::Deny(action) = limit {
        statements.push(statement("Deny", action, "*", ""));
    }
    document(&statements)
}

/// An account in which one actor can take one way, but for the limit.
fn account(method: &Method, limit: Limit<'_>) -> Account {
    let is_role = method.target == End::OwnRole;
    let own = arn("policy/own");
    let boundary = match limit {
        Limit::Boundary(action) => Some(format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "NotAction": "{action}", "Resource": "*"}}}}"#
        )),
        _ if method.gains == Gains::NoBoundary && method.target != End::Role => {
            Some(document(&method.needs.iter().map(|need| statement("Allow", need, "*", "")).collect::<Vec<_>>()))
        }
        _ => None,
    };
    let versions = match (method.gains, method.when) {
        (Gains::OtherVersion, _) => vec![all()],
        (_, Some(When::FiveVersions)) => vec![little(); 4],
        _ => Vec::new(),
    };
    let denying = document(&[statement("Deny", "iam:CreateAccessKey", "*", "")]);
    let mut account = Account::new();
    if let Limit::ServiceControl(action) = limit {
        account = guarded(&document(&[statement("Allow", "*", "*", ""), statement("Deny", action, "*", "")]));
    }
    account = account
        .policy("own", &little(), |policy| versions.iter().fold(policy, |policy, text| policy.earlier_version(text)))
        .policy("denying", &denying, |policy| policy)
        .policy("boundary", &boundary.clone().unwrap_or_else(all), |policy| policy);
    let needs = needed(method, limit);
    let is_hidden =
        matches!(method.gains, Gains::NoDenials) || (method.gains == Gains::NoBoundary && method.target != End::Role);
    let denials = method.gains == Gains::NoDenials;
    let need = method.needs.first().map(String::as_str).unwrap_or_default();
    let removal = if denials { node::Removal::of(need) } else { None };
    let denying_arn = arn("policy/denying");
    use node::Removal::{Attached, GroupAttached, GroupInline, Groups, Inline};
    account = account.group("staff", |group| match removal {
        Some(GroupAttached | Groups) => group.attached(&denying_arn),
        Some(GroupInline) => group.inline("denying", &denying),
        _ => group,
    });
    account = account.group("admins", |group| group.inline("all", &all()));
    let (attached, inline) = (removal == Some(Attached), removal == Some(Inline));
    account = if is_role {
        account.role("actor", |mut role| {
            role = role.trust(&trust(r#"{"Service": "none.amazonaws.com"}"#, "sts:AssumeRole"));
            role = role.inline("needs", &needs).attached(&own);
            role = if is_hidden { role.inline("all", &all()) } else { role };
            role = if attached { role.attached(&denying_arn) } else { role };
            role = if inline { role.inline("denying", &denying) } else { role };
            if boundary.is_some() { role.boundary(&arn("policy/boundary")) } else { role }
        })
    } else {
        account.user("actor", |mut user| {
            user = user.inline("needs", &needs).attached(&own).group("staff");
            user = if is_hidden { user.inline("all", &all()) } else { user };
            user = if attached { user.attached(&denying_arn) } else { user };
            user = if inline { user.inline("denying", &denying) } else { user };
            if boundary.is_some() { user.boundary(&arn("policy/boundary")) } else { user }
        })
    };
    with_target(account, method, limit)
}

/// The user or role that a way ends at.
fn with_target(account: Account, method: &Method, limit: Limit<'_>) -> Account {
    let own = arn("policy/own");
    match method.target {
        End::User => account.user(TARGET, |mut user| {
            let keys = match method.when {
                Some(When::TwoKeys) => 2,
                Some(When::FewerThanTwoKeys) => 1,
                _ => 0,
            };
            user = (1..=keys).fold(user, |user, slot| user.key(slot, |key| key));
            user = if method.when == Some(When::Password) { user.console_password() } else { user };
            if method.gains == Gains::Itself { user.inline("all", &all()) } else { user }
        }),
        End::Role => account.role(TARGET, |mut role| {
            let who = match limit {
                Limit::Trust => r#"{"AWS": "arn:aws:iam::123456789012:user/someone-else"}"#.to_owned(),
                _ if method.is_needing("sts:AssumeRole") => format!(r#"{{"AWS": "{}"}}"#, arn("root")),
                _ => r#"{"Service": "none.amazonaws.com"}"#.to_owned(),
            };
            role = role.trust(&trust(&who, "sts:AssumeRole")).attached(&own);
            match method.gains {
                Gains::AnyPolicy => role,
                Gains::NoBoundary => role.inline("all", &all()).boundary(&arn("policy/own")),
                _ => role.inline("all", &all()),
            }
        }),
        End::PassedRole | End::RunningRole => account.role(TARGET, |mut role| {
            let service = method.services.first().map(String::as_str).unwrap_or_default();
            let trust = match limit {
                Limit::Trust => trust(r#"{"Service": "none.amazonaws.com"}"#, "sts:AssumeRole"),
                _ if service.starts_with("cognito") => {
                    trust(&format!(r#"{{"Federated": "{service}"}}"#), "sts:AssumeRoleWithWebIdentity")
                }
                _ => trust(&format!(r#"{{"Service": "{service}"}}"#), "sts:AssumeRole"),
            };
            role = role.trust(&trust).inline("all", &all());
            role.details.instance_profiles = vec![Arn::new(arn("instance-profile/target"))];
            role
        }),
        End::OwnUser | End::OwnRole | End::Account => account,
    }
}

/// A member of an organization with one more service control policy.
fn guarded(text: &str) -> Account {
    let policy = |id: &str, text: &str, target: &str| OrganizationPolicy {
        id: id.to_owned(),
        arn: Arn::new(format!("arn:aws:organizations::999999999999:policy/o-exampleorg1/x/{id}")),
        name: id.to_owned(),
        kind: OrganizationPolicyKind::ServiceControl,
        aws_managed: false,
        document: DocumentText(text.to_owned()),
        targets: vec![target.to_owned()],
    };
    Account::new().organization().facts(|facts| {
        facts.organization_structure = Seen::Known(OrganizationStructure::Tree(OrganizationTree {
            root: "r-root".to_owned(),
            enabled_policy_types: BTreeSet::from([OrganizationPolicyKind::ServiceControl.api_name().to_owned()]),
            units: Vec::new(),
            accounts: vec![OrganizationAccount {
                id: AccountId::try_from(ACCOUNT).unwrap(),
                arn: Arn::new("arn:aws:organizations::999999999999:account/o-exampleorg1/123456789012"),
                name: "one".to_owned(),
                state: "ACTIVE".to_owned(),
                parent: "r-root".to_owned(),
                joined_at: None,
            }],
        }));
        let policies = vec![policy("p-full", &all(), "r-root"), policy("p-more", text, ACCOUNT)];
        facts.organization_policies = Seen::Known(OrganizationPolicies::Policies(policies));
    })
}

/// How sure the actor's way by this method is, where there is one.
fn way(account: Account, method: &Method) -> Option<Certainty> {
    let access = Access::of(&account.build()).unwrap();
    let actor = access.principals().iter().position(|principal| principal.name() == "actor");
    let place = Method::all().iter().position(|other| other.id == method.id);
    let graph = access.escalations().graph;
    let edges = graph.edges.iter().filter(|edge| Some(edge.from) == actor && Some(edge.method) == place);
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
            let document = DocumentText(one(r#""iam:TagUser""#, "*", ""));
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
fn an_unread_trust_policy_leaves_the_way_unknown() {
    let account =
        actor(&one(r#""sts:AssumeRole""#, "*", "")).role(TARGET, |role| role.trust("{").inline("all", &all()));
    assert_eq!(way(account, method("assume-role")), Some(Certainty::Unknown));
}
