//! Secrets in Secrets Manager rotate by themselves, and do so in time.
//!
//! # Why
//! A password or key that never changes stays good for whoever saw it once: a former colleague, a log file, a copied disk. A
//! rotation that is set up and fails is worse, since everybody takes it for done.
//!
//! # Pass
//! The secret rotates by itself, its next rotation is not overdue, and the last one is at most `max_days` days ago; of one
//! that was never rotated yet, the day it was made counts.
//!
//! # Fail
//! It does not rotate by itself, a rotation is overdue by more than a day, or the last one is longer ago than `max_days`.
//!
//! # Not applicable
//! Secrets that a service of AWS keeps for itself and rotates or not as it sees fit, copies of a secret of another Region
//! (the original is judged), and those with one of the `exempt_tags`. Secrets that are to be deleted are not listed.
//!
//! # Notes
//! Secrets are listed under `--detail full` only, a call in every Region. What they hold is never read. Some secrets cannot
//! rotate, such as a licence key that a vendor sends by mail: tag them, so that the next reader knows.
//!
//! A rotation may take place any time in its window, and AWS tries one that failed again; hence the day of grace.
//!
//! # Fix
//! Set up rotation, managed by the service where there is that, otherwise with a function of your own. Where it is overdue,
//! read in the log of the function why it fails.
//!
//! # Command
//! ```sh
//! aws secretsmanager rotate-secret --secret-id SECRET_ID --rotation-rules AutomaticallyAfterDays=30
//! ```

use alloc::format;

use probity_model::facts::Secrets;
use probity_model::facts::secrets::Secret;
use probity_model::{
    Automation, Family, Findings, ListParameter, Meta, NumberParameter, ParameterSpec, Parameters, Region,
    ResourceKind, Rule, Scope, Severity, Unit,
};

use crate::workloads::tagged;

const MAX_DAYS: NumberParameter = NumberParameter {
    name: "max_days",
    default: 90,
    min: 1,
    max: 3_650,
    unit: Unit::Days,
    source: "Security Hub control SecretsManager.4: `maxDaysSinceRotation`",
};

const EXEMPT_TAGS: ListParameter = ListParameter {
    name: "exempt_tags",
    default: &["rotation=none"],
    choices: &[],
    unit: Unit::Tags,
    source: "our own choice: a word for secrets that cannot rotate",
};

/// So many days a rotation may be late: its window is a day at most (Secrets Manager API Reference, `RotationRulesType`,
/// `Duration`).
const GRACE_DAYS: i64 = 1;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "secrets-rotation",
        family: Family::Credentials,
        title: "Secrets in Secrets Manager rotate by themselves and in time",
        severity: Severity::Medium,
        scope: Scope::Region,
        resource: ResourceKind::Secret,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_DAYS), ParameterSpec::List(EXEMPT_TAGS)],
    };
    type Facts<'s> = &'s Secrets;

    fn run(secrets: &Secrets, parameters: &Parameters, out: &mut Findings<'_>) {
        let rules = Rules { max_days: i64::from(parameters.number(&MAX_DAYS)), exempt: parameters.list(&EXEMPT_TAGS) };
        for (region, seen) in &secrets.regions {
            match seen.get() {
                Ok(found) => found.iter().for_each(|secret| judge(region, secret, &rules, out)),
                Err(gap) => out.whole_account().region(region).not_evaluated(gap),
            }
        }
    }
}

struct Rules<'p> {
    max_days: i64,
    exempt: alloc::vec::Vec<&'p str>,
}

