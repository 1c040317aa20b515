//! The password policy asks for passwords of a minimum length.
//!
//! # Why
//! Length is what keeps a password from being guessed: each further character multiplies the attempts, more than any rule
//! about what the characters are.
//!
//! # Pass
//! The minimum length of the password policy is `min_length` or more.
//!
//! # Fail
//! The minimum length is less, or the account has no password policy of its own.
//!
//! # Not applicable
//! No IAM user has a console password. The policy does not govern the root user, nor users of Identity Center.
//!
//! # Notes
//! The policy counts when a password is set: one that was set earlier and is shorter stays valid until it is changed.
//! Without a policy of its own the account has the default of AWS, 8 characters, and that is a failure even where
//! `min_length` is 8 or less: nobody has decided it.
//!
//! # Fix
//! Raise the minimum length, and have people change passwords older than the new policy.
//! Each update replaces the whole policy: every setting left out of the
//! command goes back to its default, so always send all of them.
//!
//! # Command
//! ```sh
//! aws iam update-account-password-policy --minimum-password-length 14 \
//!   --require-uppercase-characters --require-lowercase-characters --require-numbers --require-symbols \
//!   --allow-users-to-change-password --password-reuse-prevention 24 --max-password-age 90 --no-hard-expiry
//! ```

use alloc::borrow::ToOwned;
use alloc::format;

use probity_model::facts::{CredentialReport, PasswordPolicy};
use probity_model::{
    Automation, Family, Findings, Gap, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::console_passwords::{Verdict, conclude};

/// The least number of characters that the policy may allow; AWS takes 6 to 128.
const MIN_LENGTH: NumberParameter = NumberParameter {
    name: "min_length",
    default: 14,
    min: 6,
    max: 128,
    unit: Unit::Characters,
    source: "CIS AWS Foundations Benchmark: 14. Security Hub IAM.7: 8. PCI DSS 8.3.6: 12, or 8 where 12 cannot be had",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "password-policy-min-length",
        family: Family::PasswordPolicy,
        title: "Minimum password length",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MIN_LENGTH)],
    };
    type Facts<'s> = (&'s PasswordPolicy, Result<&'s CredentialReport, &'s Gap>);

    fn run((policy, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let wanted = parameters.number(&MIN_LENGTH);
        let account = out.whole_account();
        let PasswordPolicy::Custom(rules) = policy else {
            let message = format!(
                "the account has no password policy of its own, so the default of AWS with 8 characters applies; a \
                 policy with {wanted} or more is wanted"
            );
            return conclude(account.evidence("password_policy", "none"), report, Verdict::Fail(message));
        };
        let Some(length) = rules.minimum_length else {
            let message = "the password policy does not say its minimum length".to_owned();
            return conclude(account, report, Verdict::Unclear(message));
        };
        let verdict = if length >= wanted {
            Verdict::Pass(format!(
                "passwords need {length} characters; {wanted} are wanted. Passwords set earlier stay valid until changed"
            ))
        } else {
            Verdict::Fail(format!("passwords need only {length} characters; {wanted} are wanted"))
        };
        conclude(account.evidence("MinimumPasswordLength", length), report, verdict);
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;
    use probity_model::facts::password_policy::PasswordRules;

    use crate::console_passwords::testing::{custom_policy, default_policy, policy_for_nobody};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "password-policy-min-length";

    fn rules(length: u32) -> PasswordRules {
        PasswordRules { minimum_length: Some(length), ..PasswordRules::default() }
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, custom_policy(rules(14))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, custom_policy(rules(13))), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, custom_policy(rules(14)).deny(Topic::PasswordPolicy)), [NotEvaluated]);
    }

    #[test]
    fn not_evaluated_without_a_length_in_the_answer() {
        assert_eq!(outcomes(ID, custom_policy(PasswordRules::default())), [NotEvaluated]);
        let denied = custom_policy(PasswordRules::default()).deny(Topic::CredentialReport);
        assert_eq!(outcomes(ID, denied), [NotEvaluated]);
    }

    #[test]
    fn not_applicable_without_console_passwords_and_still_says_the_length() {
        let finding = findings(ID, policy_for_nobody(rules(9))).remove(0);
        assert_eq!(finding.outcome, NotApplicable);
        assert!(finding.message.contains("only 9 characters"), "{}", finding.message);
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn without_the_credential_report_only_a_long_minimum_is_judged() {
        assert_eq!(outcomes(ID, custom_policy(rules(14)).deny(Topic::CredentialReport)), [Pass]);
        assert_eq!(outcomes(ID, custom_policy(rules(13)).deny(Topic::CredentialReport)), [NotEvaluated]);
    }

    #[test]
    fn the_parameter_is_the_least_length_that_passes() {
        for (wanted, outcome) in [("11", Pass), ("12", Pass), ("13", Fail)] {
            assert_eq!(outcomes_with(ID, &[("min_length", wanted)], custom_policy(rules(12))), [outcome], "{wanted}");
        }
    }

    #[test]
    fn trap_no_custom_policy_is_a_finding_about_the_default_of_aws() {
        let finding = findings(ID, default_policy()).remove(0);
        assert_eq!((finding.outcome, finding.gap), (Fail, None));
        assert!(finding.message.contains("the default of AWS with 8 characters applies"), "{}", finding.message);
        assert_eq!(outcomes_with(ID, &[("min_length", "8")], default_policy()), [Fail]);
    }

    #[test]
    fn trap_existing_shorter_passwords_stay_valid_and_the_verdict_says_so() {
        let long_ago =
            custom_policy(rules(14)).user("ben", |user| user.console_password().password_changed_days_ago(900));
        let finding = findings(ID, long_ago).remove(0);
        assert_eq!(finding.outcome, Pass);
        assert!(finding.message.contains("Passwords set earlier stay valid until changed"), "{}", finding.message);
    }
}
