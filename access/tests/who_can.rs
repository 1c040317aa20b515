//! Who may do what: every layer that grants or limits, in a built account.

#![allow(clippy::expect_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use probity_access::{Access, Binding, Grounds, Outcome, PrincipalKind, Truth, Via};
use probity_model::builder::{ACCOUNT, Account};
use probity_model::facts::authorization::DocumentText;
use probity_model::facts::organization::{
    OrganizationAccount, OrganizationPolicy, OrganizationPolicyKind, OrganizationTree,
};
use probity_model::facts::resource_policies::{PolicyKind, ResourcePolicy};
use probity_model::facts::{OrganizationPolicies, OrganizationStructure};
use probity_model::{AccountId, Arn, Evidence, Inference, Seen, Topic};
use probity_policy::{AccessLevel, Context, Layer, Target};

fn allow(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}}}"#
    )
}

fn deny(action: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "*", "Resource": "*"}},
            {{"Sid": "No", "Effect": "Deny", "Action": "{action}", "Resource": "*"}}]}}"#
    )
}

fn policy_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

fn outcome(access: &Access, name: &str, action: &str) -> Outcome {
    let principal = access.named(name).next().expect("a principal");
    access.can(principal, action, Target::One("*"), &Context::partial()).outcome
}

fn of(account: Account) -> Access {
    Access::of(&account.build()).expect("authorization details")
}

/// A member of an organization with one service control policy and one resource control policy on the account.
fn member(service_control: &str, resource_control: Option<&str>) -> Account {
    let policy = |id: &str, kind, document: &str, target: &str| OrganizationPolicy {
        id: id.to_owned(),
        arn: Arn::new(format!("arn:aws:organizations::999999999999:policy/o-exampleorg1/x/{id}")),
        name: id.to_owned(),
        kind,
        aws_managed: false,
        document: DocumentText::new(document),
        targets: vec![target.to_owned()],
    };
    let service = OrganizationPolicyKind::ServiceControl;
    let mut policies = vec![
        policy("p-full", service.clone(), &allow("*", "*"), "r-root"),
        policy("p-account", service.clone(), service_control, ACCOUNT),
    ];
    let resource = OrganizationPolicyKind::ResourceControl;
    policies.extend(resource_control.map(|document| policy("p-resource", resource.clone(), document, ACCOUNT)));
    Account::new().organization().facts(|facts| {
        let id = AccountId::try_from(ACCOUNT).expect("an account id");
        facts.organization_structure = Seen::Known(OrganizationStructure::Tree(OrganizationTree {
            root: "r-root".to_owned(),
            enabled_policy_types: BTreeSet::from([service.api_name().to_owned(), resource.api_name().to_owned()]),
            units: Vec::new(),
            accounts: vec![OrganizationAccount {
                arn: Arn::new(format!("arn:aws:organizations::999999999999:account/o-exampleorg1/{ACCOUNT}")),
                id,
                name: "one".to_owned(),
                state: "ACTIVE".to_owned(),
                parent: "r-root".to_owned(),
                joined_at: None,
            }],
        }));
        facts.organization_policies = Seen::Known(OrganizationPolicies::Policies(policies));
    })
}

#[test]
fn a_user_has_its_own_policies_and_those_of_its_groups() {
    let access = of(Account::new()
        .policy("reads", &allow("s3:Get*", "*"), |policy| policy.earlier_version(&allow("s3:*", "*")))
        .group("staff", |group| group.attached(&policy_arn("reads")))
        .user("anna", |user| user.group("staff").inline("queues", &allow("sqs:*", "*"))));
    let anna = access.named("anna").next().expect("a user");
    let via: Vec<&Via> = anna.identity().iter().map(|held| &held.via).collect();
    assert_eq!(via, [&Via::Inline, &Via::GroupAttached("staff".to_owned())]);
    assert_eq!(outcome(&access, "anna", "sqs:SendMessage"), Outcome::Allowed);
    assert_eq!(outcome(&access, "anna", "s3:GetObject"), Outcome::Allowed);
    assert_eq!(outcome(&access, "anna", "s3:PutObject"), Outcome::Denied, "an earlier version grants nothing");
}

