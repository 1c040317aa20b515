//! The policies of every account can be put together.
//!
//! # Why
//! Where a tag, backup or declarative policy contradicts another one above it, AWS drops what cannot be put together: the
//! account believes in a setting that is not in force.
//!
//! # Pass
//! AWS lists no account with an invalid effective policy of the type.
//!
//! # Fail
//! It lists some.
//!
//! # Not applicable
//! The account is in no organization, or no type of policy is enabled beside service control policies and resource control
//! policies.
//!
//! # Notes
//! Only the management account and a delegated administrator can read this; anywhere else the check is not evaluated.
//!
//! # Fix
//! See what is wrong, and change the policy of the account or the one above it.
//!
//! # Command
//! ```sh
//! aws organizations list-effective-policy-validation-errors --account-id ACCOUNT_ID --policy-type TYPE
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::{OrganizationMembership, OrganizationPolicyErrors};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-effective-policy-errors",
        family: Family::Organizations,
        title: "No account has an invalid effective policy",
        severity: Severity::Low,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s OrganizationMembership, &'s OrganizationPolicyErrors);

    fn run((membership, errors): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        let OrganizationPolicyErrors::Types(types) = errors else {
            return out.whole_account().unclear("the account is in an organization that does not exist");
        };
        if types.is_empty() {
            return out
                .resource(organization.arn.clone())
                .not_applicable("no type of policy is enabled that is put together");
        }
        for (kind, accounts) in types {
            let ids: Vec<&str> = accounts.iter().map(|id| id.as_str()).collect();
            let subject = out
                .resource(organization.arn.clone())
                .discriminator(kind.as_str())
                .evidence("type", kind)
                .evidence("accounts", if ids.is_empty() { "none".into() } else { ids.join(", ") });
            if ids.is_empty() {
                subject.pass(format!("every effective policy of the type {kind} is valid"));
            } else {
                subject.fail(format!("the effective policy of the type {kind} is invalid in {}", ids.join(", ")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::OrganizationPolicyErrors;
    use probity_model::{AccountId, Seen, Topic};

    use crate::organization_testing::{MEMBER, member_that_may_not_read};
    use crate::testing::outcomes;

    const ID: &str = "org-effective-policy-errors";

    fn with(types: &[(&str, &[&str])]) -> Account {
        let types = types.iter().map(|(kind, accounts)| {
            let ids = accounts.iter().map(|id| AccountId::try_from(*id).expect("an id")).collect();
            ((*kind).to_owned(), ids)
        });
        let errors = OrganizationPolicyErrors::Types(types.collect());
        Account::new().management_account().facts(|facts| facts.organization_policy_errors = Seen::Known(errors))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(&[("TAG_POLICY", &[])])), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with(&[("TAG_POLICY", &[MEMBER]), ("BACKUP_POLICY", &[])])), [Pass, Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, with(&[])), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(&[]).deny(Topic::OrganizationPolicyErrors)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(&[]).deny(Topic::OrganizationMembership)), [NotEvaluated]);
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }
}
