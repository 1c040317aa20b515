//! Member accounts cannot leave the organization.
//!
//! # Why
//! An account that leaves is free of every service control policy, of central root access and of the organization's trail.
//! Whoever has taken over an administrator of one account needs a single call for that.
//!
//! # Pass
//! The service control policies in force for the account deny `organizations:LeaveOrganization` to its roles, its IAM users
//! and its root user, apart from those that a statement exempts.
//!
//! # Fail
//! They do not, or only under a condition that its administrators can get around, or service control policies are not
//! enabled.
//!
//! # Not applicable
//! The account is in no organization. The management account, which cannot leave. Accounts that are suspended, closed or
//! about to be.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. It does not matter at which level the action is denied, nor whether by name or by a wildcard. The evidence
//! names who is exempt; whether an exemption can be forged is for `org-scp-exemption-bypassable`.
//!
//! Closing an account (`account:CloseAccount`) deserves the same Deny: the evidence says whether it has it.
//!
//! # Fix
//! Deny `organizations:LeaveOrganization` and `account:CloseAccount` in a service control policy at the root.
//!
//! # Command
//! ```sh
//! aws organizations attach-policy --policy-id POLICY_ID --target-id ROOT_ID
//! ```

use alloc::format;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};

use crate::denial::{self, Denial};
use crate::members::{Member, Members, Read};

const LEAVE: &str = "organizations:LeaveOrganization";
const CLOSE: &str = "account:CloseAccount";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-deny-leave",
        family: Family::Organizations,
        title: "Members cannot leave the organization",
        severity: Severity::Medium,
        scope: Scope::Organization,
        resource: ResourceKind::OrganizationAccount,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = Read<'s>;

    fn run(read: Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        if let Some(members) = Members::of(read, OrganizationPolicyKind::ServiceControl, out) {
            members.judge(out, judge);
        }
    }
}

