//! Security services are run from the accounts that are meant to run them.
//!
//! # Why
//! A security service that nobody is delegated is run from the management account, where nobody should work. And a delegated
//! administrator of it sees and switches it off everywhere: one that nobody expects is a way into every account.
//!
//! # Pass
//! The organization lets the service in, and has delegated it to an account; to one that the parameter `expected` names for
//! the service, where it names any.
//!
//! # Fail
//! The organization lets the service in and has delegated it to nobody. Or it has delegated it to an account that is not
//! expected (high), or is not active.
//!
//! # Not applicable
//! The account is in no organization. The organization does not let the service in.
//!
//! # Notes
//! Only the management account and a delegated administrator can read this; anywhere else the check is not evaluated. Every
//! service is judged by itself, with all of its administrators. GuardDuty, Security Hub and CloudTrail keep lists of their own
//! beside this one: look there too.
//!
//! `expected` is written `SERVICE=ACCOUNT`, such as `guardduty.amazonaws.com=111122223333`, once for each pair.
//!
//! # Fix
//! Register the security account as the delegated administrator of the service; deregister those that nobody expects.
//!
//! # Command
//! ```sh
//! aws organizations register-delegated-administrator --account-id ACCOUNT_ID --service-principal SERVICE
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::Organization;
use probity_model::facts::organization_administration::{DelegatedAdministrator, TrustedServices};
use probity_model::facts::{OrganizationMembership, OrganizationServices};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

const SERVICES: ListParameter = ListParameter {
    name: "services",
    default: &[
        "cloudtrail.amazonaws.com",
        "config.amazonaws.com",
        "guardduty.amazonaws.com",
        "securityhub.amazonaws.com",
        "access-analyzer.amazonaws.com",
        "sso.amazonaws.com",
        "iam.amazonaws.com",
    ],
    choices: &[],
    unit: Unit::Names,
    source: "our own choice: security services that can be delegated",
};
const EXPECTED: ListParameter = ListParameter {
    name: "expected",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's choice, as SERVICE=ACCOUNT",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-delegated-service-administrators",
        family: Family::Organizations,
        title: "Security services are run from expected delegated accounts",
        severity: Severity::Medium,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(SERVICES), ParameterSpec::List(EXPECTED)],
    };
    type Facts<'s> = (&'s OrganizationMembership, &'s OrganizationServices);

    fn run((membership, services): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        let OrganizationServices::Services(services) = services else {
            return out.whole_account().unclear("the account is in an organization that does not exist");
        };
        let expected: Vec<(&str, &str)> =
            parameters.list(&EXPECTED).into_iter().filter_map(|pair| pair.split_once('=')).collect();
        for service in parameters.list(&SERVICES) {
            let of_service = expected.iter().filter(|(of, _)| of.trim() == service);
            let accounts: Vec<&str> = of_service.map(|(_, account)| account.trim()).collect();
            judge(service, &accounts, services, organization, out);
        }
    }
}

