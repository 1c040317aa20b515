//! The root users of member accounts are kept from working by a service control policy.
//!
//! # Why
//! Nothing inside an account limits its root user. A service control policy does, and so what somebody who has got hold of
//! the password of a forgotten root user can do is next to nothing.
//!
//! # Pass
//! The service control policies in force for the account deny its root user a sample of ordinary actions: of compute, data,
//! keys, IAM and logs. What they leave to it, such as the few tasks that need a root user, does not matter.
//!
//! # Fail
//! They leave one of these actions to the root user, and the organization does not manage root credentials centrally; or
//! service control policies are not enabled.
//!
//! # Not applicable
//! The account is in no organization. The management account. Accounts that are suspended, closed or about to be.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated.
//!
//! Where the organization manages root credentials centrally, an account without root credentials needs no such policy; but
//! turning that on removes none. Whether they are gone is read in the account itself (`root-member-credentials-removed`), so
//! that a person must look. A Deny that spares sessions which were opened centrally (`aws:AssumedRoot`) counts as one.
//!
//! Some tasks cannot be kept from a root user by any policy, such as changing the payment method.
//!
//! # Fix
//! Deny every action where `aws:PrincipalArn` is like `arn:aws:iam::*:root` and `aws:AssumedRoot` is absent, and attach it to
//! the root. Or let the organization manage root credentials and remove those of the members.
//!
//! # Command
//! ```sh
//! aws organizations attach-policy --policy-id POLICY_ID --target-id ROOT_ID
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::facts::{OrganizationMembership, OrganizationPolicies, OrganizationStructure, RootAccessFeatures};
use probity_model::{
    Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject,
};

use crate::denial::{self, Control, Denial, Denied, Question};
use crate::members::{Member, Members};

