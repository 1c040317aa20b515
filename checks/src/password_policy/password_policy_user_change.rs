//! Users may change their own password, and are not locked out when it expires, as the house rule says.
//!
//! # Why
//! Somebody who suspects that a password is known must be able to change it at once, without an administrator. A hard expiry
//! takes that away: whoever misses the day is locked out, and administrators set new passwords by hand.
//!
//! # Pass
//! `AllowUsersToChangePassword` is what `users_may_change` says, and `HardExpiry` what `hard_expiry` says.
//!
//! # Fail
//! One of them is not.
//!
//! # Not applicable
//! No IAM user has a console password.
//!
//! # Notes
//! Under the default of AWS, which applies without a policy of the account's own, the policy lets nobody change passwords
//! and none expire. A user whose own policies allow `iam:ChangePassword` may do so whatever the password policy says; this
//! is not considered.
//!
//! A hard expiry has no effect while passwords do not expire.
//!
//! # Fix
//! Let users change their own password, and turn hard expiry off.
//!
//! # Command
//! ```sh
//! aws iam update-account-password-policy --minimum-password-length 14 \
//!   --require-uppercase-characters --require-lowercase-characters --require-numbers --require-symbols \
//!   --allow-users-to-change-password --password-reuse-prevention 24 --max-password-age 90 --no-hard-expiry
//! ```

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use probity_model::facts::{CredentialReport, PasswordPolicy};
use probity_model::{
    Automation, Family, Findings, FlagParameter, Gap, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity,
};

use crate::console_passwords::{Verdict, conclude};

const USERS_MAY_CHANGE: FlagParameter = FlagParameter {
    name: "users_may_change",
    default: true,
    source: "IAM User Guide, \"Permit IAM users to change their own passwords\"",
};

const HARD_EXPIRY: FlagParameter = FlagParameter {
    name: "hard_expiry",
    default: false,
    source: "our own choice: a lockout costs more than it brings where users may change their password",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "password-policy-user-change",
        family: Family::PasswordPolicy,
        title: "Users may change their password, and expiry does not lock them out",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(USERS_MAY_CHANGE), ParameterSpec::Flag(HARD_EXPIRY)],
    };
    type Facts<'s> = (&'s PasswordPolicy, Result<&'s CredentialReport, &'s Gap>);

    fn run((policy, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let wanted = (parameters.flag(&USERS_MAY_CHANGE), parameters.flag(&HARD_EXPIRY));
        let subject = out.whole_account();
        let (subject, may_change, hard) = match policy {
            PasswordPolicy::AwsDefault => (subject.evidence("password_policy", "none"), false, Some(false)),
            PasswordPolicy::Custom(rules) => {
                let hard = if rules.expire { rules.hard_expiry } else { Some(false) };
                let subject = subject
                    .evidence("AllowUsersToChangePassword", rules.allow_users_to_change)
                    .evidence("ExpirePasswords", rules.expire);
                (subject, rules.allow_users_to_change, hard)
            }
        };
        let subject = match hard {
            Some(hard) => subject.evidence("HardExpiry", hard),
            None => subject,
        };
        let mut wrong = Vec::new();
        if may_change != wanted.0 {
            let is = if may_change { "may" } else { "may not" };
            wrong.push(format!("users {is} change their own password by the password policy"));
        }
        if hard.is_some_and(|hard| hard != wanted.1) {
            let is = if wanted.1 { "does not lock users out" } else { "locks users out" };
            wrong.push(format!("an expired password {is}"));
        }
        let verdict = match (wrong.is_empty(), hard) {
            (false, _) => Verdict::Fail(wrong.join("; ")),
            (true, None) => Verdict::Unclear("the password policy does not say whether expiry is hard".to_string()),
            (true, Some(_)) => Verdict::Pass("the password policy is as the house rule says".to_string()),
        };
        conclude(subject, report, verdict);
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::facts::password_policy::PasswordRules;

    use crate::console_passwords::testing::{custom_policy, default_policy, policy_for_nobody};
    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "password-policy-user-change";

    fn rules(allow_users_to_change: bool, hard_expiry: Option<bool>) -> PasswordRules {
        PasswordRules { allow_users_to_change, expire: true, hard_expiry, ..PasswordRules::default() }
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, custom_policy(rules(true, Some(false)))), [Pass]);
        let house = [("users_may_change", "false"), ("hard_expiry", "true")];
        assert_eq!(outcomes_with(ID, &house, custom_policy(rules(false, Some(true)))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, custom_policy(rules(false, Some(false)))), [Fail]);
        assert_eq!(outcomes(ID, custom_policy(rules(true, Some(true)))), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, default_policy().deny(Topic::PasswordPolicy)), [NotEvaluated]);
        assert_eq!(outcomes(ID, custom_policy(rules(true, None))), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, policy_for_nobody(rules(false, Some(false)))), [NotApplicable]);
    }

    #[test]
    fn trap_the_default_of_aws_lets_nobody_change_passwords() {
        assert_eq!(outcomes(ID, default_policy()), [Fail]);
    }

    #[test]
    fn trap_hard_expiry_has_no_effect_while_nothing_expires() {
        let rules = PasswordRules { expire: false, ..rules(true, Some(true)) };
        assert_eq!(outcomes(ID, custom_policy(rules)), [Pass]);
        let unsaid = PasswordRules { expire: false, ..self::rules(true, None) };
        assert_eq!(outcomes(ID, custom_policy(unsaid)), [Pass]);
    }
}
