//! Every permission set is assigned to somebody.
//!
//! # Why
//! A permission set that nobody has is one that nobody looks at any more, and that can be handed out with whatever it grants
//! by now.
//!
//! # Pass
//! It is assigned to a user or a group in at least one account.
//!
//! # Fail
//! It is assigned to nobody.
//!
//! # Not applicable
//! The organization does not use IAM Identity Center.
//!
//! # Notes
//! Only the management account and the delegated administrator of IAM Identity Center can read this; anywhere else the check
//! is not evaluated.
//!
//! # Fix
//! Delete the permission set.
//!
//! # Command
//! ```sh
//! aws sso-admin delete-permission-set --instance-arn INSTANCE_ARN --permission-set-arn SET_ARN
//! ```

use alloc::format;

use probity_model::facts::{AccountAssignments, PermissionSets};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "identity-center-unused-permission-set",
        family: Family::Federation,
        title: "Permission sets are assigned to somebody",
        severity: Severity::Low,
        scope: Scope::Organization,
        resource: ResourceKind::PermissionSet,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s PermissionSets, &'s AccountAssignments);

    fn run((sets, assigned): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        for set in &sets.sets {
            let mut subject = out.resource(set.arn.clone()).evidence("Name", &set.name);
            if let Some(created) = set.created_at {
                subject = subject.evidence("CreatedDate", created);
            }
            match assigned.of(&set.arn).map(|one| one.assignments.len()) {
                None => subject.unclear("whom the permission set is assigned to was not read"),
                Some(0) => subject.fail("the permission set is assigned to nobody"),
                Some(count) => {
                    subject.evidence("assignments", count).pass(format!("assignments of the permission set: {count}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Seen, Topic};

    use crate::organization_testing::member_that_may_not_read;
    use crate::permission_sets::testing::{set, with};
    use crate::testing::outcomes;

    const ID: &str = "identity-center-unused-permission-set";

    fn used() -> Account {
        with(&[(set("read", &["ReadOnlyAccess"]), &[("222222222222", "GROUP", "g-1")])])
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, used()), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with(&[(set("read", &["ReadOnlyAccess"]), &[])])), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::PermissionSets, Topic::AccountAssignments] {
            assert_eq!(outcomes(ID, used().deny(topic)), [NotEvaluated], "{topic}");
        }
        let lost = used().facts(|facts| {
            if let Seen::Known(known) = &mut facts.account_assignments {
                known.sets.clear();
            }
        });
        assert_eq!(outcomes(ID, lost), [NotEvaluated]);
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }
}
