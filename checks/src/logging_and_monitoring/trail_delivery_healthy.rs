//! A trail delivers its log files.
//!
//! # Why
//! A trail that is logging and cannot deliver records nothing that anyone will see, and nobody notices until the log
//! files are needed.
//!
//! # Pass
//! The last delivery to the bucket was at most `max_age_hours` whole hours ago and without an error.
//!
//! # Fail
//! The last delivery failed, or is older, or there never was one, although the trail is logging.
//!
//! # Not applicable
//! A trail that another account owns, such as a trail of the organization: it is judged in the account that owns it. A
//! trail that is not logging.
//!
//! # Notes
//! A Region in which nothing happens still delivers on a trail of several Regions, by the events of global services. In
//! a Region that could not be asked there may be more trails, so each of these Regions is not evaluated.
//!
//! # Fix
//! Fix what the error names: the policy of the bucket, the policy of the key, or the bucket that is gone.
//!
//! # Command
//! ```sh
//! aws cloudtrail get-trail-status --name TRAIL
//! ```

use alloc::format;

use probity_model::facts::Trails;
use probity_model::facts::trails::{Trail, TrailStatus};
use probity_model::{
    Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Subject, Timestamp, Unit,
};

use crate::trails::{each_own, hours_since};

const MAX_AGE_HOURS: NumberParameter = NumberParameter {
    name: "max_age_hours",
    default: 24,
    min: 1,
    max: 8_760,
    unit: Unit::Hours,
    source: "our own choice: CloudTrail delivers within minutes, and a multi-Region trail always has something to deliver",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-delivery-healthy",
        family: Family::LoggingAndMonitoring,
        title: "Trail delivery works",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::Trail,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_AGE_HOURS)],
    };

    type Facts<'s> = &'s Trails;

    fn run(facts: &Trails, parameters: &Parameters, out: &mut Findings<'_>) {
        let max_age = parameters.number(&MAX_AGE_HOURS);
        each_own(facts, out, |trail, subject, now| judge(trail, max_age, subject, now));
    }
}

fn judge(trail: &Trail, max_age: u32, subject: Subject<'_, '_>, now: Timestamp) {
    let status = match trail.status.get() {
        Ok(status) => status,
        Err(gap) => return subject.not_evaluated(gap),
    };
    match status.is_logging {
        Some(true) => delivery(status, max_age, subject.evidence("IsLogging", true), now),
        Some(false) => subject.not_applicable("the trail is not logging, so that there is nothing to deliver"),
        None => subject.unclear("the status does not say whether the trail is logging"),
    }
}

fn delivery(status: &TrailStatus, max_age: u32, mut subject: Subject<'_, '_>, now: Timestamp) {
    if let Some(last) = status.latest_delivery_at {
        subject = subject.evidence("LatestDeliveryTime", last);
    }
    if let Some(error) = &status.latest_delivery_error {
        return subject
            .evidence("LatestDeliveryError", error)
            .fail(format!("the last log file could not be delivered: {error}"));
    }
    match (status.latest_delivery_at.map(|last| hours_since(last, now)), status.started_at) {
        (Some(hours), _) if hours <= i64::from(max_age) => {
            subject.pass(format!("the last log file was delivered {hours} hours ago; {max_age} are allowed"));
        }
        (Some(hours), _) => {
            subject.fail(format!("the last log file was delivered {hours} hours ago; {max_age} are allowed"));
        }
        (None, Some(started)) if hours_since(started, now) == 0 => {
            subject.unclear("the trail began to log so recently that nothing may have been delivered yet");
        }
        (None, _) => subject.fail("the trail is logging, and no log file was ever delivered"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied, seconds_ago};
    use probity_model::facts::trails::{Trail, TrailStatus};
    use probity_model::{Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};
    use crate::trails::testing::{organization_trail, trail, with, with_status};

    const ID: &str = "trail-delivery-healthy";

    fn status(change: impl FnOnce(&mut TrailStatus)) -> Account {
        with(&[with_status(trail("main"), change)])
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(&[trail("main")])), [Pass]);
        let during = status(|status| status.latest_delivery_at = Some(seconds_ago(-60)));
        assert_eq!(outcomes(ID, during), [Pass], "delivered while the evidence was read");
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, status(|status| status.latest_delivery_at = Some(seconds_ago(25 * 3_600)))), [Fail]);
        assert_eq!(outcomes(ID, status(|status| status.latest_delivery_at = None)), [Fail]);
        let broken = status(|status| status.latest_delivery_error = Some("AccessDenied".to_owned()));
        let [finding] = findings(ID, broken).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.contains("AccessDenied"));
    }

    #[test]
    fn the_last_hour_allowed_passes() {
        let two = [("max_age_hours", "2")];
        let ago = |seconds| status(|status| status.latest_delivery_at = Some(seconds_ago(seconds)));
        assert_eq!(outcomes_with(ID, &two, ago(3 * 3_600 - 1)), [Pass]);
        assert_eq!(outcomes_with(ID, &two, ago(3 * 3_600)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(&[trail("main")]).deny(Topic::Trails)), [NotEvaluated]);
        let unread = Trail { status: Seen::Missing(denied(Topic::Trails)), ..trail("main") };
        assert_eq!(outcomes(ID, with(&[unread])), [NotEvaluated]);
        let new = status(|status| {
            status.latest_delivery_at = None;
            status.started_at = Some(seconds_ago(600));
        });
        assert_eq!(outcomes(ID, new), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[organization_trail("org")])), [NotApplicable]);
        assert_eq!(outcomes(ID, status(|status| status.is_logging = Some(false))), [NotApplicable]);
    }
}
