//! Service control policies allow the services that the organization uses, and no others.
//!
//! # Why
//! What nobody uses, nobody watches. A service that no account needs is one more way to keep data or to run code unseen for
//! whoever gets hold of credentials.
//!
//! # Pass
//! Every service that the service control policies allow was used by some account within `max_days`, or at most `max_unused`
//! were not.
//!
//! # Fail
//! More services are allowed and were not used.
//!
//! # Not applicable
//! The account is in no organization, or service control policies are not enabled: the check `org-scp-enabled` says so.
//!
//! # Notes
//! AWS makes the report for the management account alone, and tracks use for 400 days at most. An attempt that was denied
//! counts as use. The management account's own use counts too, although no service control policy binds it. With the policy
//! `FullAWSAccess` at the root, all services are allowed, so that nearly every organization has something here: the evidence
//! lists the services that were used, to begin an allow list from.
//!
//! Some services are used once a year, or when something has gone wrong, and a few actions, such as `iam:PassRole`, are not
//! tracked: ask the accounts before you deny one.
//!
//! # Fix
//! Deny the services that no account needs in a service control policy, first for one organizational unit.
//!
//! # Command
//! ```sh
//! aws iam generate-organizations-access-report --entity-path ORGANIZATION_ID/ROOT_ID
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::organization_access::OrganizationService;
use probity_model::facts::{OrganizationAccess, OrganizationMembership};
use probity_model::{
    Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::trail_buckets::listed;

const MAX_DAYS: NumberParameter = NumberParameter {
    name: "max_days",
    default: 365,
    min: 1,
    max: 400,
    unit: Unit::Days,
    source: "our own choice: what happens once a year is use; AWS tracks 400 days at most",
};

const MAX_UNUSED: NumberParameter = NumberParameter {
    name: "max_unused",
    default: 0,
    min: 0,
    max: 1_000,
    unit: Unit::Services,
    source: "our own choice: none",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "unused-organization-services",
        family: Family::UnusedAccess,
        title: "Service control policies allow no service that the organization does not use",
        severity: Severity::Low,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_DAYS), ParameterSpec::Number(MAX_UNUSED)],
    };
    type Facts<'s> = (&'s OrganizationMembership, &'s OrganizationAccess);

    fn run((membership, access): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        let services = match access {
            OrganizationAccess::Services(services) => services,
            OrganizationAccess::NotControlled => {
                let subject = out.resource(organization.arn.clone());
                return subject.not_applicable("service control policies are not enabled");
            }
            OrganizationAccess::NoOrganization => {
                return out.whole_account().unclear("the account is in an organization that does not exist");
            }
        };
        if services.is_empty() {
            return out.resource(organization.arn.clone()).unclear("the report of AWS names no service at all");
        }
        let (max_days, max_unused) = (parameters.number(&MAX_DAYS), parameters.number(&MAX_UNUSED));
        let is_used = |service: &&OrganizationService| {
            service.last_used_at.is_some_and(|at| out.days_since(at) <= i64::from(max_days))
        };
        let (used, unused): (Vec<_>, Vec<_>) = services.iter().partition(is_used);
        let names =
            |services: &[&OrganizationService]| listed(services.iter().map(|service| service.namespace.as_str()));
        let subject = out
            .resource(organization.arn.clone())
            .evidence("services_accessible", services.len())
            .evidence("used", names(&used))
            .evidence("not_used", names(&unused));
        let allowed = services.len();
        if unused.len() > max_unused as usize {
            return subject.fail(format!(
                "of {allowed} services that service control policies allow, {} were not used in {max_days} days by any account",
                unused.len(),
            ));
        }
        subject.pass(format!(
            "of {allowed} services that service control policies allow, {} were not used in {max_days} days; {max_unused} may be",
            unused.len(),
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::OrganizationAccess;
    use probity_model::facts::organization_access::OrganizationService;
    use probity_model::{Seen, Topic};

    use crate::organization_testing::member_that_may_not_read;
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "unused-organization-services";

    fn management(access: OrganizationAccess) -> Account {
        Account::new().management_account().facts(|facts| facts.organization_access = Seen::Known(access))
    }

    /// Services by their names, each with the days since it was used.
    fn used(services: &[(&str, Option<i64>)]) -> Account {
        let services = services.iter().map(|(name, days)| OrganizationService {
            namespace: (*name).to_owned(),
            service_name: (*name).to_owned(),
            last_used_at: days.map(days_ago),
            last_used_in: None,
        });
        management(OrganizationAccess::Services(services.collect()))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, used(&[("s3", Some(0)), ("ec2", Some(365))])), [Pass]);
        assert_eq!(outcomes_with(ID, &[("max_unused", "1")], used(&[("s3", Some(0)), ("braket", None)])), [Pass]);
    }

    #[test]
    fn fail() {
        let account = || used(&[("s3", Some(3)), ("braket", None), ("ec2", Some(366))]);
        let [finding] = findings(ID, account()).try_into().expect("one finding");
        let expected = "of 3 services that service control policies allow, 2 were not used in 365 days by any account";
        assert_eq!((finding.outcome, &*finding.message), (Fail, expected));
        assert_eq!(outcomes_with(ID, &[("max_days", "400"), ("max_unused", "1")], account()), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, management(OrganizationAccess::NotControlled)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationAccess, Topic::OrganizationMembership] {
            assert_eq!(outcomes(ID, used(&[("s3", Some(0))]).deny(topic)), [NotEvaluated]);
        }
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
        assert_eq!(outcomes(ID, used(&[])), [NotEvaluated], "a report without a service is none");
    }
}
