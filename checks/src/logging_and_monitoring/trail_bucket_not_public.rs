//! The bucket of a trail is not public.
//!
//! # Why
//! The log files tell who works in the account, from where, with which roles and tools, and what is in it. Whoever
//! reads them knows where to begin; whoever writes there forges the record.
//!
//! # Pass
//! Neither the bucket policy nor an access control list makes the bucket public, or Block Public Access of the bucket
//! or the account takes the effect away.
//!
//! # Fail
//! The policy is public and `RestrictPublicBuckets` is off, or the access control list grants something to everyone or
//! to every AWS account and `IgnorePublicAcls` is off, or there is no bucket of this name: whoever creates one gets the
//! log files.
//!
//! # Not applicable
//! A trail that another account owns: its bucket is judged there.
//!
//! # Notes
//! A bucket of another account mostly cannot be read from here; what cannot be read and would decide is not evaluated.
//! In a Region that could not be asked there may be more trails, so each of these Regions is not evaluated.
//!
//! # Fix
//! Turn on all four settings of Block Public Access on the bucket. Where the bucket is gone, create it or point the
//! trail elsewhere, at once.
//!
//! # Command
//! ```sh
//! aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration \
//!   BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
//! ```

use alloc::format;

use probity_model::facts::trail_buckets::{BucketFacts, PublicAccessBlock};
use probity_model::facts::{AccountPublicAccessBlock, TrailBuckets, Trails};
use probity_model::{
    Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject,
};

use crate::trail_buckets::{each_bucket, listed};

/// The groups that anybody belongs to (S3 User Guide, "Access control list (ACL) overview").
const ANYBODY: [&str; 2] =
    ["http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-bucket-not-public",
        family: Family::LoggingAndMonitoring,
        title: "The log bucket is not public",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::S3Bucket,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };

    type Facts<'s> = (&'s Trails, &'s TrailBuckets, Result<&'s AccountPublicAccessBlock, &'s Gap>);

    fn run((trails, buckets, account): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let absent = |subject: Subject<'_, '_>| {
            subject.fail("there is no bucket of this name: whoever creates it gets the log files");
        };
        each_bucket(trails, buckets, out, absent, |_, bucket, subject| judge(bucket, account, subject));
    }
}

/// Whether a setting of Block Public Access holds for a bucket.
enum Blocked<'s> {
    Yes,
    No,
    Unknown(&'s Gap),
}

/// The settings of the bucket and of the account together: the stricter one counts. Those of the account count for its own
/// buckets only, and a bucket whose own settings could not be read may be somebody else's.
fn blocked<'s>(
    bucket: &'s BucketFacts,
    account: Result<&AccountPublicAccessBlock, &'s Gap>,
    setting: impl Fn(&PublicAccessBlock) -> bool,
) -> Blocked<'s> {
    let own = match bucket.public_access_block.get() {
        Ok(own) => own,
        Err(gap) => return Blocked::Unknown(gap),
    };
    if own.as_ref().is_some_and(&setting) {
        return Blocked::Yes;
    }
    match account {
        Ok(account) if account.settings.as_ref().is_some_and(setting) => Blocked::Yes,
        Ok(_) => Blocked::No,
        Err(gap) => Blocked::Unknown(gap),
    }
}

