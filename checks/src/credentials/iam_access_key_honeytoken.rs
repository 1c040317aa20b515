//! Access keys that were laid out as bait have not been used.
//!
//! # Why
//! A key that belongs to nobody and may do nothing can be left where only an intruder looks. Its first use is an alarm that
//! is never false: somebody has been there.
//!
//! # Pass
//! The key of a user listed in `canary_users` was never used.
//!
//! # Fail
//! It was used: somebody has found it.
//!
//! # Not applicable
//! `canary_users` is empty, or none of them has a key.
//!
//! # Notes
//! The credential report is up to four hours old, and notes one use in fifteen minutes: an alarm on CloudTrail tells sooner.
//! This check makes sure that a use is not missed for ever. A user that is listed and does not exist is not evaluated, since
//! a bait that is gone warns of nothing.
//!
//! # Fix
//! Treat it as an intrusion: find out where the key lay, who read it, and what else lay there. Then lay out a new one.
//!
//! # Command
//! ```sh
//! aws cloudtrail lookup-events --lookup-attributes AttributeKey=AccessKeyId,AttributeValue=ID
//! ```

use alloc::format;

use probity_model::facts::CredentialReport;
use probity_model::{
    Automation, Family, Findings, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
    Unit,
};

use crate::access_keys::{Key, LastUse};

const CANARY_USERS: ListParameter = ListParameter {
    name: "canary_users",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's own choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "iam-access-key-honeytoken",
        family: Family::Credentials,
        title: "Access keys laid out as bait have not been used",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::AccessKey,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(CANARY_USERS)],
    };
    type Facts<'s> = &'s CredentialReport;

    fn run(report: &CredentialReport, parameters: &Parameters, out: &mut Findings<'_>) {
        let users = parameters.list(&CANARY_USERS);
        for name in &users {
            let Some(row) = report.user(name) else {
                let subject = out.whole_account().discriminator(*name).evidence(CANARY_USERS.name, name);
                subject.unclear(format!("there is no user {name}: the bait is gone"));
                continue;
            };
            for key in Key::of(row, None) {
                let subject = key.evidence(out.resource(row.arn.clone()).discriminator(key.name));
                match key.last_use() {
                    LastUse::At(at) => subject.fail(format!("the key was used at {at}: somebody has found it")),
                    LastUse::NotRecorded => subject.pass("the key has never been used"),
                    LastUse::Unknown => subject.unclear("it cannot be read whether the key was used"),
                }
            }
        }
        if out.is_empty() {
            let why = if users.is_empty() { "canary_users is empty" } else { "none of canary_users has a key" };
            out.whole_account().not_applicable(why);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;
    use probity_model::facts::credential_report::Cell;

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "iam-access-key-honeytoken";
    const LISTED: [(&str, &str); 1] = [("canary_users", "billing-export")];

    fn bait() -> Account {
        Account::new().user("billing-export", |user| user.key(1, |key| key.created_days_ago(100)))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes_with(ID, &LISTED, bait()), [Pass]);
    }

    #[test]
    fn fail() {
        let used = Account::new().user("billing-export", |user| user.key(2, |key| key.used_days_ago(1)));
        assert_eq!(outcomes_with(ID, &LISTED, used), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes_with(ID, &LISTED, bait().deny(Topic::CredentialReport)), [NotEvaluated]);
        assert_eq!(outcomes_with(ID, &LISTED, Account::new()), [NotEvaluated], "the bait is gone");
        let unreadable = Account::new().user("billing-export", |user| {
            user.key(1, |mut key| {
                key.key.last_used_at = Cell::Unreadable("yesterday".to_string());
                key
            })
        });
        assert_eq!(outcomes_with(ID, &LISTED, unreadable), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, bait()), [NotApplicable]);
        let without = Account::new().user("billing-export", |user| user);
        assert_eq!(outcomes_with(ID, &LISTED, without), [NotApplicable]);
    }

    #[test]
    fn trap_an_inactive_key_that_was_used_is_found_as_well() {
        let used = Account::new().user("billing-export", |user| user.key(1, |key| key.used_days_ago(1).inactive()));
        assert_eq!(outcomes_with(ID, &LISTED, used), [Fail]);
    }
}
