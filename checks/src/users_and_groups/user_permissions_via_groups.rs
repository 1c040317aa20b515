//! Users get their permissions from groups.
//!
//! # Why
//! Permissions that hang on single users are forgotten when people change teams, and nobody can tell from a group what its
//! members may do. With groups there is one place to look, and one to change.
//!
//! # Pass
//! The user has no inline policy and no managed policy attached to itself.
//!
//! # Fail
//! The user has an inline policy, or a managed policy is attached to the user itself.
//!
//! # Not applicable
//! The account has no IAM users; or the user is listed in `exempt_users`.
//!
//! # Notes
//! A permissions boundary grants nothing and is not counted.
//!
//! The console attaches `IAMUserChangePassword` to a user who must set a new password at the first sign-in. It counts, as
//! any policy of the user's own does, and the message says so where it is the only one: no longer needed once the password
//! policy lets users change their own passwords.
//!
//! AWS attaches a policy to the users that it makes for API keys of Amazon Bedrock and Amazon CloudWatch Logs. They count
//! too, since a name proves nothing: list those that you know in `exempt_users`.
//!
//! # Fix
//! Make a group for the job, attach the policy to it, add the user, and take the policy off the user.
//!
//! # Command
//! ```sh
//! aws iam detach-user-policy --user-name USER_NAME --policy-arn POLICY_ARN
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::User;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

const EXEMPT_USERS: ListParameter = ListParameter {
    name: "exempt_users",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's choice: users that AWS or a service set up with a policy of their own",
};

/// The policy that the console attaches to a user who must set a new password.
const CHANGE_PASSWORD: &str = "IAMUserChangePassword";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-permissions-via-groups",
        family: Family::UsersAndGroups,
        title: "Users get permissions only through groups",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(EXEMPT_USERS)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let exempt = parameters.list(&EXEMPT_USERS);
        for user in &details.users {
            judge(user, exempt.contains(&user.name.as_str()), out);
        }
    }
}

fn judge(user: &User, exempt: bool, out: &mut Findings<'_>) {
    let attached = sorted(user.attached_policies.iter().map(|policy| policy.arn.as_str()));
    let inline = sorted(user.inline_policies.iter().map(|policy| policy.name.as_str()));
    let subject = out
        .resource(user.arn.clone())
        .evidence("attached_policies", &attached)
        .evidence("inline_policies", &inline)
        .evidence("groups", sorted(user.groups.iter().map(String::as_str)));
    match (user.attached_policies.as_slice(), user.inline_policies.as_slice()) {
        _ if exempt => subject.not_applicable(format!("the user is listed in {}", EXEMPT_USERS.name)),
        ([], []) => subject.pass("the user has no policies of its own"),
        ([only], []) if only.arn.account() == "aws" && only.name == CHANGE_PASSWORD => subject.fail(format!(
            "{CHANGE_PASSWORD} is attached to the user itself, as the console does for a user who must set a new password"
        )),
        (_, []) => subject.fail(format!("attached to the user itself: {attached}")),
        ([], _) => subject.fail(format!("inline policies of the user: {inline}")),
        (_, _) => {
            subject.fail(format!("attached to the user itself: {attached}; inline policies of the user: {inline}"));
        }
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, UserBuilder};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-permissions-via-groups";

    fn user(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", change)
    }

    #[test]
    fn pass() {
        let through_group = user(|user| user.group("developers"));
        assert_eq!(outcomes(ID, through_group.group("developers", |group| group.attached("PowerUserAccess"))), [Pass]);
        assert_eq!(outcomes(ID, user(|user| user)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, user(|user| user.attached("ReadOnlyAccess"))), [Fail]);
        assert_eq!(outcomes(ID, user(|user| user.inline("reports", "{}"))), [Fail]);
        let both = user(|user| user.group("developers").attached("ReadOnlyAccess").inline("b", "{}").inline("a", "{}"));
        let [finding] = findings(ID, both).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(
            finding.message,
            "attached to the user itself: arn:aws:iam::aws:policy/ReadOnlyAccess; inline policies of the user: a, b"
        );
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn only_the_users_named_are_exempt() {
        let account = || user(|user| user.inline("own", "{}")).user("annabel", |user| user.inline("own", "{}"));
        assert_eq!(outcomes_with(ID, &[("exempt_users", "anna")], account()), [NotApplicable, Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, user(|user| user).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
    }

    #[test]
    fn trap_a_boundary_is_no_attached_policy() {
        let bounded = user(|user| user.boundary("arn:aws:iam::123456789012:policy/boundary"));
        assert_eq!(outcomes(ID, bounded), [Pass]);
    }

    #[test]
    fn trap_the_console_attaches_a_policy_to_who_must_set_a_new_password() {
        let message = |account| {
            let [finding] = findings(ID, account).try_into().expect("one finding");
            assert_eq!(finding.outcome, Fail);
            finding.message
        };
        let by_console = "as the console does for a user who must set a new password";
        assert!(message(user(|user| user.attached("IAMUserChangePassword"))).ends_with(by_console));
        let not_alone = user(|user| user.attached("IAMUserChangePassword").attached("ReadOnlyAccess"));
        assert!(!message(not_alone).ends_with(by_console));
        let own = user(|user| user.attached("arn:aws:iam::123456789012:policy/IAMUserChangePassword"));
        assert!(!message(own).ends_with(by_console));
    }

    #[test]
    fn trap_users_that_aws_makes_for_api_keys_can_be_exempt() {
        let bedrock = || Account::new().user("BedrockAPIKey-wxyz", |user| user.attached("AmazonBedrockLimitedAccess"));
        assert_eq!(outcomes(ID, bedrock()), [Fail]);
        assert_eq!(outcomes_with(ID, &[("exempt_users", "BedrockAPIKey-wxyz")], bedrock()), [NotApplicable]);
    }
}