#[test]
fn a_decision_names_the_statement_and_where_it_stands() {
    let access = of(Account::new().user("anna", |user| user.inline("most", &deny("s3:Put*"))));
    let anna = access.named("anna").next().expect("a user");
    let denied = access.can(anna, "s3:PutObject", Target::One("arn:aws:s3:::b/k"), &Context::partial());
    assert!(denied.is_denied() && denied.resource_policy_unread);
    let statement = denied.statements.first().expect("the Deny");
    assert_eq!(
        (statement.policy.as_str(), statement.statement, statement.sid.as_deref()),
        ("user/anna/most", Some(1), Some("No"))
    );
    assert_eq!(statement.position.map(|position| position.line), Some(2));
    assert_eq!(denied.statements.len(), 1);
}

#[test]
fn a_boundary_limits_and_grants_nothing() {
    let access = of(Account::new()
        .policy("limit", &allow("s3:*", "*"), |policy| policy)
        .user("anna", |user| user.inline("all", &allow("*", "*")).boundary(&policy_arn("limit")))
        .user("bert", |user| user.boundary(&policy_arn("limit"))));
    assert_eq!(outcome(&access, "anna", "s3:GetObject"), Outcome::Allowed);
    assert_eq!(outcome(&access, "anna", "iam:CreateUser"), Outcome::Denied);
    assert_eq!(outcome(&access, "bert", "s3:GetObject"), Outcome::Denied);
    assert!(access.administrators().is_empty());
}

#[test]
fn what_was_not_read_is_neither_allowed_nor_denied() {
    for (what, account) in [
        ("not in the snapshot", Account::new().user("anna", |user| user.attached(&policy_arn("gone")))),
        ("does not parse", Account::new().user("anna", |user| user.inline("odd", "{"))),
        ("an unknown group", Account::new().user("anna", |user| user.group("gone"))),
    ] {
        let account = account.facts(|facts| {
            if let Seen::Known(details) = &mut facts.authorization_details {
                details.groups.clear();
            }
        });
        let access = of(account);
        assert_eq!(outcome(&access, "anna", "s3:GetObject"), Outcome::AllowedIf, "{what}");
        let anna = access.administrators();
        assert_eq!(anna.first().map(|found| found.certainty), Some(Truth::Unknown), "{what}");
    }
}

#[test]
fn service_control_policies_bind_members_but_not_service_linked_roles() {
    let all = allow("*", "*");
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}}"#;
    let access = of(member(&deny("s3:*"), None)
        .user("anna", |user| user.inline("all", &all))
        .role("AWSServiceRoleForX", |role| {
            role.path("/aws-service-role/x.amazonaws.com/").trust(trust).inline("all", &all)
        }));
    assert_eq!(access.organization(), &Binding::Bound);
    assert_eq!(outcome(&access, "anna", "s3:GetObject"), Outcome::Denied);
    assert_eq!(outcome(&access, "anna", "ec2:RunInstances"), Outcome::Allowed);
    assert_eq!(outcome(&access, "AWSServiceRoleForX", "s3:GetObject"), Outcome::Allowed);
    let linked = access.named("AWSServiceRoleForX").next().map(|role| role.kind());
    assert_eq!(linked, Some(PrincipalKind::ServiceLinkedRole));
}

#[test]
fn every_level_must_allow() {
    let access = of(member(&allow("s3:*", "*"), None).user("anna", |user| user.inline("all", &allow("*", "*"))));
    assert_eq!(outcome(&access, "anna", "s3:GetObject"), Outcome::Allowed);
    let anna = access.named("anna").next().expect("a user");
    let denied = access.can(anna, "ec2:RunInstances", Target::One("*"), &Context::partial());
    assert_eq!(denied.lacking, [Layer::ServiceControl(1)]);
}

