//! The buckets of trails take no requests without TLS.
//!
//! # Why
//! A request over plain HTTP shows its contents, and its signature for minutes, to whoever is on the way.
//!
//! # Pass
//! The bucket policy denies everyone reading, writing and listing where `aws:SecureTransport` is false.
//!
//! # Fail
//! It does not, or does so only under further conditions or for some of the objects.
//!
//! # Not applicable
//! A trail that another account owns: its bucket is judged there. A bucket that does not exist.
//!
//! # Notes
//! Only the buckets that trails deliver to are judged. A statement on old versions of TLS does not refuse plain HTTP,
//! which has none. In a Region that could not be asked there may be more trails, so each of these Regions is not
//! evaluated.
//!
//! # Fix
//! Add a statement that denies `s3:*` on the bucket and its objects to everyone where `aws:SecureTransport` is `false`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::trail_buckets::BucketFacts;
use probity_model::facts::{TrailBuckets, Trails};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};
use probity_policy::{Caller, Context, Decision, Policies, Policy, Request, Target};

use crate::trail_buckets::{arn, each_bucket, not_there};

/// Calls that stand for all: reading, writing and deleting objects.
const ON_OBJECTS: [&str; 3] = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];
/// Calls that stand for all: listing objects, and reading what is set of the bucket.
const ON_BUCKET: [&str; 2] = ["s3:ListBucket", "s3:GetBucketPolicy"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "s3-bucket-policy-tls",
        family: Family::LoggingAndMonitoring,
        title: "Audit buckets take no requests without TLS",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::S3Bucket,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };

    type Facts<'s> = (&'s Trails, &'s TrailBuckets);

    fn run((trails, buckets): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let partition = out.partition().clone();
        each_bucket(trails, buckets, out, not_there, |name, bucket, subject| {
            judge(arn(&partition, name).as_str(), bucket, subject);
        });
    }
}

fn judge(bucket_arn: &str, bucket: &BucketFacts, subject: Subject<'_, '_>) {
    let document = match bucket.policy.get() {
        Ok(Some(document)) => document.as_str(),
        Ok(None) => {
            return subject.evidence("policy", "none").fail("the bucket has no policy that would refuse plain HTTP");
        }
        Err(gap) => return subject.not_evaluated(gap),
    };
    let policy = match Policy::parse("bucket policy", document) {
        Ok(policy) => policy,
        Err(error) => return subject.unclear(format!("the bucket policy cannot be parsed: {error}")),
    };
    let objects = format!("{bucket_arn}/*");
    let on_objects = ON_OBJECTS.iter().map(|action| (*action, Target::Matching(&objects)));
    let on_bucket = ON_BUCKET.iter().map(|action| (*action, Target::One(bucket_arn)));
    let left: Vec<String> = on_objects
        .chain(on_bucket)
        .filter(|(action, target)| !denies_plain_http(&policy, action, *target))
        .map(|(action, target)| format!("{action} on {}", target.arn()))
        .collect();
    if left.is_empty() {
        return subject.evidence("plain_http", "denied").pass("the bucket policy denies everyone plain HTTP");
    }
    let all = left.len() == ON_OBJECTS.len() + ON_BUCKET.len();
    let subject = subject.evidence("not_denied", left.join(", "));
    if all {
        subject.fail("the bucket policy does not deny plain HTTP to everyone");
    } else {
        subject.fail(format!("the bucket policy denies some plain HTTP, and not {}", left.join(", ")));
    }
}

/// Whether the policy denies a call over plain HTTP to anybody, whatever else is true of the request.
fn denies_plain_http(policy: &Policy, action: &str, resource: Target<'_>) -> bool {
    let (caller, context) = (Caller::anonymous(), Context::partial().with("aws:SecureTransport", "false"));
    let policies = Policies { resource: Some(policy), ..Policies::default() };
    let request = Request { caller: &caller, action, resource, resource_account: None, context: &context };
    policies.evaluate(&request).decision == Decision::ExplicitlyDenied
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::trail_buckets::Bucket;
    use probity_model::{Seen, Topic};

    use crate::testing::outcomes;
    use crate::trail_buckets::testing::{delivering_to, unread, with_bucket};
    use crate::trails::testing::with;

    const ID: &str = "s3-bucket-policy-tls";

    fn denying(principal: &str, action: &str, resource: &str, condition: &str) -> Account {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": {principal}, "Action": {action}, "Resource": {resource}, "Condition": {{{condition}}}}}]}}"#
        );
        with_bucket(|bucket| bucket.policy = Seen::Known(Some(DocumentText::new(text))))
    }

    const ALL: &str = r#"["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]"#;
    const TLS: &str = r#""Bool": {"aws:SecureTransport": "false"}"#;

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, denying(r#""*""#, r#""s3:*""#, ALL, TLS)), [Pass]);
        assert_eq!(outcomes(ID, denying(r#"{"AWS": "*"}"#, r#""*""#, r#""*""#, TLS)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with_bucket(|_| ())), [Fail]);
        assert_eq!(outcomes(ID, denying(r#"{"AWS": "123456789012"}"#, r#""s3:*""#, ALL, TLS)), [Fail]);
        assert_eq!(outcomes(ID, denying(r#""*""#, r#""s3:PutObject""#, ALL, TLS)), [Fail]);
        let old_tls = r#""NumericLessThan": {"s3:TlsVersion": "1.2"}"#;
        assert_eq!(
            outcomes(ID, denying(r#""*""#, r#""s3:*""#, ALL, old_tls)),
            [Fail],
            "plain HTTP has no version of TLS"
        );
    }

    #[test]
    fn a_statement_of_the_bucket_or_its_objects_alone_is_not_enough() {
        assert_eq!(outcomes(ID, denying(r#""*""#, r#""s3:*""#, r#""arn:aws:s3:::logs/*""#, TLS)), [Fail]);
        assert_eq!(outcomes(ID, denying(r#""*""#, r#""s3:*""#, r#""arn:aws:s3:::logs""#, TLS)), [Fail]);
        let narrowed = format!(r#"{TLS}, "StringNotEquals": {{"aws:PrincipalTag/team": "red"}}"#);
        assert_eq!(outcomes(ID, denying(r#""*""#, r#""s3:*""#, ALL, &narrowed)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with_bucket(|_| ()).deny(Topic::TrailBuckets)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with_bucket(|bucket| bucket.policy = unread())), [NotEvaluated]);
        let garbled = with_bucket(|bucket| bucket.policy = Seen::Known(Some(DocumentText::new("{"))));
        assert_eq!(outcomes(ID, garbled), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[])), [NotApplicable]);
        assert_eq!(outcomes(ID, delivering_to(Bucket::Absent)), [NotApplicable]);
    }
}
