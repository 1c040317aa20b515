//! The account belongs to an organization with all features.
//!
//! # Why
//! Only an organization with all features can set limits that no administrator of the account can lift: service control
//! policies, central root access, trails that members cannot stop. A lone account guards itself.
//!
//! # Pass
//! The account is in an organization whose feature set is `ALL`.
//!
//! # Fail
//! The account is in an organization for consolidated billing only. Or it is in no organization, which is rated medium.
//!
//! # Notes
//! Every member of an organization may ask for it, not only the management account. That the answer was denied says
//! nothing about membership: the check is then not evaluated.
//!
//! # Fix
//! Join or create an organization. In the management account of one for consolidated billing, enable all features;
//! every invited member has to agree.
//!
//! # Command
//! ```sh
//! aws organizations enable-all-features
//! ```

use alloc::format;

use probity_model::facts::OrganizationMembership;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-membership-all-features",
        family: Family::Organizations,
        title: "Account belongs to an organization with all features enabled",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s OrganizationMembership;

    fn run(membership: &OrganizationMembership, _: &Parameters, out: &mut Findings<'_>) {
        let account = out.whole_account();
        let Some(organization) = membership.organization() else {
            return account
                .evidence("organization", "none")
                .severity(Severity::Medium)
                .fail("the account is in no organization");
        };
        let id = &organization.id;
        let account = account
            .evidence("Id", id)
            .evidence("MasterAccountId", &organization.management_account)
            .evidence("FeatureSet", &organization.feature_set);
        match organization.feature_set.as_str() {
            "ALL" => account.pass(format!("the account is in the organization {id}, which has all features")),
            "CONSOLIDATED_BILLING" => account.fail(format!(
                "the account is in the organization {id}, which has consolidated billing only and no service control \
                 policies"
            )),
            other => {
                account.unclear(format!("the organization {id} has the feature set `{other}`, which is not known"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::OrganizationMembership;
    use probity_model::{Finding, Seen, Severity, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "org-membership-all-features";

    fn the_finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn feature_set(name: &str) -> Account {
        Account::new().organization().facts(|facts| {
            if let Seen::Known(OrganizationMembership::Member(organization)) = &mut facts.organization_membership {
                organization.feature_set = name.to_owned();
            }
        })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, feature_set("ALL")), [Pass]);
    }

    #[test]
    fn fail() {
        let finding = the_finding(feature_set("CONSOLIDATED_BILLING"));
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::High));
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, feature_set("ALL").deny(Topic::OrganizationMembership)), [NotEvaluated]);
        assert_eq!(outcomes(ID, feature_set("SOME")), [NotEvaluated]);
    }

    /// `AWSOrganizationsNotInUseException` is an answer, and a denied call is none.
    #[test]
    fn trap_that_there_is_no_organization_is_known_and_that_access_was_denied_is_not() {
        let alone = the_finding(Account::new());
        assert_eq!((alone.outcome, alone.severity), (Fail, Severity::Medium));
        assert_eq!(outcomes(ID, Account::new().deny(Topic::OrganizationMembership)), [NotEvaluated]);
    }

    #[test]
    fn trap_a_member_knows_its_organization_without_reading_the_rest() {
        let member = Account::new()
            .organization()
            .deny(Topic::OrganizationStructure)
            .deny(Topic::OrganizationPolicies)
            .deny(Topic::RootAccessFeatures);
        assert_eq!(outcomes(ID, member), [Pass]);
        assert_eq!(outcomes(ID, Account::new().management_account()), [Pass]);
    }
}
