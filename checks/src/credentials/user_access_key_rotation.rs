//! Active access keys of users are younger than the rotation limit.
//!
//! # Why
//! An access key works until somebody takes it away. The longer it lives, the more laptops, build logs and backups hold a
//! copy of it, and the longer a copy that nobody knows of keeps working.
//!
//! # Pass
//! The Active key was created at most `max_age_days` whole days ago.
//!
//! # Fail
//! The Active key is older than `max_age_days` days.
//!
//! # Not applicable
//! The user has no Active key.
//!
//! # Notes
//! The age comes from the credential report, of which AWS hands out the same copy for up to four hours: a key that was
//! replaced minutes ago may still show, and `report_generated_at` tells how old the report is. Under `--detail full` the
//! list of keys counts where it says more: it knows keys that are newer than the report, and keys that were deactivated or
//! deleted since.
//!
//! A key that is kept for emergencies, or as a bait for intruders, fails like any other; give it an exception with an owner.
//!
//! # Fix
//! Create a second key, move the workload to it, deactivate the old one, and delete it once nothing misses it. Better,
//! replace the user by a role, which needs no key.
//!
//! # Command
//! ```sh
//! aws iam update-access-key --user-name USER_NAME --access-key-id KEY_ID --status Inactive
//! ```

use alloc::format;

use probity_model::facts::{AccessKeys, CredentialReport};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::access_keys::Key;

