//! There is room for one more guardrail.
//!
//! # Why
//! A service control policy has a greatest length, and a unit takes so many of them. Who finds that out on the day a rule has
//! to be added in a hurry leaves another one out.
//!
//! # Pass
//! The policy is no longer than `max_characters`; and no more than `max_attached` policies are attached to the root, a unit
//! or an account.
//!
//! # Fail
//! It is longer; or more are attached.
//!
//! # Not applicable
//! The account is in no organization, or service control policies are not enabled. Policies that AWS made.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. AWS takes 10,240 characters a policy, white space included where it was not written by the console, and ten
//! policies directly attached to one target (since May 2026; before, 5,120 and five).
//!
//! # Fix
//! Take out white space and names of statements, join statements that deny under the same condition, and attach what holds
//! for all at the root.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::members::{Members, Read};

const MAX_CHARACTERS: NumberParameter = NumberParameter {
    name: "max_characters",
    default: 9_216,
    min: 1,
    max: 10_240,
    unit: Unit::Characters,
    source: "nine tenths of the quota (Organizations User Guide, \"Quotas and service limits\")",
};
const MAX_ATTACHED: NumberParameter = NumberParameter {
    name: "max_attached",
    default: 9,
    min: 1,
    max: 10,
    unit: Unit::Policies,
    source: "the quota less one (Organizations User Guide, \"Quotas and service limits\")",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-size-and-count",
        family: Family::Organizations,
        title: "SCPs leave room below their quotas",
        severity: Severity::Info,
        scope: Scope::Organization,
        resource: ResourceKind::ServiceControlPolicy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_CHARACTERS), ParameterSpec::Number(MAX_ATTACHED)],
    };
    type Facts<'s> = Read<'s>;

    fn run(read: Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(members) = Members::of(read, OrganizationPolicyKind::ServiceControl, out) else { return };
        let (longest, most) = (parameters.number(&MAX_CHARACTERS), parameters.number(&MAX_ATTACHED));
        if !members.are_enabled() {
            return out
                .resource(members.organization.arn.clone())
                .kind(ResourceKind::Organization)
                .not_applicable("service control policies are not enabled");
        }
        let mut attached: BTreeMap<&str, usize> = BTreeMap::new();
        for one in &members.policies {
            for target in &one.policy.targets {
                *attached.entry(target).or_default() += 1;
            }
            if one.policy.aws_managed {
                continue;
            }
            let length = one.policy.document.as_str().chars().count();
            let subject =
                out.resource(one.policy.arn.clone()).evidence("Name", &one.policy.name).evidence("characters", length);
            if exceeds(length, longest) {
                subject.fail(format!("the policy has {length} characters; more than {longest} leave little room"));
            } else {
                subject.pass(format!("the policy has {length} characters"));
            }
        }
        let greatest = attached.values().max().copied().unwrap_or(0);
        let full: Vec<String> = attached
            .iter()
            .filter(|(_, count)| exceeds(**count, most))
            .map(|(target, count)| format!("{target} ({count})"))
            .collect();
        let subject = out
            .resource(members.organization.arn.clone())
            .kind(ResourceKind::Organization)
            .evidence("targets", attached.len())
            .evidence("most_attached_to_one", greatest);
        if full.is_empty() {
            subject.pass(format!("at most {greatest} service control policies are attached to one target"));
        } else {
            subject.fail(format!("more than {most} service control policies are attached to {}", full.join(", ")));
        }
    }
}

fn exceeds(count: usize, limit: u32) -> bool {
    u32::try_from(count).map_or(true, |count| count > limit)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::organization_testing::{Policies, deny, member_that_may_not_read};
    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "org-scp-size-and-count";

    fn long(length: usize) -> String {
        let document = deny("s3:*", "");
        format!("{document}{}", " ".repeat(length - document.chars().count()))
    }

    fn judged(policies: Policies) -> Vec<Outcome> {
        outcomes(ID, policies.account())
    }

    /// Findings come in the order of ARNs: the organization before its policies.
    #[test]
    fn pass() {
        assert_eq!(judged(Policies::new().scp("guard", &long(9_216), &["r-root"])), [Pass, Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(judged(Policies::new().scp("guard", &long(9_217), &["r-root"])), [Pass, Fail]);
        let many = (0..9)
            .fold(Policies::new(), |all, number| all.scp(&format!("guard{number}"), &deny("s3:*", ""), &["ou-work"]));
        assert_eq!(judged(many).first(), Some(&Fail), "ten with FullAWSAccess");
        let few = [("max_characters", "200")];
        let account = Policies::new().scp("guard", &long(201), &["r-root"]).account();
        assert_eq!(outcomes_with(ID, &few, account), [Pass, Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(judged(Policies::new().without_type()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, Policies::new().account().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }
}
