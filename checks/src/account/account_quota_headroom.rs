//! The quotas of IAM are not nearly used up.
//!
//! # Why
//! When a quota is reached, the next role or policy cannot be made: deployments fail, and so does an answer to an incident
//! that needs a new role. Numbers that grow towards a quota also tell of principals and policies that nobody clears away.
//!
//! # Pass
//! The number is below `warn_percent` of its quota: users, groups, roles, customer managed policies, instance profiles,
//! server certificates, policy versions in use, and the managed policies attached to each user, group and role.
//!
//! # Fail
//! The number is `warn_percent` of its quota or more.
//!
//! # Notes
//! Quotas come with the numbers, so that one that was raised counts as it is. The quota of users is a hard one; those of
//! groups, roles and policies can be raised. Quotas of AWS Organizations and the sizes of documents are other ones and not
//! judged here.
//!
//! Of the policies attached to one principal, those that fail are named, and all others are one verdict.
//!
//! # Fix
//! Delete principals and policies that nobody uses, then ask for a higher quota where one is still near.
//!
//! # Command
//! ```sh
//! aws iam get-account-summary
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::{AccountSummary, AuthorizationDetails};
use probity_model::{
    Arn, Automation, Family, Findings, Gap, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule,
    Scope, Severity, Unit,
};

const WARN_PERCENT: NumberParameter = NumberParameter {
    name: "warn_percent",
    default: 80,
    min: 1,
    max: 100,
    unit: Unit::Percent,
    source: "our own choice: a fifth is left to react in",
};

/// The counters, each of which has its quota under the same name with `Quota` behind it.
const COUNTERS: [&str; 7] =
    ["Users", "Groups", "Roles", "Policies", "InstanceProfiles", "ServerCertificates", "PolicyVersionsInUse"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "account-quota-headroom",
        family: Family::Account,
        title: "IAM quotas are not nearly exhausted",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(WARN_PERCENT)],
    };
    type Facts<'s> = (&'s AccountSummary, Result<&'s AuthorizationDetails, &'s Gap>);

    fn run((summary, details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let warn = i64::from(parameters.number(&WARN_PERCENT));
        for counter in COUNTERS {
            let quota = format!("{counter}Quota");
            let mut subject = out.whole_account().discriminator(counter);
            let numbers = (summary.entry(counter), summary.entry(&quota));
            if let Some(count) = numbers.0 {
                subject = subject.evidence(counter, count);
            }
            if let Some(limit) = numbers.1 {
                subject = subject.evidence(&quota, limit);
            }
            subject = subject.evidence(WARN_PERCENT.name, warn);
            match numbers {
                (Some(count), Some(limit)) if limit > 0 => {
                    let message = format!("{counter}: {count} of {limit}");
                    if is_near(count, limit, warn) { subject.fail(message) } else { subject.pass(message) }
                }
                _ => subject.unclear(format!("the account summary lacks {counter} or its quota")),
            }
        }
        match details {
            Ok(details) => attached(summary, details, warn, out),
            Err(gap) => out.whole_account().discriminator("AttachedPolicies").not_evaluated(gap),
        }
    }
}

fn is_near(count: i64, limit: i64, warn: i64) -> bool {
    count.saturating_mul(100) >= limit.saturating_mul(warn)
}

