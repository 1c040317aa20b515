//! Console users did not get an access key when they were created.
//!
//! # Why
//! A key that is made together with a console user, just in case, is a secret that nobody asked for. It is handed around
//! with the welcome mail, is never used, and is not missed when it leaks.
//!
//! # Pass
//! No Active key of the user was created within `window_seconds` of the user, or each such key has been used since.
//!
//! # Fail
//! The user has a console password, and an Active key that was created within `window_seconds` of the user and of which no
//! use is on record.
//!
//! # Not applicable
//! The user has no console password.
//!
//! # Notes
//! The dates show that user and key were made together, and not that a person was handed both: code that sets up users often
//! makes user and key in one go. Therefore a key that somebody uses passes. AWS notes use only since 22 April 2015.
//!
//! CIS asked for this up to version 6.0 of its benchmark, from 4.0.1 on as a manual control, and dropped it in 7.0.0.
//!
//! AWS hands out the same credential report for up to four hours; `report_generated_at` tells how old it is. Under
//! `--detail full` the list of keys says which of them still exist and are Active.
//!
//! # Fix
//! Delete the unused key. Hand out keys on request only, once the user exists.
//!
//! # Command
//! ```sh
//! aws iam delete-access-key --user-name USER_NAME --access-key-id KEY_ID
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::facts::{AccessKeys, CredentialReport};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::access_keys::{Key, LastUse};

const WINDOW_SECONDS: NumberParameter = NumberParameter {
    name: "window_seconds",
    default: 60,
    min: 0,
    max: 86_400,
    unit: Unit::Seconds,
    source: "our own: the CIS audit compares the two dates and names no tolerance, Steampipe allows 10 seconds",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-access-key-created-at-setup",
        family: Family::Credentials,
        title: "Console users did not get an access key at creation",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(WINDOW_SECONDS)],
    };
    type Facts<'s> = (&'s CredentialReport, Option<&'s AccessKeys>);

    fn run((report, listed): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let window = parameters.number(&WINDOW_SECONDS);
        for row in &report.users {
            let subject = out
                .resource(row.arn.clone())
                .evidence("password_enabled", &row.password_enabled)
                .evidence("report_generated_at", report.generated_at);
            if row.password_enabled == Cell::Value(false) {
                subject.not_applicable("the user has no console password");
                continue;
            }
            let mut keys = Key::of(row, listed);
            keys.retain(|key| key.active != Some(false));
            let subject = subject.evidence("user_creation_time", &row.created_at);
            let subject = keys.iter().fold(subject, |subject, key| key.evidence(subject));
            match judge(row, &keys, window) {
                Verdict::Clean => {
                    subject.pass(format!("no unused Active access key was created within {window} seconds of the user"))
                }
                Verdict::MadeTogether { .. } | Verdict::Unknown(_) if row.password_enabled != Cell::Value(true) => {
                    subject.unclear("the credential report does not say whether the user has a console password");
                }
                Verdict::MadeTogether { seconds } => subject.fail(format!(
                    "the user and an Active access key were created {seconds} seconds apart, and no use of the key is on record; \
                     up to {window} seconds count as together"
                )),
                Verdict::Unknown(message) => subject.unclear(message),
            }
        }
    }
}

/// What the keys of a user say.
enum Verdict {
    /// An unused key was made with the user, so many seconds apart.
    MadeTogether { seconds: u64 },
    /// What is missing could make the difference.
    Unknown(String),
    /// None was.
    Clean,
}

