//! Tag policies say how tags are written, and are attached.
//!
//! # Why
//! Permissions, exemptions and bills that go by tags work only where everybody writes the same tag the same way.
//!
//! # Pass
//! The type `TAG_POLICY` is enabled, and a policy of it is attached.
//!
//! # Fail
//! The type is not enabled, or no policy of it is attached to anything.
//!
//! # Not applicable
//! The account is in no organization.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated.
//!
//! # Fix
//! Enable tag policies at the root, write one for the tags that matter, and attach it.
//!
//! # Command
//! ```sh
//! aws organizations enable-policy-type --root-id ROOT_ID --policy-type TAG_POLICY
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::members::{Members, Read};

const KIND: &str = "TAG_POLICY";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-tag-policies",
        family: Family::Organizations,
        title: "Tag policies are enabled and attached",
        severity: Severity::Info,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = Read<'s>;

    fn run(read: Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let Some(members) = Members::of(read, OrganizationPolicyKind::Other(KIND.into()), out) else { return };
        let attached: Vec<&str> = members
            .policies
            .iter()
            .filter(|one| !one.policy.targets.is_empty())
            .map(|one| one.policy.name.as_str())
            .collect();
        let subject = out
            .resource(members.organization.arn.clone())
            .evidence("policies", members.policies.len())
            .evidence("attached", if attached.is_empty() { "none".into() } else { attached.join(", ") });
        match (members.are_enabled(), attached.is_empty()) {
            (false, _) => subject.fail("tag policies are not enabled"),
            (true, true) => subject.fail("no tag policy is attached to anything"),
            (true, false) => subject.pass(format!("tag policies that are attached: {}", attached.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;
    use probity_model::facts::organization::OrganizationPolicyKind;

    use crate::organization_testing::{Policies, member_that_may_not_read, policy};
    use crate::testing::outcomes;

    const ID: &str = "org-tag-policies";

    fn with(targets: &[&str]) -> Policies {
        Policies::new()
            .tree(|tree| {
                tree.enabled_policy_types.insert("TAG_POLICY".to_owned());
            })
            .with(policy(OrganizationPolicyKind::Other("TAG_POLICY".to_owned()), "tags", "{}", targets))
    }

    fn judged(policies: Policies) -> Vec<Outcome> {
        outcomes(ID, policies.account())
    }

    #[test]
    fn pass() {
        assert_eq!(judged(with(&["r-root"])), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(judged(Policies::new()), [Fail]);
        assert_eq!(judged(with(&[])), [Fail]);
        assert_eq!(judged(with(&["r-root"]).without_type()), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, with(&["r-root"]).account().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }
}
