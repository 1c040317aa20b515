//! Nobody who is no administrator may rewrite permissions so as to become one.
//!
//! # Why
//! Whoever may write a policy that it holds, or one of somebody that it can become, has every permission there is, one call
//! later. Such rights look harmless beside `"Action": "*"`, and are the same.
//!
//! # Pass
//! The user or role has no way to an administrator that begins with one of the `actions`.
//!
//! # Fail
//! It has one that is open for sure: on itself, its groups, a policy of its own, a role that it can enter, or a principal
//! that it makes.
//!
//! # Not applicable
//! Administrators, who need no such way, and roles that AWS made for its services.
//!
//! # Notes
//! All policies of the user or role are considered, those of its groups, its permissions boundary and the policies of the
//! organization; session policies are not. Where a way hangs on conditions, or on policies that were not read, it is not
//! evaluated. So it is where the surest way begins with something else and one by these actions is possible.
//!
//! # Fix
//! Take the action away, or allow it on a path that holds nothing stronger, with a condition that demands a permissions
//! boundary.
//!
//! # Command
//! ```sh
//! aws iam simulate-principal-policy --policy-source-arn <ARN> --action-names iam:CreatePolicyVersion
//! ```

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

use probity_access::{Access, Binding, Method, Principal};
use probity_model::facts::AuthorizationDetails;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    Automation, Family, Findings, Inferred, Meta, Parameters, Partition, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Context, Target};

use crate::escalation::{self, Class, Found, Ways};

const ACTIONS: ListParameter = ListParameter {
    name: "actions",
    default: &[
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:AttachUserPolicy",
        "iam:AttachGroupPolicy",
        "iam:AttachRolePolicy",
        "iam:PutUserPolicy",
        "iam:PutGroupPolicy",
        "iam:PutRolePolicy",
        "iam:AddUserToGroup",
        "iam:DetachUserPolicy",
        "iam:DetachGroupPolicy",
        "iam:DetachRolePolicy",
        "iam:DeleteUserPolicy",
        "iam:DeleteGroupPolicy",
        "iam:DeleteRolePolicy",
        "iam:RemoveUserFromGroup",
    ],
    choices: &[],
    unit: Unit::Actions,
    source: "pathfinding.cloud, the ways on oneself, and what takes away policies that deny",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-policy-write",
        family: Family::PrivilegeEscalation,
        title: "No non-admin can rewrite permissions",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ACTIONS)],
    };
    type Facts<'s> = (Inferred<'s, Ways>, &'s AuthorizationDetails);

    fn run((Inferred(ways), details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        let actions = parameters.list(&ACTIONS);
        let belongs = |method: &Method| {
            method.needs.iter().any(|need| actions.iter().any(|action| action.eq_ignore_ascii_case(need)))
        };
        let class = Class { belongs: &belongs, does: "rewrite permissions", unproven: None };
        let partition = out.partition();
        let probe = |principal: &Principal| writes_own(access, details, principal, &actions, partition);
        for candidate in ways.candidates(access, out) {
            escalation::judge(access, ways, &candidate, &class, &probe, out);
        }
    }
}

/// A policy that a principal may write on itself or a group of its own for sure, and that nothing limits.
fn writes_own(
    access: &Access,
    details: &AuthorizationDetails,
    principal: &Principal,
    actions: &[&str],
    partition: &Partition,
) -> Option<Found> {
    if principal.boundary().is_some() || *access.organization() != Binding::Free {
        return None;
    }
    let own = if principal.is_user() {
        ["iam:PutUserPolicy", "iam:AttachUserPolicy"]
    } else {
        ["iam:PutRolePolicy", "iam:AttachRolePolicy"]
    };
    let mut groups: Vec<_> = principal
        .groups()
        .iter()
        .filter_map(|name| details.group(name))
        .flat_map(|group| ["iam:PutGroupPolicy", "iam:AttachGroupPolicy"].map(|action| (action, &group.arn)))
        .collect();
    groups.sort();
    let asked = own.into_iter().map(|action| (action, principal.arn())).chain(groups);
    let context = Context::partial()
        .with("iam:PolicyARN", format!("arn:{partition}:iam::aws:policy/AdministratorAccess"))
        .without("iam:PermissionsBoundary");
    let is_asked =
        |action: &str| actions.iter().any(|listed| listed.eq_ignore_ascii_case(action)) && principal.is_granted(action);
    asked.filter(|(action, _)| is_asked(action)).find_map(|(action, arn)| {
        let decision = access.can(principal, action, Target::One(arn.as_str()), &context);
        let denies = principal.identity().iter().any(|held| !held.source.document().is_some_and(has_no_deny));
        (decision.is_allowed() && !denies).then(|| Found {
            is_certain: true,
            message: format!("{action} on {}", arn.resource().to_owned()),
            statements: decision.statements.iter().map(escalation::statement).collect(),
        })
    })
}

