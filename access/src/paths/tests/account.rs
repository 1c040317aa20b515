//! An account in which one actor can take one way, but for a limit.

use std::collections::BTreeSet;

use probity_model::builder::{ACCOUNT, Account};
use probity_model::facts::authorization::DocumentText;
use probity_model::facts::organization::{
    OrganizationAccount, OrganizationPolicy, OrganizationPolicyKind, OrganizationTree,
};
use probity_model::facts::{OrganizationPolicies, OrganizationStructure};
use probity_model::{AccountId, Arn, Seen};

use crate::paths::methods::{End, Gains, Method, When};
use crate::paths::node;

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit<'m> {
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

pub(super) const TARGET: &str = "target";

pub(super) fn document(statements: &[String]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

pub(super) fn statement(effect: &str, action: &str, resource: &str, more: &str) -> String {
    format!(r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "{resource}"{more}}}"#)
}

pub(super) fn all() -> String {
    document(&[statement("Allow", "*", "*", "")])
}

pub(super) fn little() -> String {
    document(&[statement("Allow", "health:DescribeEvents", "*", "")])
}

pub(super) fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

pub(super) fn trust(principal: &str, action: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {principal}, "Action": "{action}"}}}}"#
    )
}

/// The policy that lets the actor take a way.
pub(super) fn needed(method: &Method, limit: Limit<'_>) -> String {
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
pub(super) fn account(method: &Method, limit: Limit<'_>) -> Account {
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
    // What runs is not known: a way through it is open as far as is known.
    let mut account = Account::new().deny(probity_model::Topic::Compute);
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
pub(super) fn with_target(account: Account, method: &Method, limit: Limit<'_>) -> Account {
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
        End::OwnUser | End::OwnRole | End::Account | End::Outside | End::Anyone => account,
    }
}

/// A member of an organization with one more service control policy.
pub(super) fn guarded(text: &str) -> Account {
    let policy = |id: &str, text: &str, target: &str| OrganizationPolicy {
        id: id.to_owned(),
        arn: Arn::new(format!("arn:aws:organizations::999999999999:policy/o-exampleorg1/x/{id}")),
        name: id.to_owned(),
        kind: OrganizationPolicyKind::ServiceControl,
        aws_managed: false,
        document: DocumentText::new(text),
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
