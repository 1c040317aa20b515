//! A trail feeds CloudWatch Logs, and the feed is alive.
//!
//! # Why
//! Log files in a bucket tell the past. Alarms need the events within minutes, and CloudWatch Logs is where metric
//! filters find them.
//!
//! # Pass
//! The trail names a log group, the last delivery to it was at most `max_age_hours` whole hours ago and without an
//! error. A second finding, for information, asks that the group keeps events for at least `min_retention_days`.
//!
//! # Fail
//! The trail names no log group, or the last delivery failed, is older, or never was.
//!
//! # Not applicable
//! A trail that another account owns, such as a trail of the organization: it is judged in the account that owns it.
//! Alerts that are built elsewhere, under `alerts_elsewhere`.
//!
//! # Notes
//! The CIS benchmarks dropped this control in 3.0; Security Hub keeps it. In a Region that could not be asked there may
//! be more trails, so each of these Regions is not evaluated.
//!
//! # Fix
//! Attach a log group and a role to the trail, and see that the role may write.
//!
//! # Command
//! ```sh
//! aws cloudtrail update-trail --name TRAIL --cloud-watch-logs-log-group-arn ARN --cloud-watch-logs-role-arn ARN
//! ```

use alloc::format;

use probity_model::facts::trail_log_groups::LogGroup;
use probity_model::facts::trails::{Trail, TrailStatus};
use probity_model::facts::{TrailLogGroups, Trails};
use probity_model::{
    Arn, Automation, Family, Findings, FlagParameter, Gap, Meta, NumberParameter, ParameterSpec, Parameters,
    ResourceKind, Rule, Scope, Severity, Subject, Timestamp, Unit,
};

use crate::trails::{each_own, hours_since, is_owned_elsewhere, trails};

const ALERTS_ELSEWHERE: FlagParameter = FlagParameter {
    name: "alerts_elsewhere",
    default: false,
    source: "our own choice: alerts built on EventBridge or in a SIEM need no log group",
};

const MAX_AGE_HOURS: NumberParameter = NumberParameter {
    name: "max_age_hours",
    default: 24,
    min: 1,
    max: 8_760,
    unit: Unit::Hours,
    source: "Prowler allows 24 hours",
};

const MIN_RETENTION_DAYS: NumberParameter = NumberParameter {
    name: "min_retention_days",
    default: 365,
    min: 1,
    max: 3_653,
    unit: Unit::Days,
    source: "Security Hub control CloudWatch.16 asks for a year",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-cloudwatch-logs",
        family: Family::LoggingAndMonitoring,
        title: "Trail feeds CloudWatch Logs and the feed is alive",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Trail,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[
            ParameterSpec::Flag(ALERTS_ELSEWHERE),
            ParameterSpec::Number(MAX_AGE_HOURS),
            ParameterSpec::Number(MIN_RETENTION_DAYS),
        ],
    };

    type Facts<'s> = (&'s Trails, Result<&'s TrailLogGroups, &'s Gap>);

    fn run((facts, groups): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        if parameters.flag(&ALERTS_ELSEWHERE) {
            return out.whole_account().not_applicable("alerts are raised elsewhere (parameter alerts_elsewhere)");
        }
        let max_age = parameters.number(&MAX_AGE_HOURS);
        each_own(facts, out, |trail, subject, now| feed(trail, max_age, subject, now));
        let least = parameters.number(&MIN_RETENTION_DAYS);
        let own = trails(facts).into_iter().filter(|trail| !is_owned_elsewhere(trail, out.account()));
        for (trail, group) in
            own.filter_map(|trail| Some((trail, trail.log_group.as_ref()?))).collect::<alloc::vec::Vec<_>>()
        {
            let mut subject = out.resource(trail.arn.clone()).discriminator("retention").severity(Severity::Info);
            if let Some(region) = &trail.home_region {
                subject = subject.region(region);
            }
            retention(group, groups.map(|groups| groups.groups.get(group)), least, subject);
        }
    }
}

fn feed(trail: &Trail, max_age: u32, subject: Subject<'_, '_>, now: Timestamp) {
    let Some(group) = &trail.log_group else {
        return subject.evidence("CloudWatchLogsLogGroupArn", "none").fail("the trail feeds no log group");
    };
    let subject = subject.evidence("CloudWatchLogsLogGroupArn", group);
    match trail.status.get() {
        Ok(status) => delivery(status, max_age, subject, now),
        Err(gap) => subject.not_evaluated(gap),
    }
}

