//! The password policy keeps people from using a recent password again.
//!
//! # Why
//! A password that was changed because it may be known is worth nothing if its owner can go straight back to it.
//!
//! # Pass
//! The password policy remembers `min_remembered` or more earlier passwords.
//!
//! # Fail
//! It remembers fewer, or none, or the account has no password policy of its own.
//!
//! # Not applicable
//! No IAM user has a console password. The policy does not govern the root user, nor users of Identity Center.
//!
//! # Notes
//! AWS leaves the setting out of its answer where it is off, and so does its default policy: both remember no password.
//!
//! # Fix
//! Let the policy remember 24 passwords, the most that AWS takes.
//! Each update replaces the whole policy: every setting left out of the
//! command goes back to its default, so always send all of them.
//!
//! # Command
//! ```sh
//! aws iam update-account-password-policy --minimum-password-length 14 \
//!   --require-uppercase-characters --require-lowercase-characters --require-numbers --require-symbols \
//!   --allow-users-to-change-password --password-reuse-prevention 24 --max-password-age 90 --no-hard-expiry
//! ```

use alloc::format;

use probity_model::facts::{CredentialReport, PasswordPolicy};
use probity_model::{
    Automation, Family, Findings, Gap, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::console_passwords::{Verdict, conclude};

/// The least number of earlier passwords that the policy must refuse; AWS takes 1 to 24.
const MIN_REMEMBERED: NumberParameter = NumberParameter {
    name: "min_remembered",
    default: 24,
    min: 1,
    max: 24,
    unit: Unit::Passwords,
    source: "CIS AWS Foundations Benchmark and AWS Security Hub IAM.16: 24. PCI DSS 8.3.7: 4",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "password-policy-reuse-prevention",
        family: Family::PasswordPolicy,
        title: "Recent passwords cannot be reused",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MIN_REMEMBERED)],
    };
    type Facts<'s> = (&'s PasswordPolicy, Result<&'s CredentialReport, &'s Gap>);

    fn run((policy, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let wanted = parameters.number(&MIN_REMEMBERED);
        let account = out.whole_account();
        let PasswordPolicy::Custom(rules) = policy else {
            let message = format!(
                "the account has no password policy of its own, and the default of AWS remembers no earlier password; \
                 {wanted} are wanted"
            );
            return conclude(account.evidence("password_policy", "none"), report, Verdict::Fail(message));
        };
        let remembered = rules.reuse_prevention.unwrap_or(0);
        let account = match rules.reuse_prevention {
            Some(count) => account.evidence("PasswordReusePrevention", count),
            None => account.evidence("PasswordReusePrevention", "absent"),
        };
        let verdict = match remembered {
            0 => Verdict::Fail(format!("no earlier password is remembered; {wanted} are wanted")),
            _ if remembered < wanted => {
                Verdict::Fail(format!("only {remembered} earlier passwords are remembered; {wanted} are wanted"))
            }
            _ => Verdict::Pass(format!("{remembered} earlier passwords are remembered; {wanted} are wanted")),
        };
        conclude(account, report, verdict);
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::facts::password_policy::PasswordRules;

    use crate::console_passwords::testing::{custom_policy, default_policy, policy_for_nobody};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "password-policy-reuse-prevention";

    fn rules(remembered: u32) -> PasswordRules {
        PasswordRules { reuse_prevention: Some(remembered), ..PasswordRules::default() }
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, custom_policy(rules(24))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, custom_policy(rules(23))), [Fail]);
        assert_eq!(outcomes(ID, default_policy()), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, custom_policy(rules(24)).deny(Topic::PasswordPolicy)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable_without_console_passwords() {
        assert_eq!(outcomes(ID, policy_for_nobody(rules(1))), [NotApplicable]);
    }

    #[test]
    fn without_the_credential_report_only_a_good_policy_is_judged() {
        assert_eq!(outcomes(ID, custom_policy(rules(24)).deny(Topic::CredentialReport)), [Pass]);
        assert_eq!(outcomes(ID, custom_policy(rules(23)).deny(Topic::CredentialReport)), [NotEvaluated]);
    }

    #[test]
    fn the_parameter_is_the_least_number_that_passes() {
        for (wanted, outcome) in [("3", Pass), ("4", Pass), ("5", Fail)] {
            assert_eq!(
                outcomes_with(ID, &[("min_remembered", wanted)], custom_policy(rules(4))),
                [outcome],
                "{wanted}"
            );
        }
    }

    #[test]
    fn trap_an_absent_setting_remembers_nothing() {
        for (given, shown) in [(None, "absent"), (Some(0), "0")] {
            let policy = custom_policy(PasswordRules { reuse_prevention: given, ..PasswordRules::default() });
            let finding = findings(ID, policy).remove(0);
            assert_eq!(finding.outcome, Fail);
            assert!(finding.message.contains("no earlier password is remembered"), "{}", finding.message);
            let evidence = finding.evidence.iter().find(|item| item.key == "PasswordReusePrevention");
            assert_eq!(evidence.map(|item| item.value.as_str()), Some(shown));
        }
        let least = custom_policy(PasswordRules::default());
        assert_eq!(outcomes_with(ID, &[("min_remembered", "1")], least), [Fail]);
    }
}
