//! Active access keys of users are in use.
//!
//! # Why
//! Nobody misses a key that nobody uses, so nobody notices either when somebody else begins to use it. It is risk without
//! any benefit.
//!
//! # Pass
//! The Active key last signed a request at most `max_unused_days` whole days ago.
//!
//! # Fail
//! The Active key was last used more than `max_unused_days` days ago; or no use is on record, and it was created more than
//! `max_unused_days` days ago.
//!
//! # Not applicable
//! The user has no Active key; or no use of the key is on record, and it was created at most `max_unused_days` days ago.
//!
//! # Notes
//! AWS notes the use of a key once in fifteen minutes, and only since 22 April 2015: `N/A` says that there was no use since
//! then. The age is that of the key, never that of the user.
//!
//! CIS asks for 45 days, Security Hub (IAM.8) for 90: each verdict tells in `max_unused_days` which limit it was judged by.
//!
//! AWS hands out the same credential report for up to four hours; `report_generated_at` tells how old it is. Under
//! `--detail full` the list of keys says which of them still exist and are Active. A key that only the list shows has no
//! known use, and is not evaluated once it is older than the limit.
//!
//! # Fix
//! Deactivate the key, wait until everything that runs rarely has run once, the end of a quarter included, and delete it.
//!
//! # Command
//! ```sh
//! aws iam delete-access-key --user-name USER_NAME --access-key-id KEY_ID
//! ```

use alloc::format;

use probity_model::facts::{AccessKeys, CredentialReport};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::access_keys::{Key, LastUse, days_ago};

const MAX_UNUSED_DAYS: NumberParameter = NumberParameter {
    name: "max_unused_days",
    default: 45,
    min: 1,
    max: 3_650,
    unit: Unit::Days,
    source: "the CIS AWS Foundations Benchmark from 1.5 on; Security Hub IAM.8 (FSBP, PCI) has 90",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-access-key-unused",
        family: Family::Credentials,
        title: "Active access keys are in use",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::AccessKey,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_UNUSED_DAYS)],
    };
    type Facts<'s> = (&'s CredentialReport, Option<&'s AccessKeys>);

    fn run((report, listed): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_UNUSED_DAYS);
        for row in &report.users {
            let mut keys = Key::of(row, listed);
            keys.retain(|key| key.active != Some(false));
            if keys.is_empty() {
                out.resource(row.arn.clone())
                    .kind(ResourceKind::IamUser)
                    .evidence("report_generated_at", report.generated_at)
                    .not_applicable("the user has no Active access key");
            }
            for key in &keys {
                judge(key, allowed, report, row.arn.clone(), out);
            }
        }
    }
}

