//! `AWSCloudShellFullAccess` is attached to nobody.
//!
//! # Why
//! CloudShell lets its user carry files between the shell and a laptop. With the full policy that is a way to take data
//! out of the account which no network control sees.
//!
//! # Pass
//! No user, group or role has the policy.
//!
//! # Fail
//! The policy is attached. Each attachment fails for itself.
//!
//! # Notes
//! The benchmark's text looks at roles; users and groups are judged here too. Other policies may allow the same, such as
//! `AdministratorAccess` and `PowerUserAccess`; they are not counted here.
//!
//! # Fix
//! Detach the policy. Where CloudShell is needed, give a policy without `cloudshell:GetFileDownloadUrls` and
//! `cloudshell:GetFileUploadUrls`.
//!
//! # Command
//! ```sh
//! aws iam detach-role-policy --role-name ROLE --policy-arn POLICY_ARN
//! ```

use alloc::format;

use probity_model::facts::AuthorizationDetails;
use probity_model::{Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::statements;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-cloudshell-full-access",
        family: Family::Policies,
        title: "AWSCloudShellFullAccess is not attached",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::PolicyAttachment,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        let arn = Arn::new(format!("arn:{}:iam::aws:policy/AWSCloudShellFullAccess", out.partition()));
        let policies = statements::policies(details);
        let policy = policies.iter().find(|policy| *policy.arn == arn);
        for holder in policy.iter().flat_map(|policy| policy.holders) {
            out.resource((*holder).clone()).evidence("PolicyArn", &arn).fail("AWSCloudShellFullAccess is attached");
        }
        if !out.is_empty() {
            return;
        }
        let count = policy.and_then(|policy| policy.attachment_count());
        let subject = out.resource(arn).evidence("AttachmentCount", count.unwrap_or(0));
        match count {
            Some(count @ 1..) => subject.unclear(format!(
                "the policy is attached to {count} of the users, groups and roles, and none of those that are known has it"
            )),
            _ => subject.pass("AWSCloudShellFullAccess is attached to nobody"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-cloudshell-full-access";
    const NAME: &str = "AWSCloudShellFullAccess";
    const DOCUMENT: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cloudshell:*","Resource":"*"}]}"#;

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, Account::new()), [Pass]);
        let arn = "arn:aws:iam::123456789012:policy/AWSCloudShellFullAccess";
        let own = Account::new().policy(NAME, DOCUMENT, |policy| policy).user("anna", |user| user.attached(arn));
        assert_eq!(outcomes(ID, own), [Pass], "a policy of the account's own is another one");
    }

    #[test]
    fn fail() {
        let account = Account::gov_cloud().aws_policy(NAME, DOCUMENT).role("app", |role| role.attached(NAME));
        assert_eq!(outcomes(ID, account), [Fail]);
        let unlisted = Account::new().role("app", |role| role.attached(NAME));
        assert_eq!(outcomes(ID, unlisted), [Fail], "the attachment is enough");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let counted = Account::new().aws_policy(NAME, DOCUMENT);
        assert_eq!(outcomes(ID, counted), [NotEvaluated], "attached once, and nobody knows to whom");
    }

    #[test]
    fn trap_users_and_groups_count_as_well_as_roles() {
        let account = Account::new()
            .aws_policy(NAME, DOCUMENT)
            .user("anna", |user| user.attached(NAME))
            .group("devs", |group| group.attached(NAME))
            .role("app", |role| role.attached(NAME));
        let found = findings(ID, account);
        let verdicts: Vec<_> = found.iter().map(|one| (one.resource.resource(), one.outcome)).collect();
        assert_eq!(verdicts, [("group/devs", Fail), ("role/app", Fail), ("user/anna", Fail)]);
    }

    #[test]
    fn trap_other_policies_that_allow_it_are_not_counted() {
        let account = Account::new()
            .aws_policy("PowerUserAccess", DOCUMENT)
            .user("anna", |user| user.attached("PowerUserAccess"));
        assert_eq!(outcomes(ID, account), [Pass]);
    }
}
