//! Permission sets are assigned to groups, not to single users.
//!
//! # Why
//! Who belongs to a group is looked at when somebody joins, moves or leaves. An assignment to one person is found by nobody
//! until the next review, if there is one.
//!
//! # Pass
//! The permission set is assigned to groups only, or to nobody.
//!
//! # Fail
//! It is assigned to a user.
//!
//! # Not applicable
//! The organization does not use IAM Identity Center.
//!
//! # Notes
//! Only the management account and the delegated administrator of IAM Identity Center can read this; anywhere else the check
//! is not evaluated. Permission sets of administrators are judged more severely by `identity-center-admin-assignments`.
//!
//! # Fix
//! Assign the permission set to a group that the user belongs to, then delete the assignment to the user.
//!
//! # Command
//! ```sh
//! aws sso-admin delete-account-assignment --instance-arn INSTANCE_ARN --permission-set-arn SET_ARN \
//!   --target-id ACCOUNT_ID --target-type AWS_ACCOUNT --principal-type USER --principal-id USER_ID
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::{AccountAssignments, PermissionSets};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "identity-center-direct-user-assignment",
        family: Family::Federation,
        title: "Permission sets are assigned to groups, not users",
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
            let subject = out.resource(set.arn.clone()).evidence("Name", &set.name);
            let Some(assigned) = assigned.of(&set.arn) else {
                subject.unclear("whom the permission set is assigned to was not read");
                continue;
            };
            let direct = assigned.assignments.iter().filter(|one| one.principal_type != "GROUP");
            let direct: Vec<String> = direct.map(|one| format!("{} in {}", one.principal_id, one.account)).collect();
            let subject = subject.evidence("assignments", assigned.assignments.len());
            if direct.is_empty() {
                subject.pass("the permission set is assigned to no single user");
            } else {
                subject.fail(format!("the permission set is assigned to users: {}", direct.join(", ")));
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
    use crate::testing::{findings, outcomes};

    const ID: &str = "identity-center-direct-user-assignment";

    fn assigned(kind: &str) -> Account {
        with(&[(set("read", &["ReadOnlyAccess"]), &[("222222222222", kind, "p-1")])])
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, assigned("GROUP")), [Pass]);
        assert_eq!(outcomes(ID, with(&[(set("read", &[]), &[])])), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, assigned("USER")).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.ends_with("p-1 in 222222222222"), "{}", finding.message);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::PermissionSets, Topic::AccountAssignments] {
            assert_eq!(outcomes(ID, assigned("USER").deny(topic)), [NotEvaluated], "{topic}");
        }
        let lost = assigned("USER").facts(|facts| {
            if let Seen::Known(known) = &mut facts.account_assignments {
                known.sets.clear();
            }
        });
        assert_eq!(outcomes(ID, lost), [NotEvaluated]);
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }
}
