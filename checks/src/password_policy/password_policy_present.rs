//! The account has a password policy of its own.
//!
//! # Why
//! Without one, AWS applies its default: eight characters out of three of four classes, without expiry and without memory of
//! earlier passwords. That is less than most standards ask, and it says that nobody has decided.
//!
//! # Pass
//! The account has set a password policy.
//!
//! # Fail
//! The account has not set one, and the default of AWS applies.
//!
//! # Not applicable
//! No IAM user has a console password. The policy does not govern the root user, nor users of Identity Center.
//!
//! # Notes
//! Whether the policy is good enough is the matter of the other checks of this family. The credential report, from which the
//! users are known, can be four hours old.
//!
//! # Fix
//! Set a password policy, or move people to Identity Center and delete their login profiles. Each update replaces the whole
//! policy: every setting left out of the command goes back to its default, so always send all of them.
//!
//! # Command
//! ```sh
//! aws iam update-account-password-policy --minimum-password-length 14 \
//!   --require-uppercase-characters --require-lowercase-characters --require-numbers --require-symbols \
//!   --allow-users-to-change-password --password-reuse-prevention 24 --max-password-age 90 --no-hard-expiry
//! ```

use alloc::borrow::ToOwned;

use probity_model::facts::{CredentialReport, PasswordPolicy};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::console_passwords::{Verdict, conclude};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "password-policy-present",
        family: Family::PasswordPolicy,
        title: "A custom account password policy exists",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s PasswordPolicy, Result<&'s CredentialReport, &'s Gap>);

    fn run((policy, report): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let account = out.whole_account();
        match policy {
            PasswordPolicy::Custom(_) => {
                let message = "the account has a password policy of its own";
                conclude(account.evidence("password_policy", "custom"), report, Verdict::Pass(message.to_owned()));
            }
            PasswordPolicy::AwsDefault => {
                let message = "the account has no password policy of its own, so the default of AWS applies: 8 \
                               characters out of three of four classes";
                conclude(account.evidence("password_policy", "none"), report, Verdict::Fail(message.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::credential_report::Cell;
    use probity_model::facts::password_policy::PasswordRules;
    use probity_model::{Family, Topic};

    use crate::console_passwords::testing::{custom_policy, default_policy};
    use crate::registry::CHECKS;
    use crate::testing::{findings, outcomes};

    const ID: &str = "password-policy-present";

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, custom_policy(PasswordRules::default())), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, default_policy()), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, custom_policy(PasswordRules::default()).deny(Topic::PasswordPolicy)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable_without_console_passwords() {
        let keys_only = Account::new().user("robot", |user| user.key(1, |key| key));
        assert_eq!(outcomes(ID, keys_only), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated_where_nobody_knows_whether_it_applies() {
        assert_eq!(outcomes(ID, default_policy().deny(Topic::CredentialReport)), [NotEvaluated]);
        for cell in [Cell::NoColumn, Cell::Unreadable("maybe".into()), Cell::NotSupported] {
            let unreadable = Account::new().user("anna", |mut user| {
                user.row.password_enabled = cell;
                user
            });
            assert_eq!(outcomes(ID, unreadable), [NotEvaluated]);
        }
    }

    /// With a user or without, the policy is there.
    #[test]
    fn a_policy_passes_without_the_credential_report() {
        assert_eq!(outcomes(ID, custom_policy(PasswordRules::default()).deny(Topic::CredentialReport)), [Pass]);
    }

    #[test]
    fn one_password_is_enough_where_another_users_cell_is_unreadable() {
        let account = default_policy().user("ben", |mut user| {
            user.row.password_enabled = Cell::NoColumn;
            user
        });
        assert_eq!(outcomes(ID, account), [Fail]);
    }

    #[test]
    fn trap_no_custom_policy_means_the_default_of_aws() {
        let finding = findings(ID, default_policy()).remove(0);
        assert_eq!((finding.outcome, finding.gap), (Fail, None));
        assert!(finding.message.contains("8 characters out of three of four classes"), "{}", finding.message);
    }

    #[test]
    fn trap_every_command_of_the_family_sends_every_setting() {
        const SETTINGS: [&str; 9] = [
            "--minimum-password-length ",
            "--require-uppercase-characters",
            "--require-lowercase-characters",
            "--require-numbers",
            "--require-symbols",
            "--allow-users-to-change-password",
            "--password-reuse-prevention ",
            "--max-password-age ",
            "--no-hard-expiry",
        ];
        let family = CHECKS.iter().filter(|entry| entry.meta.family == Family::PasswordPolicy);
        for (check, setting) in family.flat_map(|check| SETTINGS.map(|setting| (check, setting))) {
            assert!(check.docs.command.contains(setting), "{}: {setting}", check.meta.id);
        }
    }
}
