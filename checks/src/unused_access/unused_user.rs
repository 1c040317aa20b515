//! Users are used.
//!
//! # Why
//! A user that nobody has used for months belongs to somebody who has left or to a program that is gone. Its credentials
//! and permissions stay, and nobody would notice if somebody else used them.
//!
//! # Pass
//! The last console sign-in, the last use of an access key, the creation of the user or of one of its credentials lies at
//! most `max_unused_days` whole days back.
//!
//! # Fail
//! All of these lie further back; or the user has no credentials at all and is older than `max_unused_days` days.
//!
//! # Not applicable
//! The account has no IAM users.
//!
//! # Notes
//! AWS notes no use of SSH keys, service-specific credentials and signing certificates: a user that only reads and writes Git
//! repositories looks unused. Where an unused user has such a credential that is Active, a person must look. Where SSH keys
//! or service-specific credentials were not read, the message of a failure says so; SSH keys are read only under
//! `--detail full`.
//!
//! Users that are laid out as a trap for intruders are there to be unused: note an exception for them, and have an alarm
//! rather than this check tell of their use.
//!
//! AWS hands out the same credential report for up to four hours, so that a use of minutes ago may not show;
//! `report_generated_at` tells how old it is. A user that is newer than the report is judged by its creation, and one that
//! was deleted since is left out.
//!
//! # Fix
//! Take the user's access keys, MFA devices, groups and policies away, and delete the user.
//!
//! # Command
//! ```sh
//! aws iam delete-user --user-name USER_NAME
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use probity_model::facts::authorization::User;
use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::facts::{AuthorizationDetails, CredentialReport, ServiceCredentials, SshKeys};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Timestamp};

use crate::signs_of_life::{Life, Untracked};

const MAX_UNUSED_DAYS: NumberParameter = NumberParameter {
    name: "max_unused_days",
    default: 90,
    min: 1,
    max: 1_825,
    unit: Unit::Days,
    source: "the default of the unused-access analyzer of IAM Access Analyzer",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "unused-user",
        family: Family::UnusedAccess,
        title: "IAM users are used",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_UNUSED_DAYS)],
    };
    type Facts<'s> =
        (&'s CredentialReport, &'s AuthorizationDetails, Option<&'s ServiceCredentials>, Option<&'s SshKeys>);

    fn run((report, details, services, ssh): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_UNUSED_DAYS);
        let rows: BTreeMap<_, _> = report.users.iter().map(|row| (row.user.as_str(), row)).collect();
        for user in &details.users {
            let row = rows.get(user.name.as_str()).copied();
            judge(user, row, &Untracked::of(user, row, services, ssh), allowed, report.generated_at, out);
        }
    }
}

fn judge(
    user: &User,
    row: Option<&CredentialRow>,
    untracked: &Untracked,
    allowed: u32,
    generated_at: Timestamp,
    out: &mut Findings<'_>,
) {
    let life = Life::of(user, row, out);
    let mut subject = out.resource(user.arn.clone());
    if let Some(created) = user.created_at {
        subject = subject.evidence("create_date", created);
    }
    if let Some(row) = row {
        subject = subject
            .evidence("password_enabled", &row.password_enabled)
            .evidence("password_last_used", &row.password_last_used)
            .evidence("password_last_changed", &row.password_last_changed);
        for (slot, key) in (1..).zip(&row.access_keys) {
            subject = subject
                .evidence(format!("access_key_{slot}_active"), &key.active)
                .evidence(format!("access_key_{slot}_last_rotated"), &key.last_rotated)
                .evidence(format!("access_key_{slot}_last_used_date"), &key.last_used_at);
        }
    }
    if !untracked.active.is_empty() {
        subject = subject.evidence("active_credentials_without_last_use", untracked.active.join(", "));
    }
    subject = subject.evidence("report_generated_at", generated_at).evidence(MAX_UNUSED_DAYS.name, allowed);
    let caveat = if untracked.unread.is_empty() {
        String::new()
    } else {
        format!("; not read: {}", untracked.unread.join(", "))
    };
    match life.latest {
        Some((days, what)) if days <= i64::from(allowed) => {
            subject.pass(format!("the user {what} {days} days ago; {allowed} are allowed"));
        }
        _ if life.incomplete && row.is_none() => {
            subject.unclear("the credential report, which tells when a user was last used, does not list the user");
        }
        _ if life.incomplete => {
            subject.unclear("what the credential report says of the user's last use cannot be read, or lies ahead");
        }
        _ if !untracked.active.is_empty() => subject.manual(format!(
            "no other use is known for {allowed} days, and AWS notes no use of what is Active here ({}): look for its \
             use in CloudTrail{caveat}",
            untracked.active.join(", ")
        )),
        None => subject.unclear("nothing tells when the user was created or used"),
        Some((days, _)) if row.is_some_and(has_no_credentials) => subject.fail(format!(
            "the user has neither a password nor an Active access key, and the last that is known of it is {days} days \
             old; {allowed} are allowed{caveat}"
        )),
        Some((days, what)) => {
            subject.fail(format!(
                "the last that is known: the user {what} {days} days ago; {allowed} are allowed{caveat}"
            ));
        }
    }
}

