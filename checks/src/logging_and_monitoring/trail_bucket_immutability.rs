//! The log files of a trail cannot be deleted before their time.
//!
//! # Why
//! Whoever wants to be forgotten deletes the log files, and an administrator can. Object Lock and MFA delete withstand
//! even that.
//!
//! # Pass
//! Object Lock with a default retention is on, or versioning is on with MFA delete.
//!
//! # Fail
//! Neither. Object Lock without a default retention locks only what its writer asks for, and CloudTrail asks for
//! nothing.
//!
//! # Not applicable
//! A trail that another account owns: its bucket is judged there. A bucket that does not exist.
//!
//! # Notes
//! In governance mode, whoever holds `s3:BypassGovernanceRetention` deletes all the same. In a Region that could not be
//! asked there may be more trails, so each of these Regions is not evaluated.
//!
//! # Fix
//! Deliver to a bucket with Object Lock and a default retention in compliance mode.
//!
//! # Command
//! ```sh
//! aws s3api put-object-lock-configuration --bucket BUCKET --object-lock-configuration \
//!   'ObjectLockEnabled=Enabled,Rule={DefaultRetention={Mode=COMPLIANCE,Days=365}}'
//! ```

use alloc::format;

use probity_model::facts::trail_buckets::BucketFacts;
use probity_model::facts::{TrailBuckets, Trails};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};

use crate::trail_buckets::{each_bucket, not_there};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-bucket-immutability",
        family: Family::LoggingAndMonitoring,
        title: "Log files cannot be deleted before their time",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::S3Bucket,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };

    type Facts<'s> = (&'s Trails, &'s TrailBuckets);

    fn run((trails, buckets): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        each_bucket(trails, buckets, out, not_there, |_, bucket, subject| judge(bucket, subject));
    }
}

fn judge(bucket: &BucketFacts, mut subject: Subject<'_, '_>) {
    let mut unset = false;
    if let Ok(lock) = bucket.object_lock.get() {
        let mode = lock.as_ref().and_then(|lock| lock.default_mode.as_deref());
        subject = subject.evidence("ObjectLock", lock.is_some()).evidence("DefaultRetention", mode.unwrap_or("none"));
        if let Some(mode) = mode {
            let days = lock.as_ref().and_then(|lock| lock.default_days).unwrap_or_default();
            return subject.pass(format!("Object Lock keeps every object for {days} days, in {mode} mode"));
        }
        unset = lock.is_some();
    }
    if let Ok(versioning) = bucket.versioning.get() {
        let status = versioning.status.as_deref().unwrap_or("never on");
        subject = subject.evidence("Versioning", status).evidence("MFADelete", versioning.mfa_delete);
        if versioning.mfa_delete && status == "Enabled" {
            return subject.pass("versioning is on, and deleting a version takes an MFA device");
        }
    }
    match (bucket.object_lock.gap().or_else(|| bucket.versioning.gap()), unset) {
        (Some(gap), _) => subject.not_evaluated(gap),
        (None, true) => {
            subject.fail("Object Lock is on without a default retention: nothing that CloudTrail delivers is locked")
        }
        (None, false) => subject.fail("neither Object Lock nor MFA delete keeps the log files from being deleted"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::trail_buckets::{Bucket, ObjectLock, Versioning};
    use probity_model::{Seen, Topic};

    use crate::testing::outcomes;
    use crate::trail_buckets::testing::{delivering_to, unread, with_bucket};
    use crate::trails::testing::with;

    const ID: &str = "trail-bucket-immutability";

    fn locked(mode: Option<&str>) -> Account {
        let lock = ObjectLock { default_mode: mode.map(ToOwned::to_owned), default_days: mode.map(|_| 365) };
        with_bucket(|bucket| bucket.object_lock = Seen::Known(Some(lock)))
    }

    fn versioned(status: &str, mfa_delete: bool) -> Account {
        let versioning = Versioning { status: Some(status.to_owned()), mfa_delete };
        with_bucket(|bucket| bucket.versioning = Seen::Known(versioning))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, locked(Some("COMPLIANCE"))), [Pass]);
        assert_eq!(outcomes(ID, versioned("Enabled", true)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with_bucket(|_| ())), [Fail]);
        assert_eq!(outcomes(ID, versioned("Enabled", false)), [Fail]);
        assert_eq!(outcomes(ID, versioned("Suspended", true)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, locked(Some("COMPLIANCE")).deny(Topic::TrailBuckets)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with_bucket(|bucket| bucket.object_lock = unread())), [NotEvaluated]);
        assert_eq!(outcomes(ID, with_bucket(|bucket| bucket.versioning = unread())), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[])), [NotApplicable]);
        assert_eq!(outcomes(ID, delivering_to(Bucket::Absent)), [NotApplicable]);
    }

    #[test]
    fn trap_object_lock_without_a_default_locks_nothing() {
        assert_eq!(outcomes(ID, locked(None)), [Fail]);
    }
}
