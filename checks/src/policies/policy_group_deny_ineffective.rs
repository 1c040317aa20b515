//! No Deny relies on the ARN of a group to protect its members.
//!
//! # Why
//! A group is no container of users where permissions are decided: an action on a user is asked of the user's own ARN. A Deny
//! of such actions on the ARN of a group denies nothing, and whoever wrote it believes that the members are safe.
//!
//! # Pass
//! No Deny statement of the policy covers an action on users while all its resources are groups.
//!
//! # Fail
//! One does.
//!
//! # Notes
//! Judged are the policies of the account's own, attached or not, and those inside users, groups and roles. A Deny with a
//! user or a wildcard for users among its resources reaches users and passes. A Deny of actions on groups alone, such as
//! `iam:DeleteGroup`, is right on the ARN of a group.
//!
//! # Fix
//! Deny the action on the users: by a path that they share (`user/admins/*`), or by a tag (`aws:ResourceTag/…`).
//!
//! # Command
//! ```sh
//! aws iam get-policy-version --policy-arn ARN --version-id VERSION
//! ```

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Effect, Resources, Statement};

use crate::statements::{self, Flaw, conclude, numbered};

/// Actions on users that a Deny is usually written for (Service Authorization Reference, AWS IAM: each has a user as its
/// resource, and no group).
const ON_USERS: [&str; 14] = [
    "iam:AddUserToGroup",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:DeactivateMFADevice",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:DeleteUser",
    "iam:DeleteUserPolicy",
    "iam:DetachUserPolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
    "iam:UpdateUser",
];
/// The one of them whose resource is the group after all.
const ON_GROUPS: &str = "iam:AddUserToGroup";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-group-deny-ineffective",
        family: Family::Policies,
        title: "No Deny relies on a group's ARN to protect its members",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Policy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        for policy in statements::policies(details).iter().filter(|policy| policy.is_own()) {
            let document = match &policy.document {
                Ok(document) => document,
                Err(error) => {
                    policy.subject(out).unclear(error.to_string());
                    continue;
                }
            };
            let flaws: Vec<(usize, &Statement, Flaw)> =
                numbered(document).filter_map(|(number, one)| Some((number, one, flaw(one)?))).collect();
            let subject = policy.subject(out).evidence("statements", document.statements.len());
            conclude(subject, &flaws, "no Deny relies on the ARN of a group");
        }
    }
}

fn flaw(statement: &Statement) -> Option<Flaw> {
    let Some(Resources::Only(resources)) = &statement.resources else { return None };
    let is_group = |arn: &str| arn.splitn(6, ':').nth(5).is_some_and(|resource| resource.starts_with("group/"));
    let groups_only = !resources.is_empty() && resources.iter().all(|pattern| is_group(pattern.text()));
    if statement.effect != Effect::Deny || !groups_only {
        return None;
    }
    let useless = ON_USERS.into_iter().filter(|action| *action != ON_GROUPS);
    let action = useless.into_iter().find(|action| statement.actions.cover(action))?;
    let message =
        format!("denies {action} on groups only, and the action is asked of the user's ARN: it denies nothing");
    Some(Flaw { severity: Severity::Medium, message })
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-group-deny-ineffective";
    const GROUP: &str = r#""arn:aws:iam::123456789012:group/admins""#;

    fn saying(effect: &str, action: &str, resource: &str) -> Account {
        let statement = format!(r#"{{"Effect":"{effect}","Action":{action},"Resource":{resource}}}"#);
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        Account::new().policy("guard", &document, |policy| policy)
    }

    #[test]
    fn pass() {
        let users = r#"["arn:aws:iam::123456789012:group/admins","arn:aws:iam::123456789012:user/admins/*"]"#;
        assert_eq!(outcomes(ID, saying("Deny", r#""iam:DeleteUser""#, users)), [Pass]);
        assert_eq!(outcomes(ID, saying("Deny", r#""iam:DeleteUser""#, r#""*""#)), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, saying("Deny", r#""iam:*LoginProfile""#, GROUP)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.contains("denies iam:CreateLoginProfile on groups only"), "{}", finding.message);
        let inline = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:group/*"}}"#;
        assert_eq!(outcomes(ID, Account::new().group("admins", |group| group.inline("guard", inline))), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("guard", "{", |policy| policy)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn trap_a_deny_of_actions_on_groups_is_right() {
        for action in [r#""iam:DeleteGroup""#, r#"["iam:AddUserToGroup","iam:RemoveUserFromGroup"]"#] {
            assert_eq!(outcomes(ID, saying("Deny", action, GROUP)), [Pass], "{action}");
        }
    }

    #[test]
    fn trap_an_allow_is_another_matter() {
        assert_eq!(outcomes(ID, saying("Allow", r#""iam:DeleteUser""#, GROUP)), [Pass]);
    }
}
