//! What the checks of trails' buckets share: one verdict a bucket.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::trail_buckets::{Bucket, BucketFacts};
use probity_model::facts::{TrailBuckets, Trails};
use probity_model::{Arn, Findings, Partition, Subject};

use crate::trails::{all_known, is_owned_elsewhere, trails};

/// The ARN of a bucket.
pub(crate) fn arn(partition: &Partition, name: &str) -> Arn {
    Arn::new(format!("arn:{partition}:s3:::{name}"))
}

/// Judges each bucket that the account's own trails deliver to. `absent` says what it means that a bucket is not there.
pub(crate) fn each_bucket(
    facts: &Trails,
    buckets: &TrailBuckets,
    out: &mut Findings<'_>,
    absent: impl Fn(Subject<'_, '_>),
    judge: impl Fn(&str, &BucketFacts, Subject<'_, '_>),
) {
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let own = trails(facts).into_iter().filter(|trail| !is_owned_elsewhere(trail, out.account()));
    for trail in own {
        if let Some(bucket) = &trail.bucket {
            named.entry(bucket).or_default().insert(&trail.name);
        }
    }
    for (name, trails) in named {
        let arn = arn(out.partition(), name);
        let trails: Vec<&str> = trails.into_iter().collect();
        let subject = out.resource(arn).evidence("trails", trails.join(", "));
        match buckets.buckets.get(name) {
            Some(Bucket::Present(facts)) => judge(name, facts, subject.region(&facts.region)),
            Some(Bucket::Absent) => absent(subject.evidence("error", "NoSuchBucket")),
            None => subject.unclear("a trail names the bucket, and nothing of it was read"),
        }
    }
    all_known(facts, out);
}

/// What is said of a bucket that is not there, where that is not for the check to judge.
pub(crate) fn not_there(subject: Subject<'_, '_>) {
    subject.not_applicable("there is no bucket of this name; trail-bucket-not-public fails for it");
}

/// A list in words.
pub(crate) fn listed<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let texts: Vec<&str> = texts.into_iter().collect();
    if texts.is_empty() { "none".into() } else { texts.join(", ") }
}

/// Buckets for tests.
#[cfg(test)]
pub(crate) mod testing {
    use std::borrow::ToOwned;
    use std::boxed::Box;
    use std::vec::Vec;

    use probity_model::builder::{Account, denied};
    use probity_model::facts::trail_buckets::{Bucket, BucketFacts, PublicAccessBlock, Versioning};
    use probity_model::{Region, Seen, Topic};

    use crate::trails::testing::{HOME, trail, with};

    /// A bucket with all four settings of Block Public Access, and nothing else.
    pub(crate) fn bucket() -> BucketFacts {
        let all = PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        };
        BucketFacts {
            region: Region::try_from(HOME).expect("a Region"),
            public_access_block: Seen::Known(Some(all)),
            grants: Seen::Known(Vec::new()),
            policy_is_public: Seen::Known(None),
            policy: Seen::Known(None),
            access_logging: Seen::Known(None),
            versioning: Seen::Known(Versioning::default()),
            object_lock: Seen::Known(None),
        }
    }

    /// An account whose one trail delivers to this bucket.
    pub(crate) fn delivering_to(bucket: Bucket) -> Account {
        with(&[trail("main")]).facts(|facts| {
            if let Seen::Known(known) = &mut facts.trail_buckets {
                known.buckets.insert("logs".to_owned(), bucket);
            }
        })
    }

    /// An account whose one trail delivers to a bucket with these changes.
    pub(crate) fn with_bucket(change: impl FnOnce(&mut BucketFacts)) -> Account {
        let mut bucket = bucket();
        change(&mut bucket);
        delivering_to(Bucket::Present(Box::new(bucket)))
    }

    /// A part that was denied.
    pub(crate) fn unread<T>() -> Seen<T> {
        Seen::Missing(denied(Topic::TrailBuckets))
    }
}
