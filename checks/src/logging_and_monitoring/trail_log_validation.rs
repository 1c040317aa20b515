//! The log files of a trail can be shown to be untouched.
//!
//! # Why
//! Whoever gets hold of the bucket can change or delete log files. CloudTrail's digest files hold a signed hash of each
//! of them, so that a change shows; log files that were delivered without one can never be validated.
//!
//! # Pass
//! Log file validation is on, and the last digest file was delivered at most `max_digest_age_hours` whole hours ago
//! without an error.
//!
//! # Fail
//! Log file validation is off, or the last digest file is older, or its delivery failed, or none was ever delivered.
//!
//! # Not applicable
//! A trail that another account owns, such as a trail of the organization: it is judged in the account that owns it.
//!
//! # Notes
//! A trail of several Regions shows up in each of them and is judged once, by what its home Region says. In a Region
//! that could not be asked there may be more trails, so each of these Regions is not evaluated.
//!
//! A trail that is not logging delivers no digest files and fails once the last one is too old. The first digest file
//! of a trail that began to log within the limit may not be due yet: without one, nobody can say.
//!
//! # Fix
//! Turn log file validation on. Where it is on and digest files are missing, see whether the trail logs, and whether
//! the policies of its bucket and its KMS key let CloudTrail write.
//!
//! # Command
//! ```sh
//! aws cloudtrail update-trail --name TRAIL --enable-log-file-validation
//! ```

use alloc::format;

use probity_model::facts::Trails;
use probity_model::facts::trails::{Trail, TrailStatus};
use probity_model::{
    Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Subject, Timestamp, Unit,
};

use crate::trails::each_own;

/// How old the last digest file may be, in hours.
const MAX_DIGEST_AGE_HOURS: NumberParameter = NumberParameter {
    name: "max_digest_age_hours",
    default: 24,
    min: 1,
    max: 8_760,
    unit: Unit::Hours,
    source: "our own choice: CloudTrail delivers a digest file every hour",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-log-validation",
        family: Family::LoggingAndMonitoring,
        title: "Log files are integrity protected",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Trail,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_DIGEST_AGE_HOURS)],
    };
    type Facts<'s> = &'s Trails;

    fn run(facts: &Trails, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_DIGEST_AGE_HOURS);
        each_own(facts, out, |trail, subject, now| judge(trail, allowed, subject, now));
    }
}

fn judge(trail: &Trail, allowed: u32, subject: Subject<'_, '_>, now: Timestamp) {
    let subject = subject.evidence("LogFileValidationEnabled", trail.log_file_validation);
    if !trail.log_file_validation {
        return subject.fail("log file validation is off");
    }
    match trail.status.get() {
        Ok(status) => digests(subject, status, allowed, now),
        Err(gap) => subject.not_evaluated(gap),
    }
}