fn judge(region: &Region, secret: &Secret, rules: &Rules<'_>, out: &mut Findings<'_>) {
    let since = |moment: Option<probity_model::Timestamp>| moment.map(|moment| out.days_since(moment));
    let (last, made, next) = (since(secret.last_rotated_at), since(secret.created_at), since(secret.next_rotation_at));
    let mut subject = out.resource(secret.arn.clone()).region(region).evidence("RotationEnabled", secret.rotates);
    if let Some(schedule) = &secret.schedule {
        subject = subject.evidence("RotationRules", schedule);
    }
    let dates = [
        ("LastRotatedDate", secret.last_rotated_at),
        ("NextRotationDate", secret.next_rotation_at),
        ("CreatedDate", secret.created_at),
    ];
    for (name, moment) in dates {
        if let Some(moment) = moment {
            subject = subject.evidence(name, moment);
        }
    }
    if let Some(service) = &secret.owning_service {
        let message = format!("{service} keeps the secret for itself, and sees to its rotation");
        return subject.evidence("OwningService", service).not_applicable(message);
    }
    if let Some(primary) = secret.primary_region.as_ref().filter(|primary| *primary != region) {
        let message = format!("a copy of the secret in {primary}, which rotates there");
        return subject.evidence("PrimaryRegion", primary.as_str()).not_applicable(message);
    }
    if let Some(tag) = tagged(&secret.tags, &rules.exempt) {
        return subject.evidence("tag", tag).not_applicable("the secret is tagged as one that cannot rotate");
    }
    if !secret.rotates {
        return subject.fail("the secret does not rotate by itself");
    }
    if let Some(late) = next.filter(|late| *late > GRACE_DAYS) {
        return subject.fail(format!("the secret was to be rotated {late} days ago, and was not"));
    }
    match (last, made) {
        (Some(days), _) if days > rules.max_days => {
            subject.fail(format!("the secret was last rotated {days} days ago; {} are allowed", rules.max_days));
        }
        (Some(days), _) => subject.pass(format!("the secret rotates by itself, the last time {days} days ago")),
        (None, Some(days)) if days > rules.max_days => {
            subject
                .fail(format!("the secret is {days} days old and was never rotated; {} are allowed", rules.max_days));
        }
        (None, Some(_)) => subject.pass("the secret rotates by itself, and its first rotation is not due yet"),
        (None, None) => subject.unclear("the answer does not tell when the secret was made or rotated"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::secrets::Secret;
    use probity_model::{Gap, Region, Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "secrets-rotation";

    fn region(name: &str) -> Region {
        Region::try_from(name).expect("a Region")
    }

    /// An account with one secret, which is rotated well unless changed.
    fn one(change: impl FnOnce(&mut Secret)) -> Account {
        Account::new().secret("orders", change)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, one(|_| {})), [Pass]);
        assert_eq!(outcomes(ID, one(|it| it.last_rotated_at = Some(days_ago(90)))), [Pass], "at the limit");
    }

    #[test]
    fn fail() {
        let message = |account: Account| -> String { findings(ID, account)[0].message.clone().into_owned() };
        let off = |it: &mut Secret| (it.rotates, it.next_rotation_at) = (false, None);
        assert_eq!(outcomes(ID, one(off)), [Fail]);
        assert_eq!(message(one(off)), "the secret does not rotate by itself");
        let slow = |it: &mut Secret| it.last_rotated_at = Some(days_ago(91));
        assert_eq!(message(one(slow)), "the secret was last rotated 91 days ago; 90 are allowed");
        assert_eq!(outcomes_with(ID, &[("max_days", "180")], one(slow)), [Pass]);
        assert_eq!(outcomes_with(ID, &[("max_days", "10")], one(|_| {})), [Fail]);
    }

    #[test]
    fn trap_a_rotation_that_is_set_up_and_fails_is_no_rotation() {
        assert_eq!(outcomes(ID, one(|it| it.next_rotation_at = Some(days_ago(2)))), [Fail]);
        assert_eq!(outcomes(ID, one(|it| it.next_rotation_at = Some(days_ago(1)))), [Pass], "its window is not over");
    }

    #[test]
    fn trap_a_new_secret_need_not_have_been_rotated() {
        let never = |days: i64| one(|it| (it.last_rotated_at, it.created_at) = (None, Some(days_ago(days))));
        assert_eq!(outcomes(ID, never(5)), [Pass]);
        assert_eq!(outcomes(ID, never(91)), [Fail]);
    }

    #[test]
    fn trap_what_a_service_keeps_for_itself_is_not_the_accounts_to_rotate() {
        let kept = one(|it| (it.rotates, it.owning_service) = (false, Some("rds".to_owned())));
        assert_eq!(outcomes(ID, kept), [NotApplicable]);
    }

    #[test]
    fn trap_a_copy_rotates_where_its_original_does() {
        let copy = |primary: &str| one(|it| (it.rotates, it.primary_region) = (false, Some(region(primary))));
        assert_eq!(outcomes(ID, copy("us-east-1")), [NotApplicable]);
        assert_eq!(outcomes(ID, copy("eu-central-1")), [Fail], "the original names its own Region");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable], "no secret");
        let tag =
            |value: &str| one(|it| (it.rotates, it.tags) = (false, [("rotation".to_owned(), value.to_owned())].into()));
        assert_eq!(outcomes(ID, tag("none")), [NotApplicable]);
        assert_eq!(outcomes(ID, tag("monthly")), [Fail]);
        assert_eq!(outcomes_with(ID, &[("exempt_tags", "by=hand")], tag("none")), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, one(|_| {}).deny(Topic::Secrets)), [NotEvaluated]);
        let silent = one(|it| (it.last_rotated_at, it.created_at) = (None, None));
        assert_eq!(outcomes(ID, silent), [NotEvaluated]);
        let gap = Gap::not_requested("left out").in_region(&region("us-east-1"));
        let half = one(|_| {}).facts(|facts| {
            let Seen::Known(secrets) = &mut facts.secrets else { unreachable!("they are known") };
            secrets.regions.insert(region("us-east-1"), Seen::Missing(gap));
        });
        assert_eq!(outcomes(ID, half), [Pass, NotEvaluated], "one Region");
    }
}
