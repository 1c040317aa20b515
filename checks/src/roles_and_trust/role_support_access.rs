//! A role for cases with AWS Support exists.
//!
//! # Why
//! In an incident somebody has to open a case and follow it. Without a role made for that, it is done with whatever
//! administrator is at hand, or not at all.
//!
//! # Pass
//! At least one role has the AWS managed policy `AWSSupportAccess`, or a policy that allows the same: every action of
//! `support` on every resource.
//!
//! # Fail
//! No role has either.
//!
//! # Notes
//! A role that may do everything is no support role and does not count; nor do users and groups. Roles of IAM Identity
//! Center count.
//!
//! Where support is handled from another account of the organization, note an exception.
//!
//! # Fix
//! Make a role with `AWSSupportAccess` that the people who handle incidents may assume.
//!
//! # Command
//! ```sh
//! aws iam attach-role-policy --role-name ROLE_NAME --policy-arn arn:aws:iam::aws:policy/AWSSupportAccess
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{AttachedPolicy, DocumentText, Role};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Actions, Effect, Resources, Statement};

/// Actions that a case takes: whoever opens and follows one does these.
const CASE: [&str; 5] = [
    "support:CreateCase",
    "support:DescribeCases",
    "support:DescribeCommunications",
    "support:AddCommunicationToCase",
    "support:ResolveCase",
];

/// How many roles the evidence names.
const NAMED: usize = 10;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-support-access",
        family: Family::RolesAndTrust,
        title: "A role for AWS Support cases exists",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        let granted: Vec<_> = details.roles.iter().map(|role| (role, grant(role, details))).collect();
        let mut roles: Vec<_> =
            granted.iter().filter(|(_, grant)| *grant == Grant::Yes).map(|(role, _)| role.name.as_str()).collect();
        roles.sort_unstable();
        let unreadable = granted.iter().filter(|(_, grant)| *grant == Grant::Unknown).map(|(role, _)| &role.name).min();
        let named: Vec<_> = roles.iter().copied().take(NAMED).collect();
        let subject = out
            .whole_account()
            .evidence("roles", details.roles.len())
            .evidence("roles_with_support_access", roles.len())
            .evidence("names", named.join(", "));
        match (roles.first(), unreadable) {
            (Some(first), _) => subject.pass(format!("the role {first} may handle cases with AWS Support")),
            (None, Some(role)) => subject.unclear(format!(
                "no role is known to handle cases with AWS Support, and a policy of the role {role} could not be read"
            )),
            (None, None) => subject.fail("no role is made for cases with AWS Support"),
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    No,
    Unknown,
    Yes,
}

/// Whether a policy of the role is made for support.
fn grant(role: &Role, details: &AuthorizationDetails) -> Grant {
    let inline = role.inline_policies.iter().map(|policy| of_text(&policy.document));
    let attached = role.attached_policies.iter().map(|policy| of_attached(policy, details));
    inline.chain(attached).max().unwrap_or(Grant::No)
}

fn of_attached(policy: &AttachedPolicy, details: &AuthorizationDetails) -> Grant {
    if policy.arn.account() == "aws" && policy.arn.resource() == "policy/AWSSupportAccess" {
        return Grant::Yes;
    }
    let version = details.policy(&policy.arn).and_then(|policy| policy.default_version());
    version.map_or(Grant::Unknown, |version| of_text(&version.document))
}

fn of_text(text: &DocumentText) -> Grant {
    match probity_access::read(text) {
        Err(_) => Grant::Unknown,
        Ok(document) => {
            let denies = |statement: &Statement| {
                statement.effect == Effect::Deny && CASE.iter().any(|action| statement.actions.cover(action))
            };
            let allows = document.statements.iter().any(allows_cases) && !document.statements.iter().any(denies);
            if allows { Grant::Yes } else { Grant::No }
        }
    }
}

/// Whether a statement speaks of support by name and allows all that a case takes.
fn allows_cases(statement: &Statement) -> bool {
    let by_name = |patterns: &[probity_policy::Pattern]| {
        patterns.iter().any(|pattern| {
            pattern.text().split_once(':').is_some_and(|(service, _)| service.eq_ignore_ascii_case("support"))
        })
    };
    statement.effect == Effect::Allow
        && statement.conditions.iter().all(|condition| condition.values.is_empty())
        && statement.resources.as_ref().is_some_and(Resources::is_everything)
        && matches!(&statement.actions, Actions::Only(patterns) if by_name(patterns))
        && CASE.iter().all(|action| statement.actions.cover(action))
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::builder::{Account, RoleBuilder};
    use probity_model::{Outcome, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "role-support-access";

    fn role(change: impl FnOnce(RoleBuilder) -> RoleBuilder) -> Account {
        Account::new().role("support", change)
    }

    fn granting(action: &str, rest: &str) -> Outcome {
        let document =
            format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{action},{rest}}}}}"#);
        let [outcome] = outcomes(ID, role(|role| role.inline("own", &document))).try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        let [found] = findings(ID, role(|role| role.attached("AWSSupportAccess"))).try_into().expect("one finding");
        assert_eq!(found.outcome, Pass);
        assert_eq!(found.message, "the role support may handle cases with AWS Support");
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new()), [Fail]);
        assert_eq!(outcomes(ID, role(|role| role)), [Fail]);
    }

    #[test]
    fn a_policy_of_ones_own_counts_where_it_allows_the_same() {
        assert_eq!(granting(r#""support:*""#, r#""Resource":"*""#), Pass);
        assert_eq!(granting(r#"["Support:*","s3:Get*"]"#, r#""Resource":"*""#), Pass);
        assert_eq!(granting(r#""support:Describe*""#, r#""Resource":"*""#), Fail);
        assert_eq!(granting(r#""support:*""#, r#""Resource":"arn:aws:s3:::b""#), Fail);
        let mfa = r#""Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#;
        assert_eq!(granting(r#""support:*""#, mfa), Fail);
        assert_eq!(granting(r#""*""#, r#""Resource":"*""#), Fail, "an administrator is no support role");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, role(|role| role.inline("own", "not a policy"))), [NotEvaluated]);
        assert_eq!(
            outcomes(ID, role(|role| role.attached("arn:aws:iam::123456789012:policy/unlisted"))),
            [NotEvaluated]
        );
    }

    #[test]
    fn trap_users_and_groups_do_not_count() {
        let user = Account::new().user("anna", |user| user.attached("AWSSupportAccess"));
        assert_eq!(outcomes(ID, user), [Fail]);
        assert_eq!(outcomes(ID, Account::new().group("it", |group| group.attached("AWSSupportAccess"))), [Fail]);
    }

    #[test]
    fn trap_roles_of_identity_center_count() {
        let reserved = |role: RoleBuilder| role.path("/aws-reserved/sso.amazonaws.com/").attached("AWSSupportAccess");
        assert_eq!(outcomes(ID, role(reserved)), [Pass]);
    }

    #[test]
    fn trap_the_policy_has_another_arn_in_every_partition() {
        let gov = Account::gov_cloud().role("support", |role| role.attached("AWSSupportAccess"));
        assert_eq!(outcomes(ID, gov), [Pass]);
        let china =
            Account::in_partition("aws-cn", "cn-north-1").role("support", |role| role.attached("AWSSupportAccess"));
        assert_eq!(outcomes(ID, china), [Pass]);
        let own = "arn:aws:iam::123456789012:policy/AWSSupportAccess";
        let nothing = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let like = role(|role| role.attached(own)).policy("AWSSupportAccess", nothing, |policy| policy);
        assert_eq!(outcomes(ID, like), [Fail], "a policy of the same name is not AWS's");
    }
}