#[test]
fn resource_control_policies_deny() {
    let rcp = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
    let access = of(member(&allow("*", "*"), Some(rcp)).user("anna", |user| user.inline("all", &allow("*", "*"))));
    assert_eq!(outcome(&access, "anna", "s3:GetObject"), Outcome::Denied);
    assert_eq!(outcome(&access, "anna", "sqs:SendMessage"), Outcome::Allowed);
}

#[test]
fn an_organization_that_was_not_read_leaves_open_what_a_member_may_do() {
    let member = || member(&deny("s3:*"), None).user("anna", |user| user.inline("all", &allow("*", "*")));
    for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
        let access = of(member().deny(topic));
        assert_eq!(outcome(&access, "anna", "ec2:RunInstances"), Outcome::AllowedIf, "{topic:?}");
        assert!(matches!(access.organization(), Binding::Unread(_)), "{topic:?}");
    }
}

#[test]
fn the_management_account_and_a_lone_account_are_bound_by_nothing() {
    for account in [Account::new(), Account::new().management_account().deny(Topic::OrganizationPolicies)] {
        let access = of(account.user("anna", |user| user.inline("all", &allow("*", "*"))));
        assert_eq!(access.organization(), &Binding::Free);
        assert_eq!(outcome(&access, "anna", "ec2:RunInstances"), Outcome::Allowed);
    }
}

#[test]
fn who_can_lists_those_who_may_under_conditions_too() {
    let with_mfa = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}"#;
    let access = of(Account::new()
        .user("anna", |user| user.inline("all", &allow("s3:*", "*")))
        .user("bert", |user| user.inline("mfa", with_mfa))
        .user("carl", |user| user.inline("other", &allow("s3:*", "arn:aws:s3:::other/*"))));
    let found = access.who_can("s3:GetObject", Target::One("arn:aws:s3:::b/k"));
    let named: Vec<_> = found.iter().map(|(principal, decision)| (principal.name(), decision.outcome)).collect();
    assert_eq!(named, [("anna", Outcome::Allowed), ("bert", Outcome::AllowedIf)]);
    let remaining = found.last().map(|(_, decision)| decision.remaining().join("; "));
    assert_eq!(remaining.as_deref(), Some("Bool aws:MultiFactorAuthPresent true"));
}