fn delivery(status: &TrailStatus, max_age: u32, subject: Subject<'_, '_>, now: Timestamp) {
    if let Some(error) = &status.latest_log_group_error {
        return subject
            .evidence("LatestCloudWatchLogsDeliveryError", error)
            .fail(format!("the last delivery to CloudWatch Logs failed: {error}"));
    }
    let allowed = i64::from(max_age);
    match (status.latest_log_group_delivery_at, status.started_at) {
        (Some(last), _) => {
            let hours = hours_since(last, now);
            let subject = subject.evidence("LatestCloudWatchLogsDeliveryTime", last);
            if hours <= allowed {
                subject.pass(format!("the last delivery was {hours} hours ago; {max_age} are allowed"));
            } else {
                subject.fail(format!("the last delivery was {hours} hours ago; {max_age} are allowed"));
            }
        }
        (None, Some(started)) if hours_since(started, now) == 0 => {
            subject.unclear("the trail began to log so recently that nothing may have been delivered yet");
        }
        (None, _) => subject.fail("nothing was ever delivered to the log group"),
    }
}

fn retention(arn: &Arn, group: Result<Option<&LogGroup>, &Gap>, least: u32, subject: Subject<'_, '_>) {
    let details = match group {
        Ok(Some(group)) => group.details.get(),
        Ok(None) => return subject.unclear("the trail names a log group, and nothing of it was read"),
        Err(gap) => Err(gap),
    };
    match details {
        Err(gap) => subject.not_evaluated(gap),
        Ok(None) => subject.evidence("logGroupArn", arn).fail("the log group does not exist"),
        Ok(Some(details)) => match details.retention_days {
            None => subject.evidence("retentionInDays", "never expire").pass("events are kept for ever"),
            Some(days) if i64::from(days) >= i64::from(least) => {
                subject.evidence("retentionInDays", days).pass(format!("events are kept for {days} days"));
            }
            Some(days) => subject
                .evidence("retentionInDays", days)
                .fail(format!("events are kept for {days} days; {least} are wanted")),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied, seconds_ago};
    use probity_model::facts::trail_log_groups::LogGroupDetails;
    use probity_model::facts::trails::TrailStatus;
    use probity_model::{Seen, Severity, Topic};

    use crate::alerts::testing::alerting;
    use crate::testing::{findings, outcomes, outcomes_with};
    use crate::trails::testing::{organization_trail, trail, with};

    const ID: &str = "trail-cloudwatch-logs";

    fn fed(change: impl FnOnce(&mut TrailStatus)) -> Account {
        alerting("").facts(|facts| {
            let Seen::Known(trails) = &mut facts.trails else { unreachable!("the trails are known") };
            let Seen::Known(status) = &mut trails.trails[0].status else { unreachable!("the status is known") };
            status.latest_log_group_delivery_at = Some(seconds_ago(600));
            change(status);
        })
    }

    fn kept(days: Option<i32>) -> Account {
        fed(|_| ()).facts(|facts| {
            let Seen::Known(groups) = &mut facts.trail_log_groups else { unreachable!("the groups are known") };
            for group in groups.groups.values_mut() {
                group.details = Seen::Known(Some(LogGroupDetails { retention_days: days, class: None }));
            }
        })
    }

    fn of_feed(account: Account) -> Vec<Outcome> {
        findings(ID, account).into_iter().filter(|one| one.discriminator.is_empty()).map(|one| one.outcome).collect()
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, fed(|_| ())), [Pass, Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with(&[trail("main")])), [Fail]);
        assert_eq!(of_feed(fed(|status| status.latest_log_group_delivery_at = None)), [Fail]);
        assert_eq!(of_feed(fed(|status| status.latest_log_group_error = Some("denied".to_owned()))), [Fail]);
        assert_eq!(of_feed(fed(|status| status.latest_log_group_delivery_at = Some(seconds_ago(25 * 3_600)))), [Fail]);
        assert_eq!(
            of_feed(fed(|status| status.latest_log_group_delivery_at = Some(seconds_ago(25 * 3_600 - 1)))),
            [Pass]
        );
    }

    #[test]
    fn what_a_group_keeps_is_a_finding_of_its_own() {
        let retention = |days| {
            let found = findings(ID, kept(days)).into_iter().find(|one| one.discriminator == "retention");
            found.map(|one| (one.outcome, one.severity))
        };
        assert_eq!(retention(None), Some((Pass, Severity::Info)));
        assert_eq!(retention(Some(365)), Some((Pass, Severity::Info)));
        assert_eq!(retention(Some(364)), Some((Fail, Severity::Info)));
        assert_eq!(of_feed(kept(Some(1))), [Pass]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, fed(|_| ()).deny(Topic::Trails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, fed(|_| ()).deny(Topic::TrailLogGroups)), [Pass, NotEvaluated]);
        let unread = fed(|_| ()).facts(|facts| {
            let Seen::Known(trails) = &mut facts.trails else { unreachable!("the trails are known") };
            trails.trails[0].status = Seen::Missing(denied(Topic::Trails));
        });
        assert_eq!(of_feed(unread), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[organization_trail("org")])), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("alerts_elsewhere", "true")], with(&[trail("main")])), [NotApplicable]);
    }
}
