//! No policy of the organization is attached where it does nothing.
//!
//! # Why
//! A policy that was written and tried, and then never attached, or attached to an empty unit, is a guardrail that everybody
//! believes in and nobody has.
//!
//! # Pass
//! The service control policy or resource control policy reaches at least one member account that is in use, and takes
//! something away there.
//!
//! # Fail
//! It is attached nowhere, or only to the management account, to empty units or to accounts that are suspended or closed. Its
//! type is not enabled. Or it only allows, and beside it, wherever it is attached, another policy allows everything.
//!
//! # Not applicable
//! The account is in no organization. Policies that AWS made, such as `FullAWSAccess`.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. A policy at the root is listed for the management account as well, where it does nothing: that is normal.
//! Policies that AWS Control Tower made (`aws-guardrails-…`) are rated info, since it looks after them: do not delete them by
//! hand.
//!
//! # Fix
//! Attach the policy to the root or to the unit that it is meant for, or delete it.
//!
//! # Command
//! ```sh
//! aws organizations list-targets-for-policy --policy-id POLICY_ID
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::{Automation, Family, Findings, Meta, Parameters, Partition, ResourceKind, Rule, Scope, Severity};

use crate::guardrails::{self, Attachable};
use crate::members::{Members, Read};

/// How many targets the evidence names.
const NAMED: usize = 5;
/// What the names of policies begin with that AWS Control Tower made.
const CONTROL_TOWER: &str = "aws-guardrails-";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-without-effect",
        family: Family::Organizations,
        title: "No SCP is attached where it does nothing",
        severity: Severity::Medium,
        scope: Scope::Organization,
        resource: ResourceKind::ServiceControlPolicy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = Read<'s>;

    fn run(read: Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        for kind in [OrganizationPolicyKind::ServiceControl, OrganizationPolicyKind::ResourceControl] {
            let Some(members) = Members::of(read, kind, out) else { return };
            for one in &members.policies {
                judge(one, &members, out);
            }
        }
    }
}

fn judge(one: &Attachable<'_>, members: &Members<'_>, out: &mut Findings<'_>) {
    let policy = one.policy;
    let partition = out.partition();
    let severity = if policy.name.starts_with(CONTROL_TOWER) { Severity::Info } else { Check::META.severity };
    let targets = policy.targets.get(..NAMED).unwrap_or(&policy.targets).join(", ");
    let more = policy.targets.len().saturating_sub(NAMED);
    let targets = if more > 0 { format!("{targets} and {more} more") } else { targets };
    let subject = out
        .resource(policy.arn.clone())
        .severity(severity)
        .evidence("Name", &policy.name)
        .evidence("targets", if targets.is_empty() { "none" } else { &targets });
    if policy.aws_managed {
        return subject.not_applicable("AWS made the policy");
    }
    let reached = reached(one, members, partition);
    let subject = subject.evidence("accounts", reached.len());
    let called = members.called();
    let looked_after =
        if severity == Severity::Info { "; AWS Control Tower looks after it: do not delete it by hand" } else { "" };
    if policy.targets.is_empty() {
        return subject.fail(format!("the policy is attached to nothing{looked_after}"));
    }
    if !members.are_enabled() {
        return subject.fail(format!("{called} are not enabled{looked_after}"));
    }
    if reached.is_empty() {
        return subject.fail(format!("the policy reaches no member account that is in use{looked_after}"));
    }
    match one.denies_something() {
        None => subject.unclear("the policy cannot be parsed"),
        Some(true) => subject.pass(format!("member accounts that the policy binds: {}", reached.len())),
        Some(false) if is_swallowed(one, members, partition) => subject.fail(format!(
            "the policy only allows, and everything is allowed by others wherever it is attached{looked_after}"
        )),
        Some(false) => subject.pass(format!("member accounts that the policy narrows: {}", reached.len())),
    }
}

/// The ids of the accounts that a policy binds.
fn reached(one: &Attachable<'_>, members: &Members<'_>, partition: &Partition) -> Vec<String> {
    let bound = members.bound(partition).filter(|member| member.path.iter().any(|level| is_at(one, level)));
    bound.map(|member| String::from(member.account.id.as_str())).collect()
}