/// Judges the keys that are Active or may be: one that is known to break the rule outweighs what is unknown of the other.
fn judge(row: &CredentialRow, keys: &[Key<'_>], window: u32) -> Verdict {
    let mut verdicts: Vec<_> = keys.iter().map(|key| judge_key(row, key, window)).collect();
    verdicts.sort_by_key(|verdict| match verdict {
        Verdict::MadeTogether { seconds } => (0, *seconds),
        Verdict::Unknown(_) => (1, 0),
        Verdict::Clean => (2, 0),
    });
    verdicts.into_iter().next().unwrap_or(Verdict::Clean)
}

fn judge_key(row: &CredentialRow, key: &Key<'_>, window: u32) -> Verdict {
    let last_use = key.last_use();
    if matches!(last_use, LastUse::At(_)) {
        return Verdict::Clean;
    }
    let unknown = |what: &str| Verdict::Unknown(format!("the evidence does not say {what}"));
    let Some(user_created) = row.created_at.value() else { return unknown("when the user was created") };
    let Some(key_created) = key.created_at else { return unknown("when the access key was created") };
    let seconds = key_created.as_second().abs_diff(user_created.as_second());
    match (key.active, last_use) {
        _ if seconds > u64::from(window) => Verdict::Clean,
        (None, _) => unknown("whether the access key that was created with the user is Active"),
        (_, LastUse::Unknown) => unknown("whether the access key that was created with the user has been used"),
        _ => Verdict::MadeTogether { seconds },
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, KeyBuilder, UserBuilder, seconds_ago};
    use probity_model::facts::credential_report::Cell;

    use crate::access_keys::testing::{listed, with_list};
    use crate::frameworks::FRAMEWORKS;
    use crate::registry;
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-access-key-created-at-setup";
    /// The users here were created 200 days ago.
    const CREATED: i64 = 200 * 86_400;

    fn console_user(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", |user| change(user.console_password()))
    }

    /// A key that was made so many seconds after the user.
    fn key_after(seconds: i64, change: impl FnOnce(KeyBuilder) -> KeyBuilder) -> Account {
        console_user(|user| user.key(1, |key| change(key.created_seconds_ago(CREATED - seconds))))
    }

    fn unused_key_after(seconds: i64) -> Account {
        key_after(seconds, |key| key)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, console_user(|user| user)), [Pass]);
        assert_eq!(outcomes(ID, unused_key_after(3_600)), [Pass]);
        assert_eq!(outcomes(ID, key_after(3, KeyBuilder::inactive)), [Pass], "an Inactive key signs nothing");
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, unused_key_after(3)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(
            finding.message,
            "the user and an Active access key were created 3 seconds apart, and no use of the key is on record; \
             up to 60 seconds count as together"
        );
    }

    #[test]
    fn the_second_slot_counts_too() {
        let second = console_user(|user| {
            user.key(1, |key| key.created_days_ago(10).used_days_ago(1)).key(2, |key| key.created_seconds_ago(CREATED))
        });
        assert_eq!(outcomes(ID, second), [Fail]);
    }

    #[test]
    fn the_last_second_of_the_window_counts() {
        assert_eq!(outcomes(ID, unused_key_after(60)), [Fail]);
        assert_eq!(outcomes(ID, unused_key_after(61)), [Pass]);
        let exact = [("window_seconds", "0")];
        assert_eq!(outcomes_with(ID, &exact, unused_key_after(0)), [Fail]);
        assert_eq!(outcomes_with(ID, &exact, unused_key_after(1)), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let program = Account::new().user("ci", |user| user.key(1, |key| key.created_seconds_ago(CREATED)));
        assert_eq!(outcomes(ID, program), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, unused_key_after(3).deny(Topic::CredentialReport)), [NotEvaluated]);
        let with = |change: fn(&mut UserBuilder)| {
            console_user(|user| {
                let mut user = user.key(1, |key| key.created_seconds_ago(CREATED));
                change(&mut user);
                user
            })
        };
        let unreadable = [
            with(|user| user.row.password_enabled = Cell::NoColumn),
            with(|user| user.row.created_at = Cell::Unreadable("soon".to_owned())),
            with(|user| user.row.access_keys[0].active = Cell::NoColumn),
            with(|user| user.row.access_keys[0].last_rotated = Cell::Unreadable("soon".to_owned())),
            with(|user| user.row.access_keys[0].last_used_at = Cell::NoColumn),
        ];
        for account in unreadable {
            assert_eq!(outcomes(ID, account), [NotEvaluated]);
        }
    }

    /// What cannot change the verdict does not take it away.
    #[test]
    fn an_unknown_value_matters_only_where_it_decides() {
        let with = |change: fn(&mut UserBuilder), seconds: i64| {
            console_user(|user| {
                let mut user = user.key(1, |key| key.created_seconds_ago(CREATED - seconds));
                change(&mut user);
                user
            })
        };
        assert_eq!(outcomes(ID, with(|user| user.row.password_enabled = Cell::NoColumn, 3_600)), [Pass]);
        assert_eq!(outcomes(ID, with(|user| user.row.access_keys[0].last_used_at = Cell::NoColumn, 3_600)), [Pass]);
        assert_eq!(outcomes(ID, with(|user| user.row.access_keys[1].active = Cell::NoColumn, 3)), [Fail]);
        assert_eq!(outcomes(ID, with(|user| user.row.access_keys[1].active = Cell::NoColumn, 3_600)), [NotEvaluated]);
    }

    #[test]
    fn the_list_says_which_keys_there_are() {
        let found = findings(ID, with_list(unused_key_after(0), "anna", [listed("AKIA1", true, 200)]));
        assert!(found.iter().all(|finding| finding.outcome == Fail));
        assert!(found.iter().flat_map(|finding| &finding.evidence).any(|item| item.value == "AKIA1"));
        assert_eq!(outcomes(ID, with_list(unused_key_after(0), "anna", [])), [Pass], "deleted since");
        let only_listed = with_list(console_user(|user| user), "anna", [listed("AKIA1", true, 200)]);
        assert_eq!(outcomes(ID, only_listed), [NotEvaluated], "nothing tells whether it was used");
    }

    #[test]
    fn trap_cis_7_no_longer_asks_for_it() {
        let asks = |framework: &str| {
            let controls = FRAMEWORKS.iter().filter(|one| one.id == framework).flat_map(|one| one.controls);
            controls.into_iter().any(|control| control.checks.contains(&ID) || control.proposed.contains(&ID))
        };
        assert!(!asks("cis-7.0"));
        let notes = registry::find(ID).expect("the check").docs.notes;
        assert!(notes.contains("dropped it in 7.0.0") && notes.contains("manual"), "the reader is told: {notes}");
    }

    /// A key that was made with the user and is at work proves nothing; and where it fails, the message claims no more than
    /// the dates show.
    #[test]
    fn trap_the_dates_alone_do_not_prove_that_a_person_got_both() {
        assert_eq!(outcomes(ID, key_after(0, |key| key.used_days_ago(150))), [Pass]);
        let program = Account::new().user("ci", |user| user.key(1, |key| key.created_seconds_ago(CREATED)));
        assert_eq!(outcomes(ID, program), [NotApplicable]);
        let [finding] = findings(ID, unused_key_after(0)).try_into().expect("one finding");
        for key in ["user_creation_time", "access_key_1_last_rotated"] {
            let told = finding.evidence.iter().find(|item| item.key == key).map(|item| item.value.clone());
            assert_eq!(told, Some(std::format!("{}", seconds_ago(CREATED)).into()));
        }
    }
}