fn judge(member: &Member<'_>, subject: Subject<'_, '_>) {
    let closing = match denial::to_everybody(member, CLOSE) {
        Denial::Denied(_) => "denied",
        Denial::Partly(_) => "denied in part",
        Denial::Open => "not denied",
        Denial::Unknown(_) => "unknown",
    };
    let subject = subject.evidence(CLOSE, closing);
    match denial::to_everybody(member, LEAVE) {
        Denial::Denied(denied) => {
            let by = denied.by();
            denied.tell(subject).pass(format!("{LEAVE} is denied by {by}"));
        }
        Denial::Partly(open) => subject.fail(format!("{LEAVE} is denied in part only: {open}")),
        Denial::Open => subject.fail(format!("no service control policy in force denies {LEAVE}")),
        Denial::Unknown(reason) => subject.unclear(reason),
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{ACCOUNT, Account};

    use crate::organization_testing::{Policies, allow, deny, member_that_may_not_read, statements};
    use crate::testing::{findings, outcomes};

    const ID: &str = "org-scp-deny-leave";

    fn judged(statement: &str) -> Vec<Outcome> {
        outcomes(ID, Policies::new().scp("guard", statement, &["r-root"]).account())
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&deny("organizations:LeaveOrganization", "")), [NotApplicable, Pass]);
        let [_, member] = findings(
            ID,
            Policies::new().scp("guard", &deny("organizations:LeaveOrganization", ""), &["r-root"]).account(),
        )
        .try_into()
        .expect("two findings");
        assert!(member.message.ends_with("statement 1 of guard (p-guard)"), "{}", member.message);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Policies::new().account()), [NotApplicable, Fail]);
        assert_eq!(outcomes(ID, Policies::new().without_type().account()), [NotApplicable, Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        let guarded = || Policies::new().scp("guard", &deny("organizations:*", ""), &["r-root"]).account();
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, guarded().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(outcomes(ID, Policies::new().scp("odd", "{", &["r-root"]).account()), [NotApplicable, NotEvaluated]);
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_a_deny_counts_at_any_level_and_an_allow_at_every_one() {
        for level in ["r-root", "ou-work", "222222222222"] {
            let guarded = Policies::new().scp("guard", &deny("organizations:LeaveOrganization", ""), &[level]);
            assert_eq!(outcomes(ID, guarded.account()), [NotApplicable, Pass], "{level}");
            let listed = Policies::new().scp_instead("list", &allow("s3:*"), level);
            assert_eq!(outcomes(ID, listed.account()), [NotApplicable, Pass], "{level}: all that is allowed is S3");
        }
        let elsewhere = Policies::new().scp("guard", &deny("organizations:LeaveOrganization", ""), &["ou-other"]);
        assert_eq!(outcomes(ID, elsewhere.account()), [NotApplicable, Fail]);
    }

    #[test]
    fn trap_the_management_account_is_never_restricted() {
        let guarded = Policies::new().scp("guard", &deny("*", ""), &["r-root", ACCOUNT]);
        assert_eq!(outcomes(ID, guarded.account()), [NotApplicable, Pass]);
    }

    #[test]
    fn trap_the_whole_language_is_understood() {
        for statement in [
            r#"{"Effect":"Deny","NotAction":["s3:*","ec2:*"],"Resource":"*"}"#,
            r#"{"Effect":"Deny","Action":"organizations:*Organization","NotResource":"arn:aws:s3:::*"}"#,
            r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Leaver"}}}"#,
        ] {
            assert_eq!(judged(&statements(statement)), [NotApplicable, Pass], "{statement}");
        }
        let allowed_here = r#"{"Effect":"Allow","NotAction":"organizations:LeaveOrganization","Resource":"*"}"#;
        let narrowed = Policies::new().scp_instead("list", &statements(allowed_here), "r-root");
        assert_eq!(outcomes(ID, narrowed.account()), [NotApplicable, Pass]);
    }

    #[test]
    fn trap_wildcards_satisfy_the_rule() {
        for action in ["organizations:*", "organizations:Leave*", "Organizations:leaveorganization", "*"] {
            assert_eq!(judged(&deny(action, "")), [NotApplicable, Pass], "{action}");
        }
        for action in ["organizations:Describe*", "organization:*", "account:*"] {
            assert_eq!(judged(&deny(action, "")), [NotApplicable, Fail], "{action}");
        }
    }

    #[test]
    fn trap_closing_the_account_is_told_beside_it() {
        let evidence = |action: &str| {
            let [_, member] = findings(ID, Policies::new().scp("guard", &deny(action, ""), &["r-root"]).account())
                .try_into()
                .expect("two findings");
            member.evidence.iter().find(|item| item.key == "account:CloseAccount").map(|item| item.value.clone())
        };
        assert_eq!(evidence("organizations:*").as_deref(), Some("not denied"));
        assert_eq!(evidence("*").as_deref(), Some("denied"));
    }

    #[test]
    fn what_an_administrator_gets_around_does_not_count() {
        for condition in [
            r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#,
            r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}"#,
            r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#,
            r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#,
            r#""NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#,
        ] {
            assert_eq!(judged(&deny("organizations:*", condition)), [NotApplicable, Fail], "{condition}");
        }
        for condition in [
            r#""ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/a","arn:aws:iam::*:role/b"]}"#,
            r#""StringNotEquals":{"aws:PrincipalTag/team":"red"}"#,
            r#""StringNotEqualsIfExists":{"aws:PrincipalAccount":"333333333333"}"#,
            r#""StringEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#,
        ] {
            assert_eq!(judged(&deny("organizations:*", condition)), [NotApplicable, Pass], "{condition}");
        }
    }

    #[test]
    fn who_is_exempt_is_evidence() {
        let condition = r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Leaver"}"#;
        let account = Policies::new().scp("guard", &deny("organizations:*", condition), &["r-root"]).account();
        let [_, member] = findings(ID, account).try_into().expect("two findings");
        let exempt = member.evidence.iter().find(|item| item.key == "exempt").map(|item| item.value.clone());
        assert_eq!(exempt, Some("aws:PrincipalArn arn:aws:iam::*:role/Leaver".into()));
    }
}