fn judge(key: &Key<'_>, allowed: u32, report: &CredentialReport, user: Arn, out: &mut Findings<'_>) {
    let limit = i64::from(allowed);
    let age = key.age_in_days(out);
    let last_use = key.last_use();
    let used = if let LastUse::At(at) = last_use { days_ago(out, at) } else { None };
    let subject = out.resource(user).discriminator(key.name);
    let subject = key
        .evidence(subject)
        .evidence("report_generated_at", report.generated_at)
        .evidence(MAX_UNUSED_DAYS.name, allowed);
    match (last_use, used, age) {
        _ if key.active.is_none() => {
            subject.unclear("the credential report does not say whether the access key is Active");
        }
        (LastUse::At(_), Some(days), _) if days > limit => {
            subject.fail(format!("the access key was last used {days} days ago; {allowed} are allowed"));
        }
        (LastUse::At(_), Some(days), _) => {
            subject.pass(format!("the access key was last used {days} days ago; {allowed} are allowed"));
        }
        (LastUse::At(_), None, _) => subject.unclear("the last use of the access key is said to lie ahead"),
        (_, _, None) => subject
            .unclear("no use of the access key is known, and no date tells when it was created, or it lies ahead"),
        (_, _, Some(days)) if days <= limit => subject.not_applicable(format!(
            "the access key is {days} days old and no use of it is known; it counts as unused after {allowed}"
        )),
        (LastUse::NotRecorded, _, Some(days)) => subject.fail(format!(
            "no use of the access key is on record since it was created {days} days ago; {allowed} are allowed"
        )),
        (LastUse::Unknown, _, Some(days)) => subject.unclear(format!(
            "the access key is {days} days old, and the credential report does not say when it was last used"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, KeyBuilder, seconds_ago};
    use probity_model::facts::credential_report::Cell;
    use probity_model::{ResourceKind, Topic};

    use crate::access_keys::testing::{listed, with_list};
    use crate::testing::{findings, findings_with, outcomes, outcomes_with};

    const ID: &str = "user-access-key-unused";
    const DAY: i64 = 86_400;

    fn key(change: impl FnOnce(KeyBuilder) -> KeyBuilder) -> Account {
        Account::new().user("ci", |user| user.key(1, change))
    }

    fn used(days: i64) -> Account {
        key(|key| key.created_days_ago(300).used_days_ago(days))
    }

    fn never_used(age: i64) -> Account {
        key(|key| key.created_days_ago(age))
    }

    fn last_use(age: i64, cell: Cell<probity_model::Timestamp>) -> Account {
        key(|key| {
            let mut key = key.created_days_ago(age);
            key.key.last_used_at = cell;
            key
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
        assert_eq!(finding.message, "the access key was last used 120 days ago; 45 are allowed");
        assert_eq!(finding.discriminator, "access_key_1");
    }

    #[test]
    fn the_last_day_allowed_counts_as_use() {
        assert_eq!(outcomes(ID, used(45)), [Pass]);
        assert_eq!(outcomes(ID, used(46)), [Fail]);
        assert_eq!(outcomes(ID, never_used(45)), [NotApplicable]);
        assert_eq!(outcomes(ID, never_used(46)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, key(|key| key.created_days_ago(300).used_days_ago(200).inactive())), [NotApplicable]);
        let [finding] = findings(ID, Account::new().user("anna", |user| user)).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.resource_kind), (NotApplicable, ResourceKind::IamUser));
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, used(3).deny(Topic::CredentialReport)), [NotEvaluated]);
        assert_eq!(outcomes(ID, last_use(300, Cell::NoColumn)), [NotEvaluated]);
        assert_eq!(outcomes(ID, last_use(300, Cell::Unreadable("soon".to_owned()))), [NotEvaluated]);
        assert_eq!(outcomes(ID, used(-2)), [NotEvaluated]);
        let undated = key(|mut key| {
            key.key.last_rotated = Cell::Unreadable("soon".to_owned());
            key
        });
        assert_eq!(outcomes(ID, undated), [NotEvaluated]);
        let unsaid = key(|key| {
            let mut key = key.used_days_ago(1);
            key.key.active = Cell::NoColumn;
            key
        });
        assert_eq!(outcomes(ID, unsaid), [NotEvaluated]);
    }

    /// The list tells no use: only the youth of such a key says anything.
    #[test]
    fn a_key_that_only_the_list_shows_is_never_passed() {
        let only_listed = |age| with_list(Account::new().user("ci", |user| user), "ci", [listed("AKIA1", true, age)]);
        assert_eq!(outcomes(ID, only_listed(46)), [NotEvaluated]);
        assert_eq!(outcomes(ID, only_listed(45)), [NotApplicable]);
    }

    #[test]
    fn the_id_is_named_where_the_list_was_read() {
        let [finding] =
            findings(ID, with_list(used(120), "ci", [listed("AKIA1", true, 300)])).try_into().expect("one finding");
        assert_eq!((finding.outcome, &*finding.discriminator), (Fail, "access_key_1"));
        assert!(finding.evidence.iter().any(|item| item.key == "access_key_1_id" && item.value == "AKIA1"));
    }

    #[test]
    fn trap_a_key_that_was_never_used_is_judged_by_its_creation() {
        assert_eq!(outcomes(ID, never_used(800)), [Fail]);
        assert_eq!(outcomes(ID, last_use(800, Cell::NoInformation)), [Fail]);
    }

    /// A use within fifteen minutes of the one on record is not noted: whole days leave room for it. And a key of the years
    /// before AWS took notes shows the same `N/A` as one that was never used.
    #[test]
    fn trap_use_is_noted_roughly_and_not_since_ever() {
        let noted = |seconds| last_use(300, Cell::Value(seconds_ago(seconds)));
        assert_eq!(outcomes(ID, noted(46 * DAY - 15 * 60)), [Pass]);
        assert_eq!(outcomes(ID, noted(46 * DAY)), [Fail]);
        let [finding] = findings(ID, never_used(15 * 365)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.starts_with("no use of the access key is on record"), "{}", finding.message);
    }

    #[test]
    fn trap_the_age_is_that_of_the_key_and_not_of_the_user() {
        let young_key =
            Account::new().user("ci", |user| user.created_days_ago(900).key(1, |key| key.created_days_ago(2)));
        assert_eq!(outcomes(ID, young_key), [NotApplicable]);
        let old_key =
            Account::new().user("ci", |user| user.created_days_ago(2).key(1, |key| key.created_days_ago(900)));
        assert_eq!(outcomes(ID, old_key), [Fail]);
    }

    /// 60 days of rest fail CIS and pass Security Hub.
    #[test]
    fn trap_the_verdict_names_the_limit_it_was_judged_by() {
        assert_eq!(outcomes(ID, used(60)), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_unused_days", "90")], used(60)), [Pass]);
        let limits = |found: Vec<probity_model::Finding>| -> Vec<String> {
            let evidence = found.into_iter().flat_map(|finding| finding.evidence);
            evidence.filter(|item| item.key == "max_unused_days").map(|item| item.value.into()).collect()
        };
        assert_eq!(limits(findings(ID, used(60))), ["45"]);
        assert_eq!(limits(findings_with(ID, &[("max_unused_days", "90")], used(60))), ["90"]);
    }
}
