//! A user signs in to the console or uses access keys, and not both.
//!
//! # Why
//! A user with a password and keys is a person and a program in one. The keys of the person lie in programs, where a second
//! factor does not protect them, with everything that the person may do; and a leak of one credential cannot be told from
//! ordinary use of the other.
//!
//! # Pass
//! The user has a console password or active access keys, and not both.
//!
//! # Fail
//! The user has a console password and an active access key.
//!
//! # Not applicable
//! The user has neither; or stands in `allowed_users`.
//!
//! # Notes
//! Keys that are inactive do not count: see `user-access-key-inactive-lingering`. The credential report is up to four hours
//! old.
//!
//! # Fix
//! Have people use Identity Center or `aws login` for the command line, and give programs roles, or a user of their own.
//!
//! # Command
//! ```sh
//! aws iam update-access-key --user-name USER --access-key-id ID --status Inactive
//! ```

use alloc::format;

use probity_model::facts::CredentialReport;
use probity_model::facts::credential_report::CredentialRow;
use probity_model::{
    Automation, Family, Findings, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
    Unit,
};
use probity_policy::Pattern;

const ALLOWED_USERS: ListParameter = ListParameter {
    name: "allowed_users",
    default: &[],
    choices: &[],
    unit: Unit::Globs,
    source: "the organization's own choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-console-and-key-mixed",
        family: Family::UsersAndGroups,
        title: "No user has both a console password and active access keys",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_USERS)],
    };
    type Facts<'s> = &'s CredentialReport;

    fn run(report: &CredentialReport, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.list(&ALLOWED_USERS);
        for row in &report.users {
            judge(row, &allowed, out);
        }
    }
}

fn judge(row: &CredentialRow, allowed: &[&str], out: &mut Findings<'_>) {
    let [first, second] = &row.access_keys;
    let subject = out
        .resource(row.arn.clone())
        .evidence("password_enabled", &row.password_enabled)
        .evidence("access_key_1_active", &first.active)
        .evidence("access_key_2_active", &second.active);
    if let Some(pattern) = allowed.iter().find(|pattern| Pattern::new(**pattern).matches(&row.user)) {
        return subject.evidence(ALLOWED_USERS.name, pattern).not_applicable("the user may have both");
    }
    let keys = [first.active.value(), second.active.value()];
    let key = if keys.contains(&Some(&true)) {
        Some(true)
    } else if keys.contains(&None) {
        None
    } else {
        Some(false)
    };
    match (row.password_enabled.value(), key) {
        (Some(true), Some(true)) => subject.fail("the user has a console password and an active access key"),
        (Some(false), Some(false)) => {
            subject.not_applicable("the user has neither a console password nor an active key")
        }
        (Some(false), _) => subject.pass("the user has no console password"),
        (_, Some(false)) => subject.pass("the user has no active access key"),
        (password, key) => {
            let what = match (password, key) {
                (None, None) => "a console password or an active key",
                (None, _) => "a console password",
                _ => "an active access key",
            };
            subject.unclear(format!("the credential report does not say whether the user has {what}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, UserBuilder};
    use probity_model::facts::credential_report::Cell;

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "user-console-and-key-mixed";

    fn user(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", change)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, user(|user| user.console_password())), [Pass]);
        assert_eq!(outcomes(ID, user(|user| user.key(2, |key| key))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, user(|user| user.console_password().key(2, |key| key))), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, user(|user| user).deny(Topic::CredentialReport)), [NotEvaluated]);
        let unsaid = user(|mut user| {
            user.row.password_enabled = Cell::NoColumn;
            user.key(1, |key| key)
        });
        assert_eq!(outcomes(ID, unsaid), [NotEvaluated]);
        let unsaid = user(|user| {
            let mut user = user.console_password();
            user.row.access_keys[1].active = Cell::NoColumn;
            user
        });
        assert_eq!(outcomes(ID, unsaid), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, user(|user| user)), [NotApplicable]);
        let both = user(|user| user.console_password().key(1, |key| key));
        assert_eq!(outcomes_with(ID, &[("allowed_users", "an*")], both), [NotApplicable]);
    }

    #[test]
    fn trap_an_inactive_key_does_not_count() {
        assert_eq!(outcomes(ID, user(|user| user.console_password().key(1, |key| key.inactive()))), [Pass]);
    }
}
