//! No user has two Active access keys outside a rotation.
//!
//! # Why
//! The second key is there to replace the first without a break. Where both stay Active, the rotation was never finished,
//! and twice as many secrets can leak.
//!
//! # Pass
//! The user has at most one Active key; or has two, and the newer one was created less than `overlap_days` whole days ago.
//!
//! # Fail
//! The user has two Active keys, and the newer one was created `overlap_days` or more days ago. With 0 days, two Active keys
//! always fail.
//!
//! # Not applicable
//! The user has no access keys.
//!
//! # Notes
//! CIS asked for this up to version 6.0 of its benchmark, without any overlap, and dropped it in 7.0.0. Seven days leave time
//! for a rotation.
//!
//! AWS hands out the same credential report for up to four hours; `report_generated_at` tells how old it is. Under
//! `--detail full` the list of keys says which of them exist and are Active.
//!
//! # Fix
//! Finish the rotation: move what still uses the older key to the newer one, deactivate the older key, and delete it.
//!
//! # Command
//! ```sh
//! aws iam update-access-key --user-name USER_NAME --access-key-id OLD_KEY_ID --status Inactive
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::{AccessKeys, CredentialReport};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::access_keys::Key;

const OVERLAP_DAYS: NumberParameter = NumberParameter {
    name: "overlap_days",
    default: 0,
    min: 0,
    max: 365,
    unit: Unit::Days,
    source: "the CIS AWS Foundations Benchmark up to 6.0, which allows no overlap; 7 leaves time for a rotation",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-access-key-single-active",
        family: Family::Credentials,
        title: "No user has two Active access keys outside a rotation window",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(OVERLAP_DAYS)],
    };
    type Facts<'s> = (&'s CredentialReport, Option<&'s AccessKeys>);

    fn run((report, listed): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let overlap = parameters.number(&OVERLAP_DAYS);
        for row in &report.users {
            let keys = Key::of(row, listed);
            let ages: Vec<_> =
                keys.iter().filter(|key| key.active == Some(true)).map(|key| key.age_in_days(out)).collect();
            let unknown = keys.iter().filter(|key| key.active.is_none()).count();
            let subject = keys.iter().fold(out.resource(row.arn.clone()), |subject, key| key.evidence(subject));
            let subject = subject.evidence("report_generated_at", report.generated_at);
            match (ages.as_slice(), unknown) {
                _ if keys.is_empty() => subject.not_applicable("the user has no access keys"),
                ([], 0) => subject.pass("the user has no Active access key"),
                ([_], 0) => subject.pass("the user has one Active access key"),
                ([], 1) => subject.pass("the user has at most one Active access key"),
                ([] | [_], _) => {
                    subject.unclear("the credential report does not say whether the access keys are Active");
                }
                ([_, _], 0) if overlap > 0 => match newest(&ages) {
                    None => subject.unclear(
                        "the user has two Active access keys, and no date tells which is newer, or it lies ahead",
                    ),
                    Some(days) if days < i64::from(overlap) => subject.pass(format!(
                        "the user has two Active access keys, the newer one {days} days old; \
                         less than {overlap} count as a rotation"
                    )),
                    Some(days) => subject.fail(format!(
                        "the user has two Active access keys, the newer one {days} days old; \
                         less than {overlap} count as a rotation"
                    )),
                },
                (active, _) => subject.fail(format!("the user has {} Active access keys; 1 is allowed", active.len())),
            }
        }
    }
}

