//! Console passwords are in use.
//!
//! # Why
//! A password that nobody uses belongs to somebody who has left, or changed teams, or never came. Nobody would notice if
//! somebody else signed in with it.
//!
//! # Pass
//! The user last signed in to the console at most `max_unused_days` whole days ago.
//!
//! # Fail
//! The user has a console password, and neither the last sign-in nor the last change of the password lies within
//! `max_unused_days` days.
//!
//! # Not applicable
//! The user has no console password; or the password was set at most `max_unused_days` days ago and not used in that time.
//!
//! # Notes
//! A user who never signed in shows `no_information` and is judged by the last change of the password.
//!
//! AWS lost the sign-ins from 3 to 23 May 2018: a user who signed in then shows an earlier date. Where that could make the
//! difference, the check is not evaluated. Of several sign-ins within five minutes, AWS notes the first.
//!
//! AWS hands out the same credential report for up to four hours: a sign-in or a removal of minutes ago may not show yet, and
//! `report_generated_at` tells how old the report is.
//!
//! # Fix
//! Take the password away. Delete the user where no other credential is in use.
//!
//! # Command
//! ```sh
//! aws iam delete-login-profile --user-name USER_NAME
//! ```

use alloc::format;

use probity_model::facts::CredentialReport;
use probity_model::facts::credential_report::Cell;
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{
    Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject, Timestamp,
};

use crate::access_keys::days_ago;

const MAX_UNUSED_DAYS: NumberParameter = NumberParameter {
    name: "max_unused_days",
    default: 45,
    min: 1,
    max: 3_650,
    unit: Unit::Days,
    source: "the CIS AWS Foundations Benchmark from 1.5 on; Security Hub IAM.8 has 90",
};

/// 23 May 2018, 14:08 Pacific time: AWS noted no sign-in in the twenty days before (IAM API Reference, `GetUser`).
const NOTED_AGAIN: Timestamp = Timestamp::constant(1_527_109_680, 0);

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-console-password-unused",
        family: Family::Credentials,
        title: "Console passwords are in use",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_UNUSED_DAYS)],
    };
    type Facts<'s> = &'s CredentialReport;

    fn run(report: &CredentialReport, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_UNUSED_DAYS);
        for row in &report.users {
            let used = Age::of(&row.password_last_used, out);
            let changed = Age::of(&row.password_last_changed, out);
            let lost_days = out.days_since(NOTED_AGAIN);
            let subject = out
                .resource(row.arn.clone())
                .evidence("password_enabled", &row.password_enabled)
                .evidence("password_last_used", &row.password_last_used)
                .evidence("password_last_changed", &row.password_last_changed)
                .evidence("report_generated_at", report.generated_at)
                .evidence(MAX_UNUSED_DAYS.name, allowed);
            match row.password_enabled {
                Cell::Value(false) => subject.not_applicable("the user has no console password"),
                Cell::Value(true) => judge(subject, used, changed, lost_days, allowed),
                _ => subject.unclear("the credential report does not say whether the user has a console password"),
            }
        }
    }
}

/// How long ago something happened.
#[derive(Clone, Copy)]
enum Age {
    /// So many whole days ago.
    Days(i64),
    /// Never, as far as AWS took notes.
    NotRecorded,
    /// Nobody knows.
    Unknown,
}

impl Age {
    fn of(cell: &Cell<Timestamp>, out: &Findings<'_>) -> Self {
        match cell {
            Cell::Value(moment) => days_ago(out, *moment).map_or(Self::Unknown, Self::Days),
            Cell::NotApplicable | Cell::NoInformation => Self::NotRecorded,
            Cell::NotSupported | Cell::NoColumn | Cell::Unreadable(_) => Self::Unknown,
        }
    }
}