fn is_at(one: &Attachable<'_>, level: &str) -> bool {
    one.policy.targets.iter().any(|target| target == level)
}

/// Whether the others at every level it is attached to together allow everything, so that what it allows is nothing new.
fn is_swallowed(one: &Attachable<'_>, members: &Members<'_>, partition: &Partition) -> bool {
    one.policy.targets.iter().all(|target| {
        let others = members.policies.iter().filter(|other| other.policy.id != one.policy.id && is_at(other, target));
        let others: Vec<&Attachable<'_>> = others.collect();
        let are_read = others.iter().all(|other| other.document.is_some());
        !others.is_empty() && are_read && !guardrails::narrows(&others, partition)
    })
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::{Finding, Severity, Topic};

    use crate::organization_testing::{MEMBER, Policies, account, allow, deny, member_that_may_not_read, unit};
    use crate::testing::{findings, outcomes};

    const ID: &str = "org-scp-without-effect";

    fn guard(targets: &[&str]) -> Policies {
        Policies::new().scp("guard", &deny("s3:*", ""), targets)
    }

    /// The findings on policies that the organization made.
    fn own(policies: Policies) -> Vec<Finding> {
        findings(ID, policies.account())
            .into_iter()
            .filter(|found| found.resource.name() != "p-FullAWSAccess")
            .collect()
    }

    fn judged(policies: Policies) -> Outcome {
        let [finding] = own(policies).try_into().expect("one finding");
        finding.outcome
    }

    #[test]
    fn pass() {
        for target in ["r-root", "ou-work", MEMBER] {
            assert_eq!(judged(guard(&[target])), Pass, "{target}");
        }
    }

    #[test]
    fn fail() {
        assert_eq!(judged(guard(&[])), Fail);
        assert_eq!(judged(guard(&[ACCOUNT])), Fail);
        let empty = guard(&["ou-empty"]).tree(|tree| tree.units.push(unit("ou-empty", "r-root")));
        assert_eq!(judged(empty), Fail);
        assert_eq!(judged(guard(&["r-root"]).without_type()), Fail);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Policies::new().account()), [NotApplicable], "AWS made FullAWSAccess");
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, guard(&["r-root"]).account().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(judged(Policies::new().scp("odd", "{", &["r-root"])), NotEvaluated);
        assert_eq!(judged(Policies::new().scp("odd", "{", &[])), Fail, "whatever it says");
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_accounts_that_are_closed_or_suspended_do_not_count() {
        for (state, outcome) in [("SUSPENDED", Fail), ("PENDING_CLOSURE", Fail), ("CLOSED", Fail), ("ACTIVE", Pass)] {
            let only = guard(&["333333333333"])
                .tree(|tree| tree.accounts.push(account("333333333333", "old", "ou-work", state)));
            assert_eq!(judged(only), outcome, "{state}");
        }
    }

    #[test]
    fn trap_at_the_root_it_is_listed_for_the_management_account_too() {
        assert_eq!(judged(guard(&["r-root", ACCOUNT])), Pass);
    }

    #[test]
    fn trap_policies_of_control_tower_are_reported_and_not_to_be_deleted() {
        let [finding] =
            own(Policies::new().scp("aws-guardrails-AbCdEf", &deny("s3:*", ""), &[])).try_into().expect("one");
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::Info));
        assert!(finding.message.contains("do not delete it by hand"), "{}", finding.message);
    }

    #[test]
    fn an_allow_beside_full_access_does_nothing() {
        assert_eq!(judged(Policies::new().scp("list", &allow("s3:*"), &["r-root"])), Fail);
        assert_eq!(judged(Policies::new().scp_instead("list", &allow("s3:*"), "r-root")), Pass);
        let half = Policies::new().scp_instead("list", &allow("s3:*"), "ou-work");
        assert_eq!(judged(half), Pass, "at one of its levels it is alone");
    }

    #[test]
    fn resource_control_policies_are_judged_as_well() {
        assert_eq!(judged(Policies::new().rcp("perimeter", &deny("s3:*", ""), &[])), Fail);
        assert_eq!(judged(Policies::new().rcp("perimeter", &deny("s3:*", ""), &["r-root"])), Pass);
    }
}
