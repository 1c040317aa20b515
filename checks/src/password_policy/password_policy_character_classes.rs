//! The password policy asks for characters of every class that is wanted.
//!
//! # Why
//! A password of one class is found sooner by whoever guesses. Several standards ask for all four: upper case, lower case,
//! digits and symbols.
//!
//! # Pass
//! The password policy requires every class of `required_classes`.
//!
//! # Fail
//! It does not require one of them, or the account has no password policy of its own.
//!
//! # Not applicable
//! No IAM user has a console password. The policy does not govern the root user, nor users of Identity Center.
//!
//! # Notes
//! NIST SP 800-63B speaks against rules about composition, since people answer them with predictable patterns; so the
//! severity is low and the classes can be chosen. With none, any policy of the account's own passes. The default of AWS asks
//! for three of four classes, whichever they are, and so requires none of them.
//!
//! # Fix
//! Turn on the four settings, or decide for length alone and set `required_classes` accordingly.
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
use alloc::vec::Vec;

use probity_model::facts::password_policy::PasswordRules;
use probity_model::facts::{CredentialReport, PasswordPolicy};
use probity_model::{
    Automation, Family, Findings, Gap, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::console_passwords::{Verdict, conclude};

/// The classes that the policy must require.
const REQUIRED_CLASSES: ListParameter = ListParameter {
    name: "required_classes",
    default: &["upper", "lower", "number", "symbol"],
    choices: &["upper", "lower", "number", "symbol"],
    unit: Unit::Words,
    source: "AWS Security Hub IAM.7 and IAM.11 to IAM.14; the CIS benchmarks dropped them after 1.2",
};

/// A class of characters.
struct Class {
    word: &'static str,
    name: &'static str,
    field: &'static str,
    required: fn(&PasswordRules) -> bool,
}

const CLASSES: [Class; 4] = [
    Class {
        word: "upper",
        name: "upper-case letters",
        field: "RequireUppercaseCharacters",
        required: |rules| rules.require_uppercase,
    },
    Class {
        word: "lower",
        name: "lower-case letters",
        field: "RequireLowercaseCharacters",
        required: |rules| rules.require_lowercase,
    },
    Class { word: "number", name: "digits", field: "RequireNumbers", required: |rules| rules.require_numbers },
    Class { word: "symbol", name: "symbols", field: "RequireSymbols", required: |rules| rules.require_symbols },
];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "password-policy-character-classes",
        family: Family::PasswordPolicy,
        title: "All four character classes are required",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(REQUIRED_CLASSES)],
    };
    type Facts<'s> = (&'s PasswordPolicy, Result<&'s CredentialReport, &'s Gap>);

    fn run((policy, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let words = parameters.list(&REQUIRED_CLASSES);
        let account = out.whole_account();
        let PasswordPolicy::Custom(rules) = policy else {
            let message = "the account has no password policy of its own, and the default of AWS asks for three of \
                           four classes without requiring any one of them";
            return conclude(account.evidence("password_policy", "none"), report, Verdict::Fail(message.to_owned()));
        };
        let account =
            CLASSES.iter().fold(account, |account, class| account.evidence(class.field, (class.required)(rules)));
        let wanted: Vec<_> = CLASSES.iter().filter(|class| words.contains(&class.word)).collect();
        let missing: Vec<_> = wanted.iter().filter(|class| !(class.required)(rules)).map(|class| class.name).collect();
        let verdict = match (wanted.len(), missing.len()) {
            (0, _) => {
                Verdict::Pass("the account has a password policy, and no class of characters is wanted".to_owned())
            }
            (1, 0) => Verdict::Pass("the one class of characters that is wanted is required".to_owned()),
            (all, 0) => Verdict::Pass(format!("all {all} classes of characters that are wanted are required")),
            _ => Verdict::Fail(format!("passwords do not need {}", missing.join(", "))),
        };
        conclude(account, report, verdict);
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::facts::password_policy::PasswordRules;
    use probity_model::{Severity, Topic};

    use crate::console_passwords::testing::{custom_policy, default_policy, policy_for_nobody};
    use crate::registry;
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "password-policy-character-classes";

    fn all() -> PasswordRules {
        PasswordRules {
            require_uppercase: true,
            require_lowercase: true,
            require_numbers: true,
            require_symbols: true,
            ..PasswordRules::default()
        }
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, custom_policy(all())), [Pass]);
    }

    #[test]
    fn fail_for_each_class_that_is_off() {
        for (rules, name) in [
            (PasswordRules { require_uppercase: false, ..all() }, "upper-case letters"),
            (PasswordRules { require_lowercase: false, ..all() }, "lower-case letters"),
            (PasswordRules { require_numbers: false, ..all() }, "digits"),
            (PasswordRules { require_symbols: false, ..all() }, "symbols"),
        ] {
            let finding = findings(ID, custom_policy(rules)).remove(0);
            assert_eq!(finding.outcome, Fail);
            assert_eq!(finding.message, std::format!("passwords do not need {name}"));
        }
    }

    #[test]
    fn fail_without_a_policy() {
        assert_eq!(outcomes(ID, default_policy()), [Fail]);
        assert_eq!(outcomes_with(ID, &[("required_classes", "lower")], default_policy()), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, custom_policy(all()).deny(Topic::PasswordPolicy)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable_without_console_passwords() {
        assert_eq!(outcomes(ID, policy_for_nobody(PasswordRules::default())), [NotApplicable]);
    }

    #[test]
    fn without_the_credential_report_only_a_good_policy_is_judged() {
        assert_eq!(outcomes(ID, custom_policy(all()).deny(Topic::CredentialReport)), [Pass]);
        let weak = custom_policy(PasswordRules::default()).deny(Topic::CredentialReport);
        assert_eq!(outcomes(ID, weak), [NotEvaluated]);
    }

    #[test]
    fn trap_composition_rules_are_of_low_severity_and_can_be_chosen() {
        assert_eq!(registry::find(ID).expect("the check exists").meta.severity, Severity::Low);
        let letters = PasswordRules { require_uppercase: true, require_lowercase: true, ..PasswordRules::default() };
        let judged = |classes| outcomes_with(ID, &[("required_classes", classes)], custom_policy(letters.clone()));
        assert_eq!(judged("upper,lower"), [Pass]);
        assert_eq!(judged("lower"), [Pass]);
        assert_eq!(judged("upper,lower,number"), [Fail]);
        let length_only = custom_policy(PasswordRules::default());
        assert_eq!(outcomes_with(ID, &[("required_classes", "")], length_only), [Pass]);
    }
}