/// Judges a password that can be used; sign-ins were lost until so many days ago.
fn judge(subject: Subject<'_, '_>, used: Age, changed: Age, lost_days: i64, allowed: u32) {
    let limit = i64::from(allowed);
    match (used, changed) {
        (Age::Days(days), _) if days <= limit => {
            subject.pass(format!("the user last signed in {days} days ago; {allowed} are allowed"));
        }
        (_, Age::Days(days)) if days <= limit => subject.not_applicable(format!(
            "the password was set {days} days ago and no sign-in since is known; it counts as unused after {allowed}"
        )),
        (Age::Unknown, _) => subject.unclear("no date tells when the user last signed in, or it lies ahead"),
        (_, Age::Unknown) => subject.unclear("no date tells when the password was last set, or it lies ahead"),
        (Age::NotRecorded, Age::NotRecorded) => {
            subject.unclear("the credential report has neither a sign-in nor a date when the password was set");
        }
        _ if (0..=limit).contains(&lost_days) => subject.unclear(format!(
            "AWS noted no sign-ins until {lost_days} days ago (3 to 23 May 2018), and {allowed} days are allowed"
        )),
        (Age::Days(days), _) => {
            subject.fail(format!("the user last signed in {days} days ago; {allowed} are allowed"));
        }
        (Age::NotRecorded, Age::Days(days)) => subject.fail(format!(
            "no sign-in of the user is on record, and the password was set {days} days ago; {allowed} are allowed"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, UserBuilder, seconds_ago};
    use probity_model::facts::credential_report::Cell;
    use probity_model::{Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-console-password-unused";
    const DAY: i64 = 86_400;

    fn user(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", |user| change(user.console_password().password_changed_days_ago(190)))
    }

    fn used(days: i64) -> Account {
        user(|user| user.password_used_days_ago(days))
    }

    fn never_used(changed_days_ago: i64) -> Account {
        user(|user| user.password_never_used().password_changed_days_ago(changed_days_ago))
    }

    fn row(change: impl FnOnce(&mut probity_model::facts::credential_report::CredentialRow)) -> Account {
        user(|user| {
            let mut user = user.password_used_days_ago(100);
            change(&mut user.row);
            user
        })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, used(3)), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, used(120)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.message, "the user last signed in 120 days ago; 45 are allowed");
    }

    #[test]
    fn the_last_day_allowed_counts_as_use() {
        assert_eq!(outcomes(ID, used(45)), [Pass]);
        assert_eq!(outcomes(ID, used(46)), [Fail]);
        assert_eq!(outcomes(ID, never_used(45)), [NotApplicable]);
        assert_eq!(outcomes(ID, never_used(46)), [Fail]);
        let longer = [("max_unused_days", "90")];
        assert_eq!(outcomes_with(ID, &longer, used(90)), [Pass]);
        assert_eq!(outcomes_with(ID, &longer, used(91)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().user("ci", |user| user.key(1, |key| key))), [NotApplicable]);
        let just_reset = user(|user| user.password_used_days_ago(300).password_changed_days_ago(2));
        assert_eq!(outcomes(ID, just_reset), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, used(3).deny(Topic::CredentialReport)), [NotEvaluated]);
        let unreadable = || Cell::Unreadable("soon".to_owned());
        assert_eq!(outcomes(ID, row(|row| row.password_enabled = Cell::NoColumn)), [NotEvaluated]);
        assert_eq!(outcomes(ID, row(|row| row.password_last_used = Cell::NoColumn)), [NotEvaluated]);
        assert_eq!(outcomes(ID, row(|row| row.password_last_used = unreadable())), [NotEvaluated]);
        assert_eq!(outcomes(ID, row(|row| row.password_last_changed = unreadable())), [NotEvaluated]);
        assert_eq!(outcomes(ID, used(-2)), [NotEvaluated], "a sign-in that lies ahead");
        let no_date = row(|row| {
            row.password_last_used = Cell::NoInformation;
            row.password_last_changed = Cell::NotApplicable;
        });
        assert_eq!(outcomes(ID, no_date), [NotEvaluated]);
    }

    #[test]
    fn trap_a_user_who_never_signed_in_is_judged_by_the_age_of_the_password() {
        let [finding] = findings(ID, never_used(800)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(
            finding.message,
            "no sign-in of the user is on record, and the password was set 800 days ago; 45 are allowed"
        );
        assert_eq!(outcomes(ID, never_used(5)), [NotApplicable]);
    }

    /// With 3,104 days allowed, a sign-in of those days would pass, and nobody knows whether there was one.
    #[test]
    fn trap_sign_ins_of_may_2018_were_lost() {
        let lost = |days| user(|user| user.password_changed_days_ago(4_000).password_used_days_ago(days));
        let allowed = |days: &str, account| outcomes_with(ID, &[("max_unused_days", days)], account);
        assert_eq!(outcomes(ID, lost(3_300)), [Fail], "45 days do not reach back that far");
        assert_eq!(allowed("3103", lost(3_300)), [Fail]);
        assert_eq!(allowed("3104", lost(3_300)), [NotEvaluated]);
        assert_eq!(allowed("3104", never_used(3_300)), [NotEvaluated]);
        assert_eq!(allowed("3300", lost(3_300)), [Pass]);
    }

    /// The date on record can be five minutes too early: whole days leave room for it.
    #[test]
    fn trap_repeated_sign_ins_within_five_minutes_show_the_first() {
        let noted = |seconds| row(|row| row.password_last_used = Cell::Value(seconds_ago(seconds)));
        assert_eq!(outcomes(ID, noted(46 * DAY - 5 * 60)), [Pass]);
        assert_eq!(outcomes(ID, noted(46 * DAY)), [Fail]);
    }

    /// A fix made since does not show; the reader sees how old the report is.
    #[test]
    fn trap_the_report_is_cached_so_its_time_is_told() {
        let old = seconds_ago(3 * 3_600);
        for account in [used(120), used(3), Account::new().user("ci", |user| user)] {
            let cached = account.facts(|facts| {
                if let Seen::Known(report) = &mut facts.credential_report {
                    report.generated_at = old;
                }
            });
            let [finding] = findings(ID, cached).try_into().expect("one finding");
            let told = finding.evidence.iter().find(|item| item.key == "report_generated_at");
            assert_eq!(told.map(|item| &item.value), Some(&format!("{old}").into()));
        }
    }
}
