//! The organization manages the root credentials of its member accounts centrally.
//!
//! # Why
//! Every member account has a root user. Without central management each has a password to guard, or a mailbox through
//! which anybody who reads it can set one; with it, new accounts have no root credentials at all and old ones can be
//! rid of theirs.
//!
//! # Pass
//! The feature `RootCredentialsManagement` is on.
//!
//! # Fail
//! The feature is not on, IAM has no trusted access to the organization, or the organization does not have all features
//! enabled, which it needs.
//!
//! # Not applicable
//! The account is not in an organization.
//!
//! # Notes
//! Only the management account and the account that IAM is delegated to get an answer. Elsewhere the check is not
//! evaluated, which says nothing against the organization: audit one of those two accounts.
//!
//! Whether partitions other than `aws` offer the feature is not known: where it is not on there, the check is not
//! evaluated.
//!
//! # Fix
//! Give IAM trusted access to the organization, turn the feature on, and delegate it to a security account.
//!
//! # Command
//! ```sh
//! aws iam enable-organizations-root-credentials-management
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::{OrganizationMembership, RootAccessFeatures};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-centralized-management-enabled",
        family: Family::Root,
        title: "Organization manages member root credentials centrally",
        severity: Severity::High,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s RootAccessFeatures, Result<&'s OrganizationMembership, &'s Gap>);

    fn run((features, membership): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let offered = out.partition().as_str() == "aws";
        let partition = out.partition();
        let mut subject = out.whole_account();
        if let Some(organization) = membership.ok().and_then(OrganizationMembership::organization) {
            subject =
                subject.evidence("organization", &organization.id).evidence("feature_set", &organization.feature_set);
        }
        let problem = match features {
            RootAccessFeatures::Enabled(names) => {
                subject = subject.evidence("enabled_features", list(names.iter().map(String::as_str).collect()));
                if features.has(RootAccessFeatures::ROOT_CREDENTIALS) {
                    return subject.pass("the organization manages root credentials centrally");
                }
                "the feature RootCredentialsManagement is not on"
            }
            RootAccessFeatures::NoTrustedAccess => "IAM has no trusted access to the organization",
            RootAccessFeatures::NoOrganization => match membership {
                Err(gap) => return subject.not_evaluated(gap),
                Ok(OrganizationMembership::Standalone) => {
                    return subject.not_applicable("the account is not in an organization");
                }
                Ok(OrganizationMembership::Member(organization)) if organization.feature_set == ALL => {
                    return subject.unclear("IAM finds no organization with all features, and there is one");
                }
                Ok(OrganizationMembership::Member(_)) => "the organization does not have all features enabled",
            },
        };
        if offered {
            subject.fail(format!("{problem}: every member account looks after its own root user"));
        } else {
            subject.unclear(format!("{problem}, and whether the partition {partition} offers it is not known"));
        }
    }
}

/// The feature set of an organization that has all of them.
const ALL: &str = "ALL";

/// The names in one line.
fn list(names: Vec<&str>) -> String {
    if names.is_empty() { String::from("none") } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::collections::BTreeSet;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::{OrganizationMembership, RootAccessFeatures};
    use probity_model::{Gap, GapKind, Outcome, Seen, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "root-centralized-management-enabled";

    fn managed(features: RootAccessFeatures) -> Account {
        with(Account::new().management_account(), features)
    }

    fn with(account: Account, features: RootAccessFeatures) -> Account {
        account.facts(|facts| facts.root_access_features = Seen::Known(features))
    }

    fn enabled(names: &[&str]) -> RootAccessFeatures {
        RootAccessFeatures::Enabled(names.iter().map(|&name| name.to_owned()).collect())
    }

    fn feature_set(account: Account, name: &str) -> Account {
        account.facts(|facts| {
            if let Seen::Known(OrganizationMembership::Member(organization)) = &mut facts.organization_membership {
                organization.feature_set = name.to_owned();
            }
        })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, managed(enabled(&["RootCredentialsManagement"]))), [Pass]);
        assert_eq!(outcomes(ID, managed(enabled(&["RootCredentialsManagement", "RootSessions"]))), [Pass]);
        let delegated = with(Account::new().organization(), enabled(&["RootCredentialsManagement"]));
        assert_eq!(outcomes(ID, delegated), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, managed(enabled(&[]))), [Fail]);
        assert_eq!(outcomes(ID, managed(enabled(&["RootSessions"]))), [Fail]);
        assert_eq!(outcomes(ID, managed(RootAccessFeatures::NoTrustedAccess)), [Fail]);
        let billing_only = feature_set(managed(RootAccessFeatures::NoOrganization), "CONSOLIDATED_BILLING");
        assert_eq!(outcomes(ID, billing_only), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        let on = || managed(enabled(&["RootCredentialsManagement"]));
        assert_eq!(outcomes(ID, on().deny(Topic::RootAccessFeatures)), [NotEvaluated]);
        assert_eq!(outcomes(ID, on().deny(Topic::OrganizationMembership)), [Pass], "the features say it all");
        assert_eq!(outcomes(ID, Account::new().deny(Topic::OrganizationMembership)), [NotEvaluated]);
        let contradiction = managed(RootAccessFeatures::NoOrganization);
        assert_eq!(outcomes(ID, contradiction), [NotEvaluated]);
    }

    #[test]
    fn trap_the_wrong_account_to_ask_is_not_a_failure() {
        let gap = Gap {
            kind: GapKind::WrongVantagePoint,
            code: Some("AccountNotManagementOrDelegatedAdministratorException".to_owned()),
            ..denied(Topic::RootAccessFeatures)
        };
        let member =
            Account::new().organization().facts(|facts| facts.root_access_features = Seen::Missing(gap.clone()));
        let [finding] = findings(ID, member).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.gap.as_deref()), (NotEvaluated, Some(&gap)));
    }

    #[test]
    fn trap_other_partitions_may_not_offer_it() {
        let judged = |partition: &str, home: &str, features: RootAccessFeatures| -> Outcome {
            let account = with(Account::in_partition(partition, home).management_account(), features);
            let [outcome] = outcomes(ID, account).try_into().expect("one finding");
            outcome
        };
        for (partition, home) in [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")] {
            assert_eq!(judged(partition, home, RootAccessFeatures::Enabled(BTreeSet::new())), NotEvaluated);
            assert_eq!(judged(partition, home, RootAccessFeatures::NoTrustedAccess), NotEvaluated);
            assert_eq!(judged(partition, home, enabled(&["RootCredentialsManagement"])), Pass);
        }
    }
}
