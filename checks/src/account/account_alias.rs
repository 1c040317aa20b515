//! The account has an alias, or has none, as the house rule says.
//!
//! # Why
//! An alias makes the address of the sign-in page one that people can tell from a forged one, and names the account in
//! reports. It also tells outsiders that the account exists and whose it is; some organizations want none for that reason.
//!
//! # Pass
//! There is an alias, and `expected` is `present`; or there is none, and `expected` is `absent`.
//!
//! # Fail
//! It is the other way round.
//!
//! # Notes
//! An account has at most one alias, and it is unique in its partition. Neither CIS nor AWS asks for one: whether it is
//! wanted is a choice, and the finding is for information.
//!
//! # Fix
//! Create the alias, or delete it.
//!
//! # Command
//! ```sh
//! aws iam create-account-alias --account-alias ALIAS
//! ```

use alloc::format;

use probity_model::facts::AccountAlias;
use probity_model::{
    Automation, ChoiceParameter, Family, Findings, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
};

const EXPECTED: ChoiceParameter = ChoiceParameter {
    name: "expected",
    default: "present",
    choices: &["present", "absent"],
    source: "our own choice: people recognize a sign-in page by its name",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "account-alias",
        family: Family::Account,
        title: "The account alias is as the house rule says",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Choice(EXPECTED)],
    };
    type Facts<'s> = &'s AccountAlias;

    fn run(fact: &AccountAlias, parameters: &Parameters, out: &mut Findings<'_>) {
        let expected = parameters.choice(&EXPECTED);
        let alias = fact.alias.as_deref();
        let subject =
            out.whole_account().evidence("AccountAlias", alias.unwrap_or("none")).evidence(EXPECTED.name, expected);
        match (alias, expected) {
            (Some(alias), "absent") => subject.fail(format!("the account has the alias {alias}, and is to have none")),
            (None, "absent") => subject.pass("the account has no alias"),
            (Some(alias), _) => subject.pass(format!("the account has the alias {alias}")),
            (None, _) => subject.fail("the account has no alias"),
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::AccountAlias;
    use probity_model::{Seen, Topic};

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "account-alias";

    fn named() -> Account {
        Account::new().facts(|facts| facts.account_alias = Seen::Known(AccountAlias { alias: Some("larkspur".into()) }))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, named()), [Pass]);
        assert_eq!(outcomes_with(ID, &[("expected", "absent")], Account::new()), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new()), [Fail]);
        assert_eq!(outcomes_with(ID, &[("expected", "absent")], named()), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AccountAlias)), [NotEvaluated]);
    }
}