fn judge(
    service: &str,
    expected: &[&str],
    services: &TrustedServices,
    organization: &Organization,
    out: &mut Findings<'_>,
) {
    let mut subject = out.resource(organization.arn.clone()).discriminator(service).evidence("service", service);
    let administrators: Vec<&DelegatedAdministrator> =
        services.administrators.iter().filter(|one| one.services.contains_key(service)).collect();
    let named = |all: &[&DelegatedAdministrator]| -> String {
        let names = all.iter().map(|one| format!("{} ({})", one.account, one.name));
        Vec::from_iter(names).join(", ")
    };
    subject = subject.evidence(
        "delegated_administrators",
        if administrators.is_empty() { "none".into() } else { named(&administrators) },
    );
    if !expected.is_empty() {
        subject = subject.evidence("expected", expected.join(", "));
    }
    let strangers: Vec<&DelegatedAdministrator> = administrators
        .iter()
        .copied()
        .filter(|one| !expected.is_empty() && !expected.contains(&one.account.as_str()))
        .collect();
    let idle: Vec<&DelegatedAdministrator> =
        administrators.iter().copied().filter(|one| one.state != "ACTIVE").collect();
    if !strangers.is_empty() {
        return subject
            .severity(Severity::High)
            .fail(format!("the service is delegated to accounts that are not expected: {}", named(&strangers)));
    }
    if !services.enabled.contains_key(service) {
        return subject.not_applicable("the organization does not let the service in");
    }
    if administrators.is_empty() {
        return subject.fail("the service acts in the whole organization and is delegated to no account");
    }
    if !idle.is_empty() {
        return subject.fail(format!("the service is delegated to accounts that are not active: {}", named(&idle)));
    }
    subject.pass(format!("the service is run from {}", named(&administrators)));
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::OrganizationServices;
    use probity_model::facts::organization_administration::{DelegatedAdministrator, TrustedServices};
    use probity_model::{AccountId, Finding, Seen, Severity, Topic};

    use crate::organization_testing::{Policies, member_that_may_not_read};
    use crate::testing::{findings_with, outcomes, outcomes_with};

    const ID: &str = "org-delegated-service-administrators";
    const GUARDDUTY: &str = "guardduty.amazonaws.com";
    const ONLY: (&str, &str) = ("services", GUARDDUTY);

    /// An organization that lets in some services, with these administrators: the account, its state, its service.
    fn with(enabled: &[&str], administrators: &[(&str, &str, &str)]) -> Account {
        let administrators = administrators.iter().map(|(account, state, service)| DelegatedAdministrator {
            account: AccountId::try_from(*account).expect("an id"),
            name: "security".to_owned(),
            state: (*state).to_owned(),
            services: BTreeMap::from([((*service).to_owned(), None)]),
        });
        let services = TrustedServices {
            enabled: enabled.iter().map(|name| ((*name).to_owned(), None)).collect(),
            administrators: administrators.collect(),
        };
        Policies::new().account().facts(|facts| {
            facts.organization_services = Seen::Known(OrganizationServices::Services(services));
        })
    }

    fn judged(enabled: &[&str], administrators: &[(&str, &str, &str)]) -> Vec<Outcome> {
        outcomes_with(ID, &[ONLY], with(enabled, administrators))
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&[GUARDDUTY], &[("222222222222", "ACTIVE", GUARDDUTY)]), [Pass]);
        let expected = [ONLY, ("expected", "guardduty.amazonaws.com=222222222222")];
        let account = with(&[GUARDDUTY], &[("222222222222", "ACTIVE", GUARDDUTY)]);
        assert_eq!(outcomes_with(ID, &expected, account), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(judged(&[GUARDDUTY], &[]), [Fail]);
        assert_eq!(judged(&[GUARDDUTY], &[("222222222222", "SUSPENDED", GUARDDUTY)]), [Fail]);
        let expected = [ONLY, ("expected", "guardduty.amazonaws.com=333333333333")];
        let account = with(&[GUARDDUTY], &[("222222222222", "ACTIVE", GUARDDUTY)]);
        let [finding]: [Finding; 1] = findings_with(ID, &expected, account).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::High));
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(judged(&["config.amazonaws.com"], &[]), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationServices] {
            assert_eq!(outcomes(ID, with(&[GUARDDUTY], &[]).deny(topic)), [NotEvaluated], "{topic}");
        }
    }

    #[test]
    fn trap_a_plain_member_cannot_read_this_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_other_lists_are_to_be_looked_at_too() {
        let header = std::format!("{:?}", crate::registry::find(ID).expect("the check").docs);
        assert!(header.contains("keep lists of their own"), "{header}");
    }

    #[test]
    fn trap_every_service_has_a_verdict_of_its_own_and_all_administrators_count() {
        let both = [ONLY, ("expected", "guardduty.amazonaws.com=333333333333")];
        let two = with(&[GUARDDUTY], &[("222222222222", "ACTIVE", GUARDDUTY), ("333333333333", "ACTIVE", GUARDDUTY)]);
        assert_eq!(outcomes_with(ID, &both, two), [Fail], "the last one in the list does not decide");
        let services = [("services", "guardduty.amazonaws.com,config.amazonaws.com")];
        let one = with(&[GUARDDUTY, "config.amazonaws.com"], &[("222222222222", "ACTIVE", GUARDDUTY)]);
        assert_eq!(outcomes_with(ID, &services, one), [Fail, Pass]);
    }
}