#[test]
fn administrators_are_those_by_effect() {
    let power_user = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}}"#;
    let spared = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::audit/*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::123456789012:role/break-glass"}]}"#;
    let access = of(Account::new()
        .user("all", |user| user.inline("x", &allow("*", "*")))
        .user("iam", |user| user.inline("x", &allow("iam:*", "*")))
        .user("half", |user| user.inline("a", &allow("iam:*", "arn:aws:iam::123456789012:user/half")))
        .user("power", |user| user.inline("x", power_user))
        .user("denied", |user| user.inline("x", &deny("iam:*")))
        .user("spared", |user| user.inline("x", spared))
        .user("AdministratorAccess", |user| user.inline("AdministratorAccess", &allow("s3:*", "*"))));
    let found: Vec<_> =
        access.administrators().iter().map(|found| (found.principal.name(), found.certainty, found.grounds)).collect();
    assert_eq!(
        found,
        [
            ("all", Truth::Yes, Grounds::Everything),
            ("iam", Truth::Yes, Grounds::IamControl),
            ("spared", Truth::Yes, Grounds::IamControl)
        ]
    );
}

#[test]
fn a_guardrail_against_single_actions_leaves_an_administrator_one() {
    let access = of(member(&deny("iam:CreateUser"), None).user("anna", |user| user.inline("all", &allow("*", "*"))));
    assert_eq!(access.administrators().first().map(|found| found.certainty), Some(Truth::Yes));
    let access = of(member(&deny("*"), None).user("anna", |user| user.inline("all", &allow("*", "*"))));
    assert!(access.administrators().is_empty());
}

#[test]
fn a_trust_policy_decides_who_assumes_a_role_of_the_account() {
    let trust = |who: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{who}"}}, "Action": "sts:AssumeRole"}}}}"#
        )
    };
    let access = of(Account::new()
        .user("anna", |user| user.inline("assume", &allow("sts:AssumeRole", "*")))
        .user("bert", |user| user)
        .role("open", |role| role.trust(&trust(&format!("arn:aws:iam::{ACCOUNT}:root"))))
        .role("bert-only", |role| role.trust(&trust(&format!("arn:aws:iam::{ACCOUNT}:user/bert")))));
    let assume = |who: &str, arn: &str| {
        let principal = access.named(who).next().expect("a user");
        access.can(principal, "sts:AssumeRole", Target::One(arn), &Context::partial()).outcome
    };
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    assert_eq!(assume("anna", &role("open")), Outcome::Allowed);
    assert_eq!(assume("bert", &role("open")), Outcome::Denied);
    assert_eq!(assume("anna", &role("bert-only")), Outcome::Denied);
    assert_eq!(assume("bert", &role("bert-only")), Outcome::Allowed);
    assert_eq!(assume("anna", "arn:aws:iam::222222222222:role/far"), Outcome::AllowedIf, "its trust was not read");
}

#[test]
fn a_summary_goes_by_service_and_level() {
    let access = of(Account::new().user("anna", |user| {
        user.inline("a", &allow("s3:Get*", "*"))
            .inline("b", &allow("iam:PassRole", "arn:aws:iam::123456789012:role/x"))
            .inline("c", &allow("sqs:*", "*"))
            .inline("d", &deny("sqs:*").replacen(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"},"#, "", 1))
            .inline("e", &allow("s3:GetNothingAtAll", "*"))
    }));
    let anna = access.named("anna").next().expect("a user");
    let summary = access.summary(anna);
    let names: Vec<&str> = summary.services.iter().map(|service| service.service.as_str()).collect();
    assert_eq!(names, ["iam", "s3"], "what is denied is left out");
    let level = |service: usize, level: AccessLevel| summary.services[service].levels.get(&level).copied();
    let passes = level(0, AccessLevel::Write).or(level(0, AccessLevel::PermissionsManagement)).expect("passing a role");
    assert_eq!((passes.allowed, passes.in_part), (0, 1), "on one role only");
    let reads = level(1, AccessLevel::Read).expect("reading");
    assert!(reads.allowed > 10 && reads.allowed <= reads.of && reads.in_part == 0, "{reads:?}");
    assert_eq!(level(1, AccessLevel::Tagging), None);
    assert_eq!(summary.unknown_actions, ["s3:GetNothingAtAll"]);
    assert_eq!(access.services_named(anna).into_iter().collect::<Vec<_>>(), ["iam", "s3"]);
}

#[test]
fn a_summary_of_everything_has_every_action() {
    let access = of(Account::new().user("root-like", |user| user.inline("all", &allow("*", "*"))));
    let summary = access.summary(access.named("root-like").next().expect("a user"));
    assert!(summary.services.len() > 300);
    let counts = summary.services.iter().flat_map(|service| service.levels.values());
    assert!(counts.clone().all(|count| count.of > 0 && count.allowed + count.in_part == count.of));
    let unread = of(Account::new().user("anna", |user| user.attached("Missing")));
    assert_eq!(unread.summary(unread.named("anna").next().expect("a user")).unread.len(), 1);
}

#[test]
fn only_the_authorization_details_are_necessary() {
    let necessary: Vec<Topic> =
        Access::needs().into_iter().filter(|need| !need.optional).map(|need| need.topic).collect();
    assert_eq!(necessary, [Topic::AuthorizationDetails]);
    let snapshot = Account::new().deny(Topic::AuthorizationDetails).build();
    assert!(Evidence::new(&snapshot).inferred::<Access>().is_err());
}

#[test]
fn the_time_of_the_snapshot_is_now() {
    let until = |when: &str| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {{"DateLessThan": {{"aws:CurrentTime": "{when}"}}}}}}}}"#
        );
        of(Account::new().user("anna", |user| user.inline("until", &text)))
    };
    assert_eq!(outcome(&until("2027-01-01T00:00:00Z"), "anna", "s3:GetObject"), Outcome::Allowed);
    assert_eq!(outcome(&until("2026-01-01T00:00:00Z"), "anna", "s3:GetObject"), Outcome::Denied);
}

#[test]
fn the_policy_of_a_resource_elsewhere_and_of_a_key_is_unread() {
    let access = of(Account::new().user("anna", |user| user.inline("all", &allow("*", "*"))).user("bert", |user| user));
    let ask = |who: &str, action: &str, arn: &str| {
        let principal = access.named(who).next().expect("a user");
        access.can(principal, action, Target::One(arn), &Context::partial()).outcome
    };
    let far = "arn:aws:sqs:eu-central-1:222222222222:queue";
    assert_eq!(ask("anna", "sqs:SendMessage", far), Outcome::AllowedIf);
    assert_eq!(ask("bert", "sqs:SendMessage", far), Outcome::Denied, "both sides must allow");
    assert_eq!(ask("anna", "sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:queue"), Outcome::Allowed);
    let key = "arn:aws:kms:eu-central-1:123456789012:key/1";
    assert_eq!(ask("anna", "kms:Decrypt", key), Outcome::AllowedIf);
    assert_eq!(ask("bert", "kms:Decrypt", key), Outcome::AllowedIf, "the key may name its user");
}

#[test]
fn a_level_without_a_service_control_policy_was_not_read_in_full() {
    let account = member(&allow("*", "*"), None).facts(|facts| {
        if let Seen::Known(OrganizationPolicies::Policies(policies)) = &mut facts.organization_policies {
            policies.retain(|policy| policy.id != "p-account");
        }
    });
    let access = of(account.user("anna", |user| user.inline("all", &allow("*", "*"))));
    assert_eq!(outcome(&access, "anna", "s3:GetObject"), Outcome::AllowedIf);
}

/// A queue whose own policy was read: it lets in whom no policy of their own does, and the answer has nothing aside.
#[test]
fn the_policies_of_resources_in_a_snapshot_count() {
    const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:orders";
    let asked = |kind: PolicyKind, policy: Seen<Option<DocumentText>>, arn: &str, action: &str| {
        let account = Account::new().user("anna", |user| user).facts(|facts| {
            let Seen::Known(read) = &mut facts.resource_policies else { unreachable!("they are known") };
            let resource = ResourcePolicy { arn: Arn::new(arn), policy };
            let region = read.regions.values_mut().next().expect("a Region");
            region.insert(kind, Seen::Known(vec![resource]));
        });
        let snapshot = account.build();
        let access = Access::of(&snapshot).expect("authorization details").with_resource_policies(&snapshot);
        let anna = access.named("anna").next().expect("a user");
        let decision = access.can(anna, action, Target::One(arn), &Context::partial());
        (decision.outcome, decision.resource_policy_unread)
    };
    let lets_in = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:user/anna"}},
            "Action": "sqs:SendMessage", "Resource": "{QUEUE}"}}}}"#
    );
    let known = |text: &str| Seen::Known(Some(DocumentText::new(text)));
    let send = |policy| asked(PolicyKind::Queue, policy, QUEUE, "sqs:SendMessage");
    assert_eq!(send(known(&lets_in)), (Outcome::Allowed, false));
    assert_eq!(send(Seen::Known(None)), (Outcome::Denied, false), "it has none");
    assert_eq!(send(Seen::default()), (Outcome::Denied, true), "nobody has read it");
    assert_eq!(send(known("{")).0, Outcome::AllowedIf, "nobody can read it");
    // A grant may allow what the policy of a key does not.
    let key = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/1");
    let nobody = r#"{"Version": "2012-10-17", "Statement": []}"#;
    assert_eq!(asked(PolicyKind::Key, known(nobody), &key, "kms:Decrypt").0, Outcome::AllowedIf);
}
