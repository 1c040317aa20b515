//! Access keys that were made inactive are deleted.
//!
//! # Why
//! A key that is inactive can be made active again by anybody who may, and then works for everyone who ever copied it. It
//! also takes one of the two places, so that the next rotation cannot begin.
//!
//! # Pass
//! The user has no inactive key, or the key was made, or last used, no more than `max_inactive_days` ago.
//!
//! # Fail
//! The key is inactive, and was made and last used longer ago.
//!
//! # Not applicable
//! The user has no access key.
//!
//! # Notes
//! AWS does not tell since when a key is inactive. Its last use is the latest day on which it was surely active, and the day
//! it was made where no use is on record: so the check errs on the side of patience with a key that was used till lately.
//!
//! # Fix
//! Delete the key.
//!
//! # Command
//! ```sh
//! aws iam delete-access-key --user-name USER --access-key-id ID
//! ```

use alloc::format;

use probity_model::facts::credential_report::CredentialRow;
use probity_model::facts::{AccessKeys, CredentialReport};
use probity_model::{
    Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::access_keys::{Key, LastUse, days_ago};

const MAX_INACTIVE_DAYS: NumberParameter = NumberParameter {
    name: "max_inactive_days",
    default: 90,
    min: 0,
    max: 3650,
    unit: Unit::Days,
    source: "our own choice: a quarter to find out whether anything breaks without the key",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-access-key-inactive-lingering",
        family: Family::Credentials,
        title: "Inactive access keys are deleted",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::AccessKey,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_INACTIVE_DAYS)],
    };
    type Facts<'s> = (&'s CredentialReport, Option<&'s AccessKeys>);

    fn run((report, listed): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let limit = i64::from(parameters.number(&MAX_INACTIVE_DAYS));
        for row in &report.users {
            for key in Key::of(row, listed) {
                judge(row, &key, limit, out);
            }
        }
    }
}

fn judge(row: &CredentialRow, key: &Key<'_>, limit: i64, out: &mut Findings<'_>) {
    let age = key.age_in_days(out);
    let used = match key.last_use() {
        LastUse::At(at) => days_ago(out, at),
        LastUse::NotRecorded | LastUse::Unknown => None,
    };
    let subject = key.evidence(out.resource(row.arn.clone()).discriminator(key.name));
    match (key.active, age.into_iter().chain(used).min()) {
        (Some(true), _) => subject.pass("the key is active"),
        (None, _) => subject.unclear("the credential report does not say whether the key is active"),
        (Some(false), None) => subject.unclear("it cannot be read when the inactive key was made"),
        (Some(false), Some(days)) if days > limit => {
            subject.fail(format!("the inactive key was last seen active {days} days ago; {limit} are allowed"));
        }
        (Some(false), Some(days)) => {
            subject.pass(format!("the inactive key was active {days} days ago; {limit} are allowed"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, KeyBuilder};
    use probity_model::facts::credential_report::Cell;

    use crate::access_keys::testing::{listed, with_list};
    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "user-access-key-inactive-lingering";

    fn with_key(change: impl FnOnce(KeyBuilder) -> KeyBuilder) -> Account {
        Account::new().user("robot", |user| user.key(1, change))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with_key(|key| key.created_days_ago(900))), [Pass], "active");
        assert_eq!(outcomes(ID, with_key(|key| key.created_days_ago(90).inactive())), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with_key(|key| key.created_days_ago(91).inactive())), [Fail]);
        let account = with_key(|key| key.created_days_ago(900).used_days_ago(300).inactive());
        assert_eq!(outcomes(ID, account), [Fail]);
        let limit = [("max_inactive_days", "10")];
        assert_eq!(outcomes_with(ID, &limit, with_key(|key| key.created_days_ago(11).inactive())), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::CredentialReport)), [NotEvaluated]);
        let unsaid = with_key(|mut key| {
            key.key.active = Cell::Unreadable("maybe".to_string());
            key
        });
        assert_eq!(outcomes(ID, unsaid), [NotEvaluated]);
        let undated = with_key(|mut key| {
            key.key.last_rotated = Cell::Unreadable("long ago".to_string());
            key.inactive()
        });
        assert_eq!(outcomes(ID, undated), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().user("anna", |user| user)), [NotApplicable]);
    }

    #[test]
    fn trap_a_key_that_was_used_till_lately_was_active_till_lately() {
        assert_eq!(outcomes(ID, with_key(|key| key.created_days_ago(900).used_days_ago(20).inactive())), [Pass]);
    }

    #[test]
    fn trap_the_list_of_keys_is_newer_than_the_report() {
        let account = with_key(|key| key.created_days_ago(200));
        assert_eq!(outcomes(ID, with_list(account, "robot", [listed("AKIAEXAMPLE", false, 200)])), [Fail]);
    }
}
