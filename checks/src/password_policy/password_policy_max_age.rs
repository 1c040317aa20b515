//! The password policy lets passwords expire.
//!
//! # Why
//! A password that leaked unnoticed works until it is changed. Standards that still ask for expiry bound that time.
//!
//! # Pass
//! Passwords expire, after `max_age_days` or sooner.
//!
//! # Fail
//! Passwords do not expire, or later than that, or the account has no password policy of its own.
//!
//! # Not applicable
//! No IAM user has a console password. The policy does not govern the root user, nor users of Identity Center.
//!
//! # Notes
//! Recent guidance (NIST SP 800-63B) speaks against forced expiry, and no CIS benchmark since 1.5 asks for it; the check
//! answers those who must keep it. Hard expiry locks out whoever lets a password expire until an administrator sets a new
//! one; where every administrator signs in with a password, that can be everybody. The verdict says whether it is on.
//!
//! # Fix
//! Set the greatest age where a standard of yours asks for it; a second factor or federation does more. Leave hard expiry off
//! unless somebody without a password of this account can reset them.
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

use probity_model::facts::password_policy::PasswordRules;
use probity_model::facts::{CredentialReport, PasswordPolicy};
use probity_model::{
    Automation, Family, Findings, Gap, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::console_passwords::{Verdict, conclude};

/// The greatest age the policy may allow; AWS takes 1 to 1095 days.
const MAX_AGE_DAYS: NumberParameter = NumberParameter {
    name: "max_age_days",
    default: 90,
    min: 1,
    max: 1095,
    unit: Unit::Days,
    source: "AWS Security Hub IAM.17 and PCI DSS 8.3.9: 90. The CIS benchmarks since 1.5 do not ask for it",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "password-policy-max-age",
        family: Family::PasswordPolicy,
        title: "Passwords expire within the limit",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_AGE_DAYS)],
    };
    type Facts<'s> = (&'s PasswordPolicy, Result<&'s CredentialReport, &'s Gap>);

    fn run((policy, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let limit = parameters.number(&MAX_AGE_DAYS);
        let mut account = out.whole_account();
        let PasswordPolicy::Custom(rules) = policy else {
            let message = format!(
                "the account has no password policy of its own, and under the default of AWS passwords never expire; \
                 they must after {limit} days"
            );
            return conclude(account.evidence("password_policy", "none"), report, Verdict::Fail(message));
        };
        account = account.evidence("ExpirePasswords", rules.expire);
        if let Some(days) = rules.maximum_age_days {
            account = account.evidence("MaxPasswordAge", days);
        }
        if let Some(hard) = rules.hard_expiry {
            account = account.evidence("HardExpiry", hard);
        }
        conclude(account, report, verdict(rules, limit));
    }
}

fn verdict(rules: &PasswordRules, limit: u32) -> Verdict {
    let lock_out = if rules.hard_expiry == Some(true) {
        "; hard expiry is on, so whoever lets a password expire is locked out until an administrator sets a new one"
    } else {
        ""
    };
    match (rules.expire, rules.maximum_age_days) {
        (false, _) | (true, Some(0)) => Verdict::Fail(format!("passwords never expire; they must after {limit} days")),
        (true, None) => {
            Verdict::Unclear("the password policy says that passwords expire, and not after how many days".to_owned())
        }
        (true, Some(days)) if days <= limit => {
            Verdict::Pass(format!("passwords expire after {days} days; {limit} are allowed{lock_out}"))
        }
        (true, Some(days)) => {
            Verdict::Fail(format!("passwords expire after {days} days; only {limit} are allowed{lock_out}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::facts::password_policy::PasswordRules;

    use crate::FRAMEWORKS;
    use crate::console_passwords::testing::{custom_policy, default_policy, policy_for_nobody};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "password-policy-max-age";

    fn rules(days: u32) -> PasswordRules {
        PasswordRules { expire: true, maximum_age_days: Some(days), ..PasswordRules::default() }
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, custom_policy(rules(90))), [Pass]);
        assert_eq!(outcomes(ID, custom_policy(rules(1))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, custom_policy(rules(91))), [Fail]);
        assert_eq!(outcomes(ID, default_policy()), [Fail]);
    }

    #[test]
    fn passwords_that_never_expire_fail_whatever_age_stands_there() {
        assert_eq!(outcomes(ID, custom_policy(PasswordRules::default())), [Fail]);
        assert_eq!(outcomes(ID, custom_policy(PasswordRules { expire: false, ..rules(30) })), [Fail]);
        assert_eq!(outcomes(ID, custom_policy(rules(0))), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, custom_policy(rules(90)).deny(Topic::PasswordPolicy)), [NotEvaluated]);
    }

    #[test]
    fn not_evaluated_where_passwords_expire_nobody_knows_when() {
        let without_age = PasswordRules { expire: true, ..PasswordRules::default() };
        assert_eq!(outcomes(ID, custom_policy(without_age)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable_without_console_passwords() {
        assert_eq!(outcomes(ID, policy_for_nobody(rules(365))), [NotApplicable]);
    }

    #[test]
    fn without_the_credential_report_only_a_good_policy_is_judged() {
        assert_eq!(outcomes(ID, custom_policy(rules(90)).deny(Topic::CredentialReport)), [Pass]);
        assert_eq!(outcomes(ID, custom_policy(rules(91)).deny(Topic::CredentialReport)), [NotEvaluated]);
    }

    #[test]
    fn the_parameter_is_the_greatest_age_that_passes() {
        for (limit, outcome) in [("59", Fail), ("60", Pass), ("61", Pass)] {
            assert_eq!(outcomes_with(ID, &[("max_age_days", limit)], custom_policy(rules(60))), [outcome], "{limit}");
        }
    }

    #[test]
    fn trap_hard_expiry_is_reported_beside_the_verdict() {
        for (days, outcome) in [(90, Pass), (91, Fail)] {
            for (hard, said) in [(Some(true), true), (Some(false), false), (None, false)] {
                let policy = custom_policy(PasswordRules { hard_expiry: hard, ..rules(days) });
                let finding = findings(ID, policy).remove(0);
                assert_eq!(finding.outcome, outcome);
                assert_eq!(finding.message.contains("locked out"), said, "{hard:?}: {}", finding.message);
                assert_eq!(finding.evidence.iter().any(|item| item.key == "HardExpiry"), hard.is_some());
            }
        }
    }

    #[test]
    fn trap_no_cis_benchmark_brings_forced_expiry() {
        let cis = FRAMEWORKS.iter().filter(|framework| framework.id.starts_with("cis-"));
        for control in cis.flat_map(|framework| framework.controls) {
            assert!(!control.checks.contains(&ID) && !control.proposed.contains(&ID), "{}", control.id);
        }
    }
}