/// A quota, the kind of principal it is for, and how many policies each of them has.
type Attached<'s> = (&'static str, ResourceKind, Vec<(&'s Arn, usize)>);

/// The managed policies that are attached to each principal.
fn attached(summary: &AccountSummary, details: &AuthorizationDetails, warn: i64, out: &mut Findings<'_>) {
    let users = details.users.iter().map(|user| (&user.arn, user.attached_policies.len()));
    let groups = details.groups.iter().map(|group| (&group.arn, group.attached_policies.len()));
    let roles = details.roles.iter().filter(|role| !role.is_service_linked());
    let roles = roles.map(|role| (&role.arn, role.attached_policies.len()));
    let kinds: [Attached<'_>; 3] = [
        ("AttachedPoliciesPerUserQuota", ResourceKind::IamUser, users.collect()),
        ("AttachedPoliciesPerGroupQuota", ResourceKind::IamGroup, groups.collect()),
        ("AttachedPoliciesPerRoleQuota", ResourceKind::IamRole, roles.collect()),
    ];
    for (quota, kind, principals) in kinds {
        let Some(limit) = summary.entry(quota).filter(|limit| *limit > 0) else {
            let subject = out.whole_account().discriminator(quota);
            subject.unclear(format!("the account summary lacks {quota}"));
            continue;
        };
        let mut most = 0;
        let mut near = 0;
        for (arn, count) in &principals {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            most = most.max(count);
            if is_near(count, limit, warn) {
                near += 1;
                let subject = out.resource((*arn).clone()).kind(kind).evidence("attached_policies", count);
                let subject = subject.evidence(quota, limit).evidence(WARN_PERCENT.name, warn);
                subject.fail(format!("{count} of {limit} managed policies are attached to {}", arn.name()));
            }
        }
        if near == 0 {
            let subject = out.whole_account().discriminator(quota).evidence(quota, limit).evidence("most", most);
            subject.pass(format!("{quota}: the most that any of {} has is {most} of {limit}", principals.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{findings, findings_with, outcomes};

    const ID: &str = "account-quota-headroom";

    fn counted(count: i64) -> Account {
        let account = super::COUNTERS.into_iter().fold(Account::new(), |account, counter| {
            account.summary(counter, count).summary(&std::format!("{counter}Quota"), 1_000)
        });
        ["User", "Group", "Role"]
            .into_iter()
            .fold(account, |account, kind| account.summary(&std::format!("AttachedPoliciesPer{kind}Quota"), 10))
    }

    fn with_policies(count: usize) -> Account {
        (0..count)
            .fold(counted(10), |account, number| account.policy(&std::format!("p{number}"), "{}", |policy| policy))
            .role("worker", |role| {
                (0..count).fold(role, |role, number| {
                    role.attached(&std::format!("arn:aws:iam::123456789012:policy/p{number}"))
                })
            })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, counted(799)), [Pass; 10]);
        assert_eq!(outcomes(ID, with_policies(7)), [Pass; 10]);
    }

    #[test]
    fn fail() {
        let failed = findings(ID, counted(800)).into_iter().filter(|finding| finding.outcome == Fail).count();
        assert_eq!(failed, super::COUNTERS.len());
        let full = findings(ID, with_policies(8));
        let failed = full.iter().find(|finding| finding.outcome == Fail).expect("the role");
        assert_eq!((failed.resource.name(), failed.resource_kind.as_str()), ("worker", "iam-role"));
        assert_eq!(failed.message, "8 of 10 managed policies are attached to worker");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AccountSummary)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new()), [NotEvaluated; 10], "the summary says nothing of it");
        let unread = findings(ID, counted(10).deny(Topic::AuthorizationDetails));
        assert_eq!(unread.iter().filter(|finding| finding.outcome == NotEvaluated).count(), 1);
        assert_eq!(unread.iter().filter(|finding| finding.outcome == Pass).count(), super::COUNTERS.len());
    }

    #[test]
    fn the_share_can_be_set() {
        let failed = |percent| {
            let all = findings_with(ID, &[("warn_percent", percent)], counted(500));
            all.iter().filter(|finding| finding.outcome == Fail).count()
        };
        assert_eq!((failed("50"), failed("51")), (7, 0));
    }

    #[test]
    fn trap_the_quota_that_was_raised_counts() {
        let raised = counted(900).summary("RolesQuota", 5_000);
        let finding = findings(ID, raised).into_iter().find(|finding| finding.discriminator == "Roles").expect("roles");
        assert_eq!((finding.outcome, &*finding.message), (Pass, "Roles: 900 of 5000"));
    }
}
