//! Access to the bucket of a trail is itself logged.
//!
//! # Why
//! Who looks at the record, or tries to change it, is as telling as what is in it.
//!
//! # Pass
//! Server access logging is on and goes to another bucket, or a trail of the account that is logging records the object
//! events of the bucket, reading ones and changing ones, in the bucket's Region.
//!
//! # Fail
//! Neither, or the bucket logs to itself, where each log makes another one and whoever holds the bucket holds its logs
//! too.
//!
//! # Not applicable
//! A trail that another account owns: its bucket is judged there. A bucket that does not exist.
//!
//! # Notes
//! Only server access logging satisfies the CIS benchmarks and Security Hub: turn `accept_data_events` off to hold to
//! them. In a Region that could not be asked there may be more trails, so each of these Regions is not evaluated.
//!
//! # Fix
//! Turn on server access logging to a separate bucket.
//!
//! # Command
//! ```sh
//! aws s3api put-bucket-logging --bucket BUCKET --bucket-logging-status file://logging.json
//! ```

use alloc::format;

use probity_model::facts::trail_buckets::BucketFacts;
use probity_model::facts::trails::Trail;
use probity_model::facts::{TrailBuckets, Trails};
use probity_model::{
    Automation, Family, Findings, FlagParameter, Gap, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Subject,
};

use crate::data_events::recorded;
use crate::management_events::Kind;
use crate::trail_buckets::{each_bucket, not_there};
use crate::trails::trails;

const ACCEPT_DATA_EVENTS: FlagParameter = FlagParameter {
    name: "accept_data_events",
    default: true,
    source: "our own choice: data events say more than access logs. The CIS benchmarks and Security Hub want access logs",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-bucket-access-logging",
        family: Family::LoggingAndMonitoring,
        title: "Access to the log bucket is itself logged",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::S3Bucket,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(ACCEPT_DATA_EVENTS)],
    };

    type Facts<'s> = (&'s Trails, &'s TrailBuckets);

    fn run((facts, buckets): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let data_events = parameters.flag(&ACCEPT_DATA_EVENTS);
        each_bucket(facts, buckets, out, not_there, |name, bucket, subject| {
            let by_trail = if data_events { by_trail(facts, name, bucket) } else { Ok(None) };
            judge(name, bucket, by_trail, subject);
        });
    }
}

/// The trail that records the events of the bucket's objects; where none does for sure, what could not be read.
fn by_trail<'s>(facts: &'s Trails, name: &str, bucket: &BucketFacts) -> Result<Option<&'s Trail>, &'s Gap> {
    let mut open = facts.regions.values().find_map(|seen| seen.gap());
    for trail in trails(facts) {
        if !trail.is_multi_region && trail.home_region.as_ref() != Some(&bucket.region) {
            continue;
        }
        let records = trail.status.get().and_then(|status| {
            let selectors = trail.selectors.get()?;
            let all = [Kind::Read, Kind::Write].into_iter().all(|kind| recorded(selectors, kind).hold(name));
            Ok(status.is_logging == Some(true) && all)
        });
        match records {
            Ok(true) => return Ok(Some(trail)),
            Ok(false) => {}
            Err(gap) => open = open.or(Some(gap)),
        }
    }
    open.map_or(Ok(None), Err)
}

fn judge(name: &str, bucket: &BucketFacts, by_trail: Result<Option<&Trail>, &Gap>, mut subject: Subject<'_, '_>) {
    let logging = bucket.access_logging.get();
    if let Ok(logging) = logging {
        let target = logging.as_ref().map_or("none", |logging| logging.target_bucket.as_str());
        subject = subject.evidence("TargetBucket", target);
        if target != "none" && target != name {
            return subject.pass(format!("server access logs go to the bucket {target}"));
        }
    }
    match (by_trail, logging) {
        (Ok(Some(trail)), _) => subject
            .evidence("TrailARN", &trail.arn)
            .pass(format!("the trail {} records the events of the bucket's objects", trail.name)),
        (_, Err(gap)) | (Err(gap), _) => subject.not_evaluated(gap),
        (Ok(None), Ok(Some(_))) => subject.fail("server access logs go to the bucket itself"),
        (Ok(None), Ok(None)) => subject.fail("access to the bucket is not logged"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::string::String;
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::trail_buckets::{AccessLogging, Bucket};
    use probity_model::facts::trails::{DataResource, EventSelectors};
    use probity_model::{Seen, Topic};

    use crate::testing::{outcomes, outcomes_with};
    use crate::trail_buckets::testing::{delivering_to, unread, with_bucket};
    use crate::trails::testing::{basic, organization_trail, unreadable_region, with};

    const ID: &str = "trail-bucket-access-logging";

    fn logging_to(target: &str) -> Account {
        let logging = AccessLogging { target_bucket: target.to_owned(), target_prefix: String::new() };
        with_bucket(|bucket| bucket.access_logging = Seen::Known(Some(logging)))
    }

    fn recording(read_write: &str, value: &str) -> Account {
        with_bucket(|_| ()).facts(|facts| {
            let Seen::Known(trails) = &mut facts.trails else { unreachable!("the trails are known") };
            let resource = DataResource { kind: "AWS::S3::Object".to_owned(), values: vec![value.to_owned()] };
            let mut selector = basic(read_write, true, &[]);
            selector.data_resources.push(resource);
            trails.trails[0].selectors = Seen::Known(EventSelectors { basic: vec![selector], advanced: Vec::new() });
        })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, logging_to("access-logs")), [Pass]);
        assert_eq!(outcomes(ID, recording("All", "arn:aws:s3:::logs/")), [Pass]);
        assert_eq!(outcomes(ID, recording("All", "arn:aws:s3")), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with_bucket(|_| ())), [Fail]);
        assert_eq!(outcomes(ID, recording("All", "arn:aws:s3:::other/")), [Fail]);
        assert_eq!(outcomes(ID, recording("WriteOnly", "arn:aws:s3:::logs/")), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, logging_to("access-logs").deny(Topic::TrailBuckets)), [NotEvaluated]);
        assert_eq!(outcomes(ID, logging_to("access-logs").deny(Topic::Trails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with_bucket(|bucket| bucket.access_logging = unread())), [NotEvaluated]);
        let elsewhere = unreadable_region(with_bucket(|_| ()), "us-east-1");
        assert_eq!(outcomes(ID, elsewhere), [NotEvaluated, NotEvaluated], "a trail there may record the bucket");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[organization_trail("org")])), [NotApplicable]);
        assert_eq!(outcomes(ID, delivering_to(Bucket::Absent)), [NotApplicable]);
    }

    #[test]
    fn trap_data_events_are_our_extension_and_can_be_refused() {
        let strict = [("accept_data_events", "false")];
        assert_eq!(outcomes_with(ID, &strict, recording("All", "arn:aws:s3")), [Fail]);
        assert_eq!(outcomes_with(ID, &strict, logging_to("access-logs")), [Pass]);
    }

    #[test]
    fn trap_a_bucket_that_logs_to_itself_loops() {
        assert_eq!(outcomes(ID, logging_to("logs")), [Fail]);
    }
}