/// Actions that no root user has to do.
const ORDINARY: [&str; 12] = [
    "cloudtrail:StopLogging",
    "dynamodb:DeleteTable",
    "ec2:RunInstances",
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateUser",
    "kms:ScheduleKeyDeletion",
    "lambda:InvokeFunction",
    "organizations:LeaveOrganization",
    "rds:DeleteDBInstance",
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-restrict-root",
        family: Family::Organizations,
        title: "Member root users are denied by SCP",
        severity: Severity::Medium,
        scope: Scope::Organization,
        resource: ResourceKind::OrganizationAccount,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (
        (&'s OrganizationMembership, &'s OrganizationStructure, &'s OrganizationPolicies),
        Result<&'s RootAccessFeatures, &'s Gap>,
    );

    fn run((read, features): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let Some(members) = Members::of(read, OrganizationPolicyKind::ServiceControl, out) else { return };
        members.judge(out, |member, subject| judge(member, features, subject));
    }
}

fn judge(member: &Member<'_>, features: Result<&RootAccessFeatures, &Gap>, subject: Subject<'_, '_>) {
    let mut denied = Denied::default();
    let (mut open, mut unknown) = (Vec::new(), None);
    for action in ORDINARY {
        let Some((caller, context)) = denial::root(member) else { continue };
        match denial::of(member, &Question { control: Control::Service, caller, action, context }) {
            Denial::Denied(more) => denied = denied.and(more),
            Denial::Partly(reason) => open.push(format!("{action} ({reason})")),
            Denial::Open => open.push(action.into()),
            Denial::Unknown(reason) => unknown = Some(reason),
        }
    }
    let central = features.map(|features| features.has(RootAccessFeatures::ROOT_CREDENTIALS));
    let subject = match central {
        Ok(central) => subject.evidence(RootAccessFeatures::ROOT_CREDENTIALS, central),
        Err(_) => subject,
    };
    let left = open.join(", ");
    match (open.is_empty(), unknown, central) {
        (true, None, _) => {
            let by = denied.by();
            denied.tell(subject).pass(format!("the root user is denied ordinary actions by {by}"));
        }
        (true, Some(reason), _) => subject.unclear(reason),
        (false, _, Ok(false)) => subject.fail(format!("the root user is not denied: {left}")),
        (false, _, Ok(true)) => subject.manual(
            "no service control policy restrains the root user, and the organization manages root credentials centrally: \
             see in the account whether its root user has any left",
        ),
        (false, _, Err(gap)) => subject.not_evaluated(gap),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, Manual, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::RootAccessFeatures;
    use probity_model::{Seen, Topic};

    use crate::organization_testing::{MEMBER, Policies, deny, member_that_may_not_read, statements};
    use crate::testing::outcomes;

    const ID: &str = "org-scp-restrict-root";
    const ROOT: &str = r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}"#;

    fn guarded(document: &str) -> Account {
        Policies::new().scp("no-root", document, &["r-root"]).account()
    }

    fn judged(document: &str) -> Vec<Outcome> {
        outcomes(ID, guarded(document))
    }

    fn central(account: Account) -> Account {
        account.facts(|facts| {
            let names = [RootAccessFeatures::ROOT_CREDENTIALS.to_owned()].into();
            facts.root_access_features = Seen::Known(RootAccessFeatures::Enabled(names));
        })
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&deny("*", ROOT)), [NotApplicable, Pass]);
        assert_eq!(outcomes(ID, central(guarded(&deny("*", ROOT)))), [NotApplicable, Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Policies::new().account()), [NotApplicable, Fail]);
        assert_eq!(outcomes(ID, Policies::new().without_type().account()), [NotApplicable, Fail]);
        assert_eq!(judged(&deny("ec2:*", ROOT)), [NotApplicable, Fail]);
        assert_eq!(judged(&deny("*", &ROOT.replace(":root", ":user/*"))), [NotApplicable, Fail]);
    }

    #[test]
    fn manual() {
        assert_eq!(outcomes(ID, central(Policies::new().account())), [NotApplicable, Manual]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, guarded(&deny("*", ROOT)).deny(topic)), [NotEvaluated], "{topic}");
        }
        let unread = Policies::new().account().deny(Topic::RootAccessFeatures);
        assert_eq!(outcomes(ID, unread), [NotApplicable, NotEvaluated]);
        let denied = guarded(&deny("*", ROOT)).deny(Topic::RootAccessFeatures);
        assert_eq!(outcomes(ID, denied), [NotApplicable, Pass], "what is denied is denied, however root is managed");
        assert_eq!(judged("{"), [NotApplicable, NotEvaluated]);
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_the_policies_of_all_levels_are_taken_together() {
        for level in ["r-root", "ou-work", MEMBER] {
            let guarded = Policies::new().scp("no-root", &deny("*", ROOT), &[level]);
            assert_eq!(outcomes(ID, guarded.account()), [NotApplicable, Pass], "{level}");
        }
    }

    #[test]
    fn trap_the_root_user_is_named_in_many_ways() {
        for condition in [
            r#""ArnLike":{"aws:PrincipalArn":["arn:aws:iam::*:root"]}"#,
            r#""ArnEquals":{"aws:PrincipalArn":"arn:*:iam::*:root"}"#,
            r#""StringEquals":{"aws:PrincipalArn":"arn:aws:iam::222222222222:root"}"#,
            r#""StringEquals":{"aws:PrincipalType":"Account"}"#,
            r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"},"Null":{"aws:AssumedRoot":"true"}"#,
            r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"},"BoolIfExists":{"aws:AssumedRoot":"false"}"#,
            "",
        ] {
            assert_eq!(judged(&deny("*", condition)), [NotApplicable, Pass], "{condition}");
        }
        let carved = r#"{"Effect":"Deny","NotAction":["aws-portal:*","iam:CreateVirtualMFADevice","account:*"],"Resource":"*",
            "Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}"#;
        assert_eq!(judged(&statements(carved)), [NotApplicable, Pass], "what is left to it is what it is for");
        let wide = carved.replace("account:*", "s3:*");
        assert_eq!(judged(&statements(&wide)), [NotApplicable, Fail], "S3 is not");
    }

    #[test]
    fn trap_payment_and_contact_changes_are_left_to_it() {
        let all_but_billing = r#"{"Effect":"Deny","NotAction":["billing:*","payments:*","account:*"],"Resource":"*",
            "Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}"#;
        assert_eq!(judged(&statements(all_but_billing)), [NotApplicable, Pass]);
    }
}