/// The age of the newest key; nothing where one of the ages is unknown.
fn newest(ages: &[Option<i64>]) -> Option<i64> {
    ages.iter().copied().collect::<Option<Vec<_>>>()?.into_iter().min()
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, KeyBuilder};
    use probity_model::facts::credential_report::Cell;

    use crate::access_keys::testing::{listed, with_list};
    use crate::frameworks::FRAMEWORKS;
    use crate::registry;
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-access-key-single-active";

    fn keys(first: impl FnOnce(KeyBuilder) -> KeyBuilder, second: impl FnOnce(KeyBuilder) -> KeyBuilder) -> Account {
        Account::new().user("ci", |user| user.key(1, first).key(2, second))
    }

    fn aged(first: i64, second: i64) -> Account {
        keys(|key| key.created_days_ago(first), |key| key.created_days_ago(second))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, Account::new().user("ci", |user| user.key(1, |key| key))), [Pass]);
        assert_eq!(outcomes(ID, keys(|key| key.inactive(), |key| key)), [Pass]);
        assert_eq!(outcomes(ID, keys(|key| key.inactive(), |key| key.inactive())), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, aged(300, 100)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.message, "the user has 2 Active access keys; 1 is allowed");
    }

    #[test]
    fn without_an_overlap_the_age_does_not_matter() {
        assert_eq!(outcomes(ID, aged(300, 0)), [Fail]);
        assert_eq!(outcomes(ID, aged(0, -1)), [Fail]);
    }

    #[test]
    fn the_newer_key_must_be_younger_than_the_overlap() {
        let week = [("overlap_days", "7")];
        assert_eq!(outcomes_with(ID, &week, aged(300, 6)), [Pass]);
        assert_eq!(outcomes_with(ID, &week, aged(6, 300)), [Pass], "either slot can hold the newer one");
        assert_eq!(outcomes_with(ID, &week, aged(300, 7)), [Fail]);
        assert_eq!(outcomes_with(ID, &week, aged(300, 100)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().user("anna", |user| user)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, aged(300, 100).deny(Topic::CredentialReport)), [NotEvaluated]);
        let unsaid = |mut key: KeyBuilder| {
            key.key.active = Cell::NoColumn;
            key
        };
        assert_eq!(outcomes(ID, keys(|key| key, unsaid)), [NotEvaluated]);
        assert_eq!(outcomes(ID, keys(unsaid, unsaid)), [NotEvaluated]);
        assert_eq!(outcomes(ID, keys(KeyBuilder::inactive, unsaid)), [Pass], "one at most, whatever the cell hides");
    }

    /// Only an overlap asks how old the keys are.
    #[test]
    fn a_missing_date_matters_where_an_overlap_is_allowed() {
        let undated = || {
            keys(
                |key| key.created_days_ago(3),
                |mut key| {
                    key.key.last_rotated = Cell::Unreadable("soon".to_owned());
                    key
                },
            )
        };
        assert_eq!(outcomes_with(ID, &[("overlap_days", "7")], undated()), [NotEvaluated]);
        assert_eq!(outcomes(ID, undated()), [Fail]);
    }

    #[test]
    fn the_list_says_which_keys_there_are() {
        let one_left = [listed("AKIA1", false, 300), listed("AKIA2", true, 100)];
        assert_eq!(outcomes(ID, with_list(aged(300, 100), "ci", one_left)), [Pass]);
        let third = [listed("AKIA1", true, 300), listed("AKIA2", true, 100), listed("AKIA3", true, 1)];
        let found = findings(ID, with_list(aged(300, 100), "ci", third));
        assert_eq!(
            found.iter().map(|one| &*one.message).collect::<std::vec::Vec<_>>(),
            ["the user has 3 Active access keys; 1 is allowed"]
        );
        let new = [listed("AKIA1", true, 300), listed("AKIA2", true, 0)];
        let reported = Account::new().user("ci", |user| user.key(1, |key| key.created_days_ago(300)));
        assert_eq!(outcomes(ID, with_list(reported, "ci", new)), [Fail], "the second key is newer than the report");
    }

    #[test]
    fn trap_cis_7_no_longer_asks_for_it() {
        let asks = |framework: &str| {
            let controls = FRAMEWORKS.iter().filter(|one| one.id == framework).flat_map(|one| one.controls);
            controls.into_iter().any(|control| control.checks.contains(&ID) || control.proposed.contains(&ID))
        };
        assert!(!asks("cis-7.0"));
        let notes = registry::find(ID).expect("the check").docs.notes;
        assert!(notes.contains("dropped it in 7.0.0"), "the reader is told: {notes}");
    }
}