const MAX_AGE_DAYS: NumberParameter = NumberParameter {
    name: "max_age_days",
    default: 90,
    min: 1,
    max: 3_650,
    unit: Unit::Days,
    source: "every CIS AWS Foundations Benchmark, and Security Hub IAM.3, where 90 is fixed",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-access-key-rotation",
        family: Family::Credentials,
        title: "Active access keys are younger than the rotation limit",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::AccessKey,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_AGE_DAYS)],
    };
    type Facts<'s> = (&'s CredentialReport, Option<&'s AccessKeys>);

    fn run((report, listed): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_AGE_DAYS);
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
                let age = key.age_in_days(out);
                let subject = out.resource(row.arn.clone()).discriminator(key.name);
                let subject = key.evidence(subject).evidence("report_generated_at", report.generated_at);
                match age {
                    _ if key.active.is_none() => {
                        subject.unclear("the credential report does not say whether the access key is Active");
                    }
                    None => subject.unclear("no date tells when the access key was created, or it lies ahead"),
                    Some(days) if days > i64::from(allowed) => {
                        subject.fail(format!("the access key is {days} days old; {allowed} are allowed"));
                    }
                    Some(days) => subject.pass(format!("the access key is {days} days old; {allowed} are allowed")),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, KeyBuilder, NOW, denied, seconds_ago};
    use probity_model::facts::credential_report::Cell;
    use probity_model::{ResourceKind, Topic};

    use crate::access_keys::testing::{listed, with_list, with_refused_list};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-access-key-rotation";

    fn key(change: impl FnOnce(KeyBuilder) -> KeyBuilder) -> Account {
        Account::new().user("ci", |user| user.key(1, change))
    }

    fn aged(days: i64) -> Account {
        key(|key| key.created_days_ago(days))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, aged(30)), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, aged(120)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.message, "the access key is 120 days old; 90 are allowed");
        assert_eq!(finding.discriminator, "access_key_1");
        assert_eq!(finding.resource_kind, ResourceKind::AccessKey);
    }

    #[test]
    fn each_active_key_is_judged_by_itself() {
        let two = Account::new()
            .user("ci", |user| user.key(1, |key| key.created_days_ago(120)).key(2, |key| key.created_days_ago(3)));
        let verdicts: Vec<_> = findings(ID, two).into_iter().map(|one| (one.discriminator, one.outcome)).collect();
        assert_eq!(verdicts, [("access_key_1".into(), Fail), ("access_key_2".into(), Pass)]);
    }

    #[test]
    fn the_last_day_allowed_passes() {
        assert_eq!(outcomes(ID, aged(90)), [Pass]);
        assert_eq!(outcomes(ID, aged(91)), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_age_days", "30")], aged(30)), [Pass]);
        assert_eq!(outcomes_with(ID, &[("max_age_days", "30")], aged(31)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let [finding] = findings(ID, Account::new().user("anna", |user| user)).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.resource_kind), (NotApplicable, ResourceKind::IamUser));
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, aged(30).deny(Topic::CredentialReport)), [NotEvaluated]);
        let undated = |cell: Cell<_>| {
            key(|mut key| {
                key.key.last_rotated = cell;
                key
            })
        };
        assert_eq!(outcomes(ID, undated(Cell::Unreadable("soon".to_owned()))), [NotEvaluated]);
        assert_eq!(outcomes(ID, undated(Cell::NoColumn)), [NotEvaluated]);
        assert_eq!(outcomes(ID, undated(Cell::NotApplicable)), [NotEvaluated]);
        assert_eq!(outcomes(ID, aged(-2)), [NotEvaluated]);
        let unsaid = |cell: Cell<bool>| {
            key(|mut key| {
                key.key.active = cell;
                key
            })
        };
        assert_eq!(outcomes(ID, unsaid(Cell::NoColumn)), [NotEvaluated]);
        assert_eq!(outcomes(ID, unsaid(Cell::Unreadable("maybe".to_owned()))), [NotEvaluated]);
    }

    #[test]
    fn a_key_made_during_the_collection_passes() {
        assert_eq!(outcomes(ID, key(|key| key.created_seconds_ago(-600))), [Pass]);
    }

    #[test]
    fn the_id_is_named_where_the_list_was_read() {
        let id = |account| {
            let [finding] = findings(ID, account).try_into().expect("one finding");
            assert_eq!((finding.outcome, &*finding.discriminator), (Fail, "access_key_1"));
            finding.evidence.into_iter().find(|item| item.key == "access_key_1_id").map(|item| item.value)
        };
        let list = [listed("AKIAEXAMPLE", true, 120)];
        assert_eq!(id(with_list(aged(120), "ci", list)).as_deref(), Some("AKIAEXAMPLE"));
        assert_eq!(id(aged(120).deny(Topic::AccessKeys)), None);
        assert_eq!(id(with_refused_list(aged(120), "ci", denied(Topic::AccessKeys))), None);
    }

    #[test]
    fn trap_an_inactive_key_keeps_its_date() {
        assert_eq!(outcomes(ID, key(|key| key.created_days_ago(800).inactive())), [NotApplicable]);
    }

    /// What the list says of existence and status counts, and no key that only it shows is passed over.
    #[test]
    fn trap_the_list_counts_where_the_report_falls_short() {
        let third = [listed("AKIA1", true, 10), listed("AKIA2", true, 20), listed("AKIA3", true, 120)];
        let two = Account::new()
            .user("ci", |user| user.key(1, |key| key.created_days_ago(10)).key(2, |key| key.created_days_ago(20)));
        let found = findings(ID, with_list(two, "ci", third));
        let verdicts: Vec<_> = found.iter().map(|finding| (&*finding.discriminator, finding.outcome)).collect();
        assert_eq!(verdicts, [("AKIA3", Fail), ("access_key_1", Pass), ("access_key_2", Pass)]);

        let inactive = || key(|key| key.created_days_ago(120).inactive());
        assert_eq!(outcomes(ID, with_list(inactive(), "ci", [listed("AKIA1", true, 120)])), [Fail], "reactivated");
        assert_eq!(outcomes(ID, with_list(aged(120), "ci", [listed("AKIA1", false, 120)])), [NotApplicable]);
        assert_eq!(outcomes(ID, with_list(aged(120), "ci", [])), [NotApplicable], "deleted since");
        let undated = {
            let mut key = listed("AKIA1", true, 1);
            key.created_at = None;
            [key]
        };
        assert_eq!(outcomes(ID, with_list(Account::new().user("ci", |user| user), "ci", undated)), [NotEvaluated]);
    }

    /// Two keys of one second cannot be told apart: the one that still works decides.
    #[test]
    fn trap_keys_of_the_same_second_are_never_mixed_up_into_a_pass() {
        let twins = Account::new()
            .user("ci", |user| user.key(1, |key| key.created_days_ago(120)).key(2, |key| key.created_days_ago(120)));
        let list = [listed("AKIA1", false, 120), listed("AKIA2", true, 120)];
        let found = findings(ID, with_list(twins, "ci", list));
        assert!(found.iter().all(|finding| finding.outcome == Fail), "{found:?}");
        assert!(found.iter().flat_map(|finding| &finding.evidence).all(|item| !item.key.ends_with("_id")));
    }

    /// A fix made since does not show; the reader sees how old the report is.
    #[test]
    fn trap_the_report_is_cached_so_its_time_is_told() {
        let old = seconds_ago(3 * 3_600);
        let cached = |account: Account| {
            account.facts(|facts| {
                if let probity_model::Seen::Known(report) = &mut facts.credential_report {
                    report.generated_at = old;
                }
            })
        };
        for account in [aged(120), aged(10), Account::new().user("anna", |user| user)] {
            let [finding] = findings(ID, cached(account)).try_into().expect("one finding");
            let told = finding.evidence.iter().find(|item| item.key == "report_generated_at");
            assert_eq!(told.map(|item| &item.value), Some(&std::format!("{old}").into()));
            assert_ne!(std::format!("{old}"), NOW);
        }
    }

    /// It takes an exception to let such a key be; nothing about the key itself can pass it.
    #[test]
    fn trap_a_key_that_is_never_used_on_purpose_fails_too() {
        let canary =
            Account::new().user("canary", |user| user.tag("purpose", "canary").key(1, |key| key.created_days_ago(400)));
        assert_eq!(outcomes(ID, canary), [Fail]);
    }
}
