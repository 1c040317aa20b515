//! IAM Identity Center asks for a second factor at every sign-in.
//!
//! # Why
//! Whoever signs in there reaches every account he is assigned to. A password alone is one phishing mail away from somebody
//! else.
//!
//! # Pass
//! A person confirms that the second factor is asked for every time, and that users without a device must register one when
//! they sign in; or that the external identity provider demands one.
//!
//! # Fail
//! A person finds that it is asked for only now and then, or never.
//!
//! # Not applicable
//! The account sees no instance of IAM Identity Center.
//!
//! # Notes
//! No API tells these settings, nor which devices users have: a person must look, in the console under Settings,
//! Authentication. With an external identity provider the setting does not count: look at the provider's.
//!
//! # Fix
//! In the settings of IAM Identity Center, prompt for MFA every time they sign in, and require users without a device to
//! register one.

use alloc::format;

use probity_model::facts::IdentityCenterInstances;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "identity-center-mfa-required",
        family: Family::Federation,
        title: "Identity Center prompts for MFA at every sign-in",
        severity: Severity::High,
        scope: Scope::Organization,
        resource: ResourceKind::IdentityCenter,
        automation: Automation::Manual,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s IdentityCenterInstances;

    fn run(instances: &IdentityCenterInstances, _: &Parameters, out: &mut Findings<'_>) {
        if instances.instances.is_empty() {
            return out.whole_account().not_applicable("the account sees no instance of IAM Identity Center");
        }
        for instance in &instances.instances {
            let region = &instance.region;
            out.resource(instance.arn.clone())
                .evidence("Region", region)
                .evidence("OwnerAccountId", instance.owner.as_deref().unwrap_or("unknown"))
                .manual(format!(
                    "see in the settings of IAM Identity Center in {region} that MFA is asked for every time and that users \
                     without a device must register one; with an external identity provider, see that it demands MFA"
                ));
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Manual, NotApplicable, NotEvaluated};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::permission_sets::testing::with;
    use crate::testing::{findings, outcomes};

    const ID: &str = "identity-center-mfa-required";

    #[test]
    fn trap_no_api_tells_so_that_a_person_must_look() {
        assert_eq!(outcomes(ID, with(&[])), [Manual]);
    }

    #[test]
    fn trap_with_an_external_provider_its_setting_counts() {
        let [finding] = findings(ID, with(&[])).try_into().expect("one finding");
        assert!(finding.message.contains("external identity provider"), "{}", finding.message);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(&[]).deny(Topic::IdentityCenterInstances)), [NotEvaluated]);
    }
}