fn judge(bucket: &BucketFacts, account: Result<&AccountPublicAccessBlock, &Gap>, mut subject: Subject<'_, '_>) {
    let by_policy = blocked(bucket, account, |block| block.restrict_public_buckets);
    let by_list = blocked(bucket, account, |block| block.ignore_public_acls);
    for (name, blocked) in [("RestrictPublicBuckets", &by_policy), ("IgnorePublicAcls", &by_list)] {
        subject = match blocked {
            Blocked::Yes => subject.evidence(name, true),
            Blocked::No => subject.evidence(name, false),
            Blocked::Unknown(gap) => subject.evidence(name, gap),
        };
    }
    let policy = bucket.policy_is_public.get().map(|public| *public == Some(true));
    let everyone = bucket.grants.get().map(|grants| {
        let public = grants.iter().filter(|grant| ANYBODY.contains(&grant.grantee.as_str()));
        listed(public.map(|grant| grant.permission.as_str()))
    });
    if let Ok(public) = policy {
        subject = subject.evidence("IsPublic", public);
    }
    if let Ok(permissions) = &everyone {
        subject = subject.evidence("granted_to_anybody", permissions);
    }
    let list = everyone.map(|permissions| permissions != "none");
    let mut open = None;
    for (way, public, blocked) in [("bucket policy", policy, by_policy), ("access control list", list, by_list)] {
        match (public, blocked) {
            (Ok(false), _) | (_, Blocked::Yes) => {}
            (Ok(true), Blocked::No) => return subject.fail(format!("the {way} makes the bucket public")),
            (Err(gap), _) | (_, Blocked::Unknown(gap)) => open = open.or(Some(gap)),
        }
    }
    match open {
        Some(gap) => subject.not_evaluated(gap),
        None => subject.pass("neither a policy nor an access control list makes the bucket public"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::AccountPublicAccessBlock;
    use probity_model::facts::trail_buckets::{Bucket, Grant, PublicAccessBlock};
    use probity_model::{Seen, Topic};

    use super::ANYBODY;
    use crate::testing::{findings, outcomes};
    use crate::trail_buckets::testing::{bucket, delivering_to, unread, with_bucket};
    use crate::trails::testing::{organization_trail, with};

    const ID: &str = "trail-bucket-not-public";

    fn public_policy() -> Account {
        with_bucket(|bucket| {
            bucket.public_access_block = Seen::Known(None);
            bucket.policy_is_public = Seen::Known(Some(true));
        })
    }

    fn public_list() -> Account {
        with_bucket(|bucket| {
            bucket.public_access_block = Seen::Known(None);
            let grant = Grant { grantee: ANYBODY[1].to_owned(), permission: "READ".to_owned() };
            bucket.grants = Seen::Known(vec![grant]);
        })
    }

    fn with_account_settings(account: Account) -> Account {
        let settings = bucket().public_access_block.get().ok().copied().flatten();
        account.facts(|facts| facts.account_public_access_block = Seen::Known(AccountPublicAccessBlock { settings }))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with_bucket(|_| ())), [Pass]);
        assert_eq!(outcomes(ID, with_bucket(|bucket| bucket.public_access_block = Seen::Known(None))), [Pass]);
        assert_eq!(outcomes(ID, with_bucket(|bucket| bucket.policy_is_public = Seen::Known(Some(true)))), [Pass]);
        assert_eq!(outcomes(ID, with_account_settings(public_policy())), [Pass]);
        assert_eq!(outcomes(ID, with_account_settings(public_list())), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, public_policy()), [Fail]);
        assert_eq!(outcomes(ID, public_list()), [Fail]);
        let half = with_bucket(|bucket| {
            let only_new = PublicAccessBlock { block_public_policy: true, ..PublicAccessBlock::default() };
            bucket.public_access_block = Seen::Known(Some(only_new));
            bucket.policy_is_public = Seen::Known(Some(true));
        });
        assert_eq!(outcomes(ID, half), [Fail], "a setting that refuses new policies leaves the old one");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with_bucket(|_| ()).deny(Topic::Trails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with_bucket(|_| ()).deny(Topic::TrailBuckets)), [NotEvaluated]);
        let open = |account: Account| outcomes(ID, account);
        assert_eq!(open(public_policy().deny(Topic::AccountPublicAccessBlock)), [NotEvaluated]);
        let block_unread = with_bucket(|bucket| {
            bucket.public_access_block = unread();
            bucket.policy_is_public = Seen::Known(Some(true));
        });
        assert_eq!(open(with_account_settings(block_unread)), [NotEvaluated], "it may be somebody else's bucket");
        let policy_unread = with_bucket(|bucket| {
            bucket.public_access_block = Seen::Known(None);
            bucket.policy_is_public = unread();
        });
        assert_eq!(open(policy_unread), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[])), [NotApplicable]);
        assert_eq!(outcomes(ID, with(&[organization_trail("org")])), [NotApplicable]);
    }

    #[test]
    fn a_bucket_that_cannot_be_public_passes_with_its_settings_unread() {
        assert_eq!(outcomes(ID, with_bucket(|bucket| bucket.public_access_block = unread())), [Pass]);
    }

    #[test]
    fn trap_a_bucket_that_is_gone_is_worse_than_a_public_one() {
        let [finding] = findings(ID, delivering_to(Bucket::Absent)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.resource.as_str(), "arn:aws:s3:::logs");
    }
}
