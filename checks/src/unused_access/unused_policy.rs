//! Customer managed policies are attached to something.
//!
//! # Why
//! A policy that nothing uses grants nothing today, and lies ready for whoever may attach policies. Nobody reviews it, and
//! it hides those that count.
//!
//! # Pass
//! The policy is attached to a user, a group or a role, or serves as permissions boundary; or it is younger than
//! `min_age_days` days.
//!
//! # Fail
//! The policy is at least `min_age_days` days old, attached to nothing, and nobody's permissions boundary.
//!
//! # Not applicable
//! The account has no customer managed policy. AWS managed policies are not judged: they are there whether or not anybody
//! uses them, and cannot be deleted.
//!
//! # Notes
//! AWS counts boundaries apart: a policy that is only a boundary has an attachment count of 0 and is in use.
//!
//! A policy that a permission set of IAM Identity Center names is attached to the permission set's role in each account
//! where that is provisioned, and counts there. Before the permission set is provisioned, nothing in the account shows that
//! the policy is needed: look there before deleting it.
//!
//! # Fix
//! Delete the policy. Begin with those that grant much, since anyone who may attach policies can use them.
//!
//! # Command
//! ```sh
//! aws iam delete-policy --policy-arn POLICY_ARN
//! ```

use alloc::format;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::ManagedPolicy;
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::access_keys::days_ago;

const MIN_AGE_DAYS: NumberParameter = NumberParameter {
    name: "min_age_days",
    default: 30,
    min: 0,
    max: 3_650,
    unit: Unit::Days,
    source: "our own choice: time to roll out what the policy is for",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "unused-policy",
        family: Family::UnusedAccess,
        title: "Customer managed policies are attached",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Policy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MIN_AGE_DAYS)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let min_age = parameters.number(&MIN_AGE_DAYS);
        for policy in details.policies.iter().filter(|policy| !policy.is_aws_managed()) {
            judge(policy, min_age, out);
        }
    }
}

fn judge(policy: &ManagedPolicy, min_age: u32, out: &mut Findings<'_>) {
    let age = policy.created_at.and_then(|created| days_ago(out, created));
    let mut subject = out.resource(policy.arn.clone());
    if let Some(count) = policy.attachment_count {
        subject = subject.evidence("attachment_count", count);
    }
    if let Some(count) = policy.boundary_usage_count {
        subject = subject.evidence("permissions_boundary_usage_count", count);
    }
    if let Some(created) = policy.created_at {
        subject = subject.evidence("create_date", created);
    }
    subject = subject.evidence(MIN_AGE_DAYS.name, min_age);
    match (policy.attachment_count, policy.boundary_usage_count, age) {
        (Some(count @ 1..), _, _) => {
            subject.pass(format!("the policy is attached to {count} of the users, groups and roles"));
        }
        (_, Some(count @ 1..), _) => {
            subject.pass(format!("the policy is the permissions boundary of {count} of the users and roles"));
        }
        (_, _, Some(days)) if days < i64::from(min_age) => subject.pass(format!(
            "the policy is {days} days old; it counts as unused from {min_age} days on, if nothing uses it by then"
        )),
        (None, _, _) => subject.unclear("the authorization details do not say how often the policy is attached"),
        (_, None, _) => {
            subject.unclear("the authorization details do not say whether the policy is a permissions boundary");
        }
        (_, _, None) => {
            subject.unclear("nothing uses the policy, and no date tells when it was created, or it lies ahead");
        }
        (_, _, Some(days)) => subject.fail(format!(
            "the policy is attached to nothing and is nobody's permissions boundary; it is {days} days old, and \
             unused ones are allowed until {min_age}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, PolicyBuilder};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "unused-policy";

    fn policy(change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> Account {
        Account::new().policy("reports", "{}", change)
    }

    fn unused(age: i64) -> Account {
        policy(|policy| policy.attached_to(0).boundary_of(0).created_days_ago(age))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, policy(|policy| policy.attached_to(2).boundary_of(0))), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, unused(200)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(
            finding.message,
            "the policy is attached to nothing and is nobody's permissions boundary; it is 200 days old, and unused ones \
             are allowed until 30"
        );
    }

    #[test]
    fn a_policy_has_until_the_least_age_to_be_used() {
        assert_eq!(outcomes(ID, unused(29)), [Pass]);
        assert_eq!(outcomes(ID, unused(30)), [Fail]);
        assert_eq!(outcomes_with(ID, &[("min_age_days", "201")], unused(200)), [Pass]);
        assert_eq!(outcomes_with(ID, &[("min_age_days", "0")], unused(0)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, unused(200).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let without = |change: fn(&mut PolicyBuilder)| {
            policy(|policy| {
                let mut policy = policy.attached_to(0).boundary_of(0);
                change(&mut policy);
                policy
            })
        };
        assert_eq!(outcomes(ID, without(|policy| policy.details.attachment_count = None)), [NotEvaluated]);
        assert_eq!(outcomes(ID, without(|policy| policy.details.boundary_usage_count = None)), [NotEvaluated]);
        assert_eq!(outcomes(ID, without(|policy| policy.details.created_at = None)), [NotEvaluated]);
        assert_eq!(outcomes(ID, unused(-2)), [NotEvaluated]);
    }

    #[test]
    fn a_count_that_is_missing_does_not_matter_where_the_other_shows_use() {
        let attached = policy(|mut policy| {
            policy.details.boundary_usage_count = None;
            policy.attached_to(1)
        });
        assert_eq!(outcomes(ID, attached), [Pass]);
    }

    #[test]
    fn trap_a_boundary_is_in_use_and_not_in_the_attachment_count() {
        assert_eq!(outcomes(ID, policy(|policy| policy.attached_to(0).boundary_of(1))), [Pass]);
    }

    #[test]
    fn trap_aws_managed_policies_are_not_judged() {
        let account = unused(200).aws_policy("ReadOnlyAccess", "{}").facts(|facts| {
            if let probity_model::Seen::Known(details) = &mut facts.authorization_details {
                details.policies.iter_mut().for_each(|policy| policy.attachment_count = Some(0));
            }
        });
        let [finding] = findings(ID, account).try_into().expect("one finding, on the customer's own policy");
        assert_eq!((finding.outcome, finding.resource.account()), (Fail, "123456789012"));
    }
}