/// Whether nobody can sign in as the user, neither with a password nor with an access key.
fn has_no_credentials(row: &CredentialRow) -> bool {
    row.password_enabled == Cell::Value(false) && row.access_keys.iter().all(|key| key.active == Cell::Value(false))
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::string::String;
    use std::vec;

    use probity_model::Outcome::{Fail, Manual, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, UserBuilder, days_ago, denied};
    use probity_model::facts::credential_report::Cell;
    use probity_model::facts::user_credentials::{ServiceCredential, SshKey};
    use probity_model::facts::{ServiceCredentials, SshKeys};
    use probity_model::{Seen, Timestamp, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "unused-user";

    fn user(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        with_ssh(Account::new().user("anna", change), Seen::Known(vec![]))
    }

    /// A user of long ago whose password and key were last used so many days ago.
    fn used(password: i64, key: i64) -> Account {
        user(|user| {
            user.console_password()
                .password_changed_days_ago(300)
                .password_used_days_ago(password)
                .key(1, |slot| slot.created_days_ago(300).used_days_ago(key))
        })
    }

    fn with_ssh(account: Account, keys: Seen<vec::Vec<SshKey>>) -> Account {
        account.facts(|facts| facts.ssh_keys = Seen::Known(SshKeys { users: [("anna".to_owned(), keys)].into() }))
    }

    fn ssh_key(active: bool) -> SshKey {
        SshKey { id: "APKA1".to_owned(), active, uploaded_at: Some(days_ago(300)) }
    }

    fn git_credential(user: &str, active: bool) -> ServiceCredentials {
        let credential = ServiceCredential {
            id: "ACCA1".to_owned(),
            user: user.to_owned(),
            service: "codecommit.amazonaws.com".to_owned(),
            active,
            created_at: Some(days_ago(300)),
            expires_at: None,
        };
        ServiceCredentials { credentials: vec![credential] }
    }

    fn message(account: Account) -> String {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding.message.into_owned()
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, used(3, 200)), [Pass]);
        assert_eq!(outcomes(ID, used(200, 3)), [Pass]);
        assert_eq!(message(used(3, 200)), "the user signed in to the console 3 days ago; 90 are allowed");
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, used(100, 120)), [Fail]);
        assert_eq!(
            message(used(100, 120)),
            "the last that is known: the user signed in to the console 100 days ago; 90 are allowed"
        );
    }

    #[test]
    fn the_last_day_allowed_counts_as_use() {
        assert_eq!(outcomes(ID, used(90, 200)), [Pass]);
        assert_eq!(outcomes(ID, used(91, 200)), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_unused_days", "91")], used(91, 200)), [Pass]);
    }

    #[test]
    fn a_user_without_credentials_has_the_same_time() {
        let idle = |age| user(|user| user.created_days_ago(age));
        assert_eq!(outcomes(ID, idle(90)), [Pass]);
        assert_eq!(outcomes(ID, idle(91)), [Fail]);
        assert!(message(idle(91)).starts_with("the user has neither a password nor an Active access key"));
    }

    /// Somebody works with a credential that was made a moment ago.
    #[test]
    fn a_new_credential_is_a_sign_of_life() {
        let new_key = user(|user| user.key(1, |key| key.created_days_ago(2)));
        assert_eq!(outcomes(ID, new_key), [Pass]);
        let deactivated = user(|user| user.key(1, |key| key.created_days_ago(2).inactive()));
        assert_eq!(outcomes(ID, deactivated), [Fail]);
        let new_password = user(|user| user.console_password().password_never_used());
        assert_eq!(outcomes(ID, new_password), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, used(3, 3).deny(Topic::CredentialReport)), [NotEvaluated]);
        assert_eq!(outcomes(ID, used(3, 3).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let unreadable = |key: i64| {
            user(|user| {
                let mut user = user.console_password().password_changed_days_ago(300);
                user.row.password_last_used = Cell::Unreadable("soon".to_owned());
                user.key(1, |slot| slot.created_days_ago(300).used_days_ago(key))
            })
        };
        assert_eq!(outcomes(ID, unreadable(100)), [NotEvaluated]);
        assert_eq!(outcomes(ID, unreadable(3)), [Pass]);
        assert_eq!(outcomes(ID, used(-2, 100)), [NotEvaluated]);
        let unsaid = user(|user| {
            let mut user = user.key(1, |key| key.created_days_ago(2));
            user.row.access_keys[0].active = Cell::NoColumn;
            user
        });
        assert_eq!(outcomes(ID, unsaid), [NotEvaluated]);
        let unsaid = user(|user| {
            let mut user = user.console_password().password_used_days_ago(100);
            user.row.password_enabled = Cell::NoColumn;
            user
        });
        assert_eq!(outcomes(ID, unsaid), [NotEvaluated]);
        let certificate = user(|mut user| {
            user.row.certificates[0].active = Cell::NoColumn;
            user
        });
        assert_eq!(outcomes(ID, certificate), [NotEvaluated]);
        let undated = |cell: Cell<Timestamp>| {
            user(|mut user| {
                user.details.created_at = None;
                user.row.created_at = cell;
                user
            })
        };
        assert_eq!(outcomes(ID, undated(Cell::NoColumn)), [NotEvaluated]);
        assert_eq!(outcomes(ID, undated(Cell::NotApplicable)), [NotEvaluated]);
        assert_eq!(outcomes(ID, undated(Cell::Value(days_ago(91)))), [Fail]);
    }

    #[test]
    fn a_user_that_is_newer_than_the_report_is_judged_by_its_creation() {
        let unreported = |age| {
            user(|user| user.created_days_ago(age)).facts(|facts| {
                if let Seen::Known(report) = &mut facts.credential_report {
                    report.users.clear();
                }
            })
        };
        assert_eq!(outcomes(ID, unreported(0)), [Pass]);
        assert_eq!(outcomes(ID, unreported(91)), [NotEvaluated]);
    }

    #[test]
    fn trap_a_user_of_git_alone_looks_unused() {
        assert_eq!(outcomes(ID, with_ssh(used(100, 100), Seen::Known(vec![ssh_key(true)]))), [Manual]);
        assert_eq!(outcomes(ID, with_ssh(used(100, 100), Seen::Known(vec![ssh_key(false)]))), [Fail]);
        let service = |user: &'static str, active| {
            used(100, 100).facts(|facts| facts.service_credentials = Seen::Known(git_credential(user, active)))
        };
        assert_eq!(outcomes(ID, service("anna", true)), [Manual]);
        assert_eq!(outcomes(ID, service("anna", false)), [Fail]);
        assert_eq!(outcomes(ID, service("bert", true)), [Fail]);
        let certificate = user(|mut user| {
            user.row.certificates[1].active = Cell::Value(true);
            user
        });
        assert_eq!(outcomes(ID, certificate), [Manual]);
    }

    #[test]
    fn trap_a_failure_says_which_credentials_were_not_read() {
        let caveat = "; not read: SSH keys";
        assert!(message(used(100, 100).deny(Topic::SshKeys)).ends_with(caveat));
        assert!(message(with_ssh(used(100, 100), Seen::Missing(denied(Topic::SshKeys)))).ends_with(caveat));
        let both = used(100, 100).deny(Topic::SshKeys).deny(Topic::ServiceCredentials);
        assert!(message(both).ends_with("; not read: service-specific credentials, SSH keys"));
        assert!(!message(used(100, 100)).contains("not read"));
    }

    /// Nothing tells a trap for intruders from a forgotten user, and guessing by name would let users hide.
    #[test]
    fn trap_a_user_that_is_there_to_be_unused_takes_an_exception() {
        let canary = Account::new().user("canary", |user| user.key(1, |key| key.created_days_ago(300)));
        assert_eq!(outcomes(ID, canary), [Fail]);
    }
}
