//! No user looks like one that several people share.
//!
//! # Why
//! What a shared user did, nobody did. Its password is known to those who left, it has one second factor for all or none,
//! and nobody feels called upon to rotate its keys.
//!
//! # Pass
//! The user's name matches none of `name_patterns`.
//!
//! # Fail
//! It matches one, and the user has a console password or an active access key.
//!
//! # Not applicable
//! The user has no credential with which it could be shared.
//!
//! # Notes
//! A name is a sign and no proof: the finding is for information, and asks a person to look. The patterns are compared
//! without regard to case and must match the whole name, so that `admin-tools-exporter` is not taken for `admin`.
//!
//! That one key is used for many services, which is another sign, AWS tells only by user and not by key, and programs do it
//! too: it is not judged.
//!
//! # Fix
//! Give each person an identity of their own, in Identity Center, and delete the shared user.
//!
//! # Command
//! ```sh
//! aws iam list-users --query 'Users[].[UserName,PasswordLastUsed]'
//! ```

use alloc::format;

use probity_model::facts::CredentialReport;
use probity_model::facts::credential_report::CredentialRow;
use probity_model::{
    Automation, Family, Findings, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
    Unit,
};
use probity_policy::Pattern;

const NAME_PATTERNS: ListParameter = ListParameter {
    name: "name_patterns",
    default: &[
        "admin",
        "admins",
        "administrator",
        "root",
        "user",
        "users",
        "test",
        "test-*",
        "*-test",
        "tester",
        "demo",
        "guest",
        "shared",
        "shared-*",
        "*-shared",
        "common",
        "team",
        "team-*",
        "*-team",
        "dev",
        "devs",
        "developers",
        "ops",
        "support",
        "office",
        "everyone",
        "temp",
        "tmp",
    ],
    choices: &[],
    unit: Unit::Globs,
    source: "our own choice: names of functions and groups instead of people",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-shared-identity-signals",
        family: Family::UsersAndGroups,
        title: "No user looks like a shared one",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Partial,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(NAME_PATTERNS)],
    };
    type Facts<'s> = &'s CredentialReport;

    fn run(report: &CredentialReport, parameters: &Parameters, out: &mut Findings<'_>) {
        let patterns = parameters.list(&NAME_PATTERNS);
        for row in &report.users {
            judge(row, &patterns, out);
        }
    }
}

fn judge(row: &CredentialRow, patterns: &[&str], out: &mut Findings<'_>) {
    let [first, second] = &row.access_keys;
    let subject = out
        .resource(row.arn.clone())
        .evidence("user", &row.user)
        .evidence("password_enabled", &row.password_enabled)
        .evidence("access_key_1_active", &first.active)
        .evidence("access_key_2_active", &second.active);
    let credentials = [row.password_enabled.value(), first.active.value(), second.active.value()];
    let Some(pattern) = patterns.iter().find(|pattern| Pattern::new(**pattern).matches_ignoring_case(&row.user)) else {
        return subject.pass("the name does not look like that of a shared user");
    };
    if credentials.contains(&Some(&true)) {
        subject.evidence(NAME_PATTERNS.name, pattern).fail(format!("the name matches {pattern}: is it shared?"));
    } else if credentials.contains(&None) {
        subject.unclear("the credential report does not say whether the user has a credential");
    } else {
        subject.not_applicable("the user has neither a console password nor an active key");
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;
    use probity_model::facts::credential_report::Cell;

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "user-shared-identity-signals";

    fn named(name: &str) -> Account {
        Account::new().user(name, |user| user.console_password())
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, named("anna.smith")), [Pass]);
    }

    #[test]
    fn fail() {
        for name in ["admin", "Administrator", "team-web", "build-test"] {
            assert_eq!(outcomes(ID, named(name)), [Fail], "{name}");
        }
        assert_eq!(outcomes(ID, Account::new().user("shared", |user| user.key(1, |key| key))), [Fail]);
        assert_eq!(outcomes_with(ID, &[("name_patterns", "anna*")], named("anna.smith")), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, named("admin").deny(Topic::CredentialReport)), [NotEvaluated]);
        let unsaid = Account::new().user("admin", |mut user| {
            user.row.password_enabled = Cell::NoColumn;
            user
        });
        assert_eq!(outcomes(ID, unsaid), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().user("admin", |user| user)), [NotApplicable]);
    }

    #[test]
    fn trap_a_name_that_only_begins_like_one_is_not_one() {
        for name in ["admin-tools-exporter", "developersson", "testarossa"] {
            assert_eq!(outcomes(ID, named(name)), [Pass], "{name}");
        }
    }
}