/// Judges the digest files of a trail whose log file validation is on.
fn digests(mut subject: Subject<'_, '_>, status: &TrailStatus, allowed: u32, now: Timestamp) {
    if let Some(is_logging) = status.is_logging {
        subject = subject.evidence("IsLogging", is_logging);
    }
    if let Some(moment) = status.latest_digest_at {
        subject = subject.evidence("LatestDigestDeliveryTime", moment);
    }
    if let Some(error) = &status.latest_digest_error {
        return subject
            .evidence("LatestDigestDeliveryError", error)
            .fail(format!("log file validation is on, and the last digest file could not be delivered: {error}"));
    }
    let hours = |moment: Timestamp| now.duration_since(moment).as_secs().div_euclid(3_600);
    let allowed_hours = i64::from(allowed);
    match (status.latest_digest_at.map(hours), status.started_at.map(hours)) {
        // A digest may be delivered while the evidence is read; one of a later day cannot be.
        (Some(..-24), _) => subject.unclear("the last digest file was delivered at a time that lies ahead"),
        (Some(age), _) if age > allowed_hours => {
            let logging = if status.is_logging == Some(false) { "; the trail is not logging" } else { "" };
            subject.fail(format!("the last digest file is {age} hours old; {allowed} are allowed{logging}"));
        }
        (Some(age), _) => {
            let age = age.max(0);
            subject.pass(format!("the last digest file is {age} hours old; {allowed} are allowed"));
        }
        (None, Some(since)) if since <= allowed_hours => {
            subject.unclear("the trail began to log so recently that its first digest file may not be due yet");
        }
        (None, _) => subject.fail("log file validation is on, and no digest file was ever delivered"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied, seconds_ago};
    use probity_model::facts::trails::{Trail, TrailStatus};
    use probity_model::{Finding, ResourceKind, Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};
    use crate::trails::testing::{in_region, organization_trail, trail, unreadable_region, with, with_status};

    const ID: &str = "trail-log-validation";
    const HOUR: i64 = 3_600;

    fn the_finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn status(change: impl FnOnce(&mut TrailStatus)) -> Account {
        with(&[with_status(trail("main"), change)])
    }

    fn digest_seconds_ago(seconds: i64) -> Account {
        status(|status| status.latest_digest_at = Some(seconds_ago(seconds)))
    }

    fn invalid(name: &str) -> Trail {
        Trail { log_file_validation: false, ..trail(name) }
    }

    #[test]
    fn pass() {
        let finding = the_finding(with(&[trail("main")]));
        assert_eq!((finding.outcome, finding.resource_kind), (Pass, ResourceKind::Trail));
        assert_eq!(finding.message, "the last digest file is 0 hours old; 24 are allowed");
        assert_eq!(finding.region.map(|region| region.as_str().to_owned()).as_deref(), Some("eu-central-1"));
    }

    #[test]
    fn fail() {
        assert_eq!(the_finding(with(&[invalid("main")])).message, "log file validation is off");
        let stopped = the_finding(status(|status| {
            status.is_logging = Some(false);
            status.latest_digest_at = Some(seconds_ago(100 * HOUR));
        }));
        assert_eq!(stopped.outcome, Fail);
        assert_eq!(stopped.message, "the last digest file is 100 hours old; 24 are allowed; the trail is not logging");
        assert_eq!(outcomes(ID, status(|status| status.latest_digest_at = None)), [Fail]);
        assert_eq!(outcomes(ID, status(|status| status.latest_digest_error = Some("AccessDenied".to_owned()))), [Fail]);
    }

    #[test]
    fn the_last_hour_allowed_passes() {
        assert_eq!(outcomes(ID, digest_seconds_ago(25 * HOUR - 1)), [Pass]);
        assert_eq!(outcomes(ID, digest_seconds_ago(25 * HOUR)), [Fail]);
        let two = [("max_digest_age_hours", "2")];
        assert_eq!(outcomes_with(ID, &two, digest_seconds_ago(2 * HOUR)), [Pass]);
        assert_eq!(outcomes_with(ID, &two, digest_seconds_ago(3 * HOUR)), [Fail]);
    }

    #[test]
    fn every_trail_is_judged() {
        assert_eq!(outcomes(ID, with(&[trail("a"), invalid("b")])), [Pass, Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[])), [NotApplicable]);
        assert_eq!(
            outcomes(ID, with(&[Trail { log_file_validation: false, ..organization_trail("org") }])),
            [NotApplicable]
        );
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(&[trail("main")]).deny(Topic::Trails)), [NotEvaluated]);
        let unread = Seen::Missing(denied(Topic::Trails));
        assert_eq!(outcomes(ID, with(&[Trail { status: unread.clone(), ..trail("main") }])), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(&[Trail { status: unread, ..invalid("main") }])), [Fail], "off is off");
        assert_eq!(outcomes(ID, in_region(with(&[]), "us-east-1", Seen::Known(vec![trail("x").arn]))), [NotEvaluated]);
        assert_eq!(outcomes(ID, digest_seconds_ago(-100 * HOUR)), [NotEvaluated]);
        let nowhere = with(&[]).facts(|facts| {
            if let Seen::Known(trails) = &mut facts.trails {
                trails.regions.clear();
            }
        });
        assert_eq!(outcomes(ID, nowhere), [NotEvaluated]);
    }

    #[test]
    fn a_region_that_did_not_answer_may_hold_more_trails() {
        let found = findings(ID, unreadable_region(with(&[trail("main")]), "us-east-1"));
        let places = found.iter().map(|one| (one.outcome, one.region.as_ref().map(|region| region.as_str())));
        assert!(places.eq([(Pass, Some("eu-central-1")), (NotEvaluated, Some("us-east-1"))]));
    }

    #[test]
    fn a_digest_delivered_during_the_collection_passes() {
        let finding = the_finding(digest_seconds_ago(-600));
        assert_eq!((finding.outcome, &*finding.message), (Pass, "the last digest file is 0 hours old; 24 are allowed"));
    }

    #[test]
    fn the_first_digest_of_a_new_trail_may_not_be_due() {
        let new = |started: i64| {
            status(|status| {
                status.latest_digest_at = None;
                status.started_at = Some(seconds_ago(started));
            })
        };
        assert_eq!(outcomes(ID, new(HOUR)), [NotEvaluated]);
        assert_eq!(outcomes(ID, new(24 * HOUR)), [NotEvaluated]);
        assert_eq!(outcomes(ID, new(25 * HOUR)), [Fail]);
    }

    /// The same trail in two Regions is one trail, and its home Region says how it is. A member of the organization
    /// sees its trail, and may not read the status.
    #[test]
    fn trap_a_trail_that_shows_up_elsewhere_is_judged_once_and_by_its_owner() {
        let trails = [trail("main"), organization_trail("org")];
        let arns = trails.iter().map(|trail| trail.arn.clone()).collect();
        let shadowed = in_region(with(&trails), "us-east-1", Seen::Known(arns));
        assert_eq!(outcomes(ID, shadowed), [Pass, NotApplicable]);
    }
}