/// Whether what is written on top takes effect in full.
fn has_no_deny(document: &probity_policy::Document) -> bool {
    document.statements.iter().all(|one| one.effect != probity_policy::Effect::Deny)
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::escalation::testing::{ADMIN, allow, boss, finding, of, statement, with_boundary};
    use crate::testing::{findings_with, outcomes};

    const ID: &str = "privesc-policy-write";

    fn anna(document: &str) -> Account {
        boss().user("anna", |user| user.inline("own", document))
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, anna(&allow("s3:*", "*")), "user/anna"), Pass);
        assert_eq!(of(ID, anna(&allow("iam:PutRolePolicy", "*")), "user/anna"), Pass);
    }

    #[test]
    fn fail() {
        let found = finding(ID, anna(&allow("iam:PutUserPolicy", "*")), "user/anna");
        assert_eq!(found.outcome, Fail);
        let evidence = format!("{:?}", found.evidence);
        assert!(
            evidence.contains("put-own-user-policy") && evidence.contains("statement 1 of user/anna/own"),
            "{evidence}"
        );
        assert!(found.message.contains("user/anna"), "{}", found.message);
        assert_eq!(of(ID, anna(&allow("iam:AttachUserPolicy", "*")), "user/anna"), Fail);
    }

    #[test]
    fn a_policy_or_a_group_of_ones_own_is_enough() {
        let attached = Account::new()
            .policy("own", &allow("iam:CreatePolicyVersion", "*"), |policy| policy)
            .user("anna", |user| user.attached("arn:aws:iam::123456789012:policy/own"));
        assert_eq!(of(ID, attached, "user/anna"), Fail);
        let joins = anna(&allow("iam:AddUserToGroup", "*")).group("admins", |group| group.inline("all", ADMIN));
        assert_eq!(of(ID, joins, "user/anna"), Fail);
        let role = Account::new().role("app", |role| role.inline("own", &allow("iam:AttachRolePolicy", "*")));
        assert_eq!(of(ID, role, "role/app"), Fail);
    }

    #[test]
    fn it_is_judged_even_where_the_surest_way_begins_with_something_else() {
        let list = r#"["iam:CreateAccessKey","iam:DeleteAccessKey","iam:PutUserPolicy"]"#;
        assert_eq!(of(ID, anna(&statement("Allow", list, "*", "")), "user/anna"), Fail);
        let only_keys = anna(&allow("iam:CreateAccessKey", "*"));
        assert_eq!(of(ID, only_keys, "user/anna"), Pass);
    }

    #[test]
    fn the_list_of_actions_can_be_shorter() {
        let found = findings_with(ID, &[("actions", "iam:AddUserToGroup")], anna(&allow("iam:PutUserPolicy", "*")));
        let anna = found.into_iter().find(|one| one.resource.resource() == "user/anna").expect("a finding");
        assert_eq!(anna.outcome, Pass);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let condition = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        let conditional = statement("Allow", r#""iam:PutUserPolicy""#, "*", condition);
        assert_eq!(of(ID, anna(&conditional), "user/anna"), NotEvaluated);
        let unread = boss().user("anna", |user| user.attached("Unread"));
        assert_eq!(of(ID, unread, "user/anna"), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        let linked =
            boss().role("AWSServiceRoleForSupport", |role| role.path("/aws-service-role/support.amazonaws.com/"));
        assert_eq!(outcomes(ID, linked), [NotApplicable, NotApplicable]);
    }

    #[test]
    fn trap_effective_permissions_count() {
        let allowed = allow("iam:PutUserPolicy", "*");
        let denied = anna(&allowed)
            .user("bob", |user| user.inline("own", &allowed).group("safe"))
            .group("safe", |group| group.inline("deny", &statement("Deny", r#""iam:PutUserPolicy""#, "*", "")));
        assert_eq!(of(ID, denied, "user/bob"), Pass);
        assert_eq!(of(ID, with_boundary(boss(), &allow("s3:*", "*"), &allowed), "user/anna"), Pass);
        let elsewhere = allow("iam:PutUserPolicy", "arn:aws:iam::123456789012:user/bob");
        assert_eq!(of(ID, anna(&elsewhere), "user/anna"), Pass);
    }

    #[test]
    fn trap_administrators_are_reported_elsewhere() {
        assert_eq!(of(ID, boss(), "user/boss"), NotApplicable);
    }

    #[test]
    fn trap_a_deny_on_a_group_does_not_protect_its_users() {
        let document = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"*"},
            {"Effect":"Deny","Action":"iam:PutUserPolicy","Resource":"arn:aws:iam::123456789012:group/staff"}]}"#;
        let account =
            boss().group("staff", |group| group).user("anna", |user| user.group("staff").inline("own", document));
        assert_eq!(of(ID, account, "user/anna"), Fail);
    }
}
