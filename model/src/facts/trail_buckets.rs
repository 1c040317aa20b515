//! The S3 buckets that the account's own trails deliver to, and what blocks public access, from `s3:GetBucket…`,
//! `s3:GetPublicAccessBlock`, `s3:GetObjectLockConfiguration` and `s3control:GetPublicAccessBlock`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::authorization::DocumentText;
use crate::{Region, Seen};

/// The buckets of the account's own trails. A bucket may lie in any Region and belong to any account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailBuckets {
    /// By name.
    pub buckets: BTreeMap<String, Bucket>,
}

/// Whether a bucket is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bucket {
    /// S3 knows no bucket of this name (`NoSuchBucket`): whoever makes one gets what is delivered to it.
    Absent,
    /// It is there; the parts that could not be read are gaps.
    Present(Box<BucketFacts>),
}

/// What was read of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketFacts {
    /// The Region that answered for it.
    pub region: Region,
    /// The bucket's own Block Public Access settings; none where it has none.
    pub public_access_block: Seen<Option<PublicAccessBlock>>,
    /// What the access control list grants.
    pub grants: Seen<Vec<Grant>>,
    /// Whether S3 calls the bucket policy public; none where there is no policy.
    pub policy_is_public: Seen<Option<bool>>,
    /// The bucket policy; none where there is none.
    pub policy: Seen<Option<DocumentText>>,
    /// Where server access logs go; none where there are none.
    pub access_logging: Seen<Option<AccessLogging>>,
    /// Versioning and MFA delete.
    pub versioning: Seen<Versioning>,
    /// Object Lock; none where the bucket has none.
    pub object_lock: Seen<Option<ObjectLock>>,
}

/// The four settings of Block Public Access.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "S3 has these four settings")]
pub struct PublicAccessBlock {
    /// New public access control lists are refused.
    pub block_public_acls: bool,
    /// Public access control lists are ignored.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// Public policies give access to services of AWS and to the owner's account alone.
    pub restrict_public_buckets: bool,
}

/// The account's own Block Public Access settings, which hold for all of its buckets; none where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPublicAccessBlock {
    /// The settings.
    pub settings: Option<PublicAccessBlock>,
}

/// An entry of an access control list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// The group's URI, the canonical id or the e-mail address.
    pub grantee: String,
    /// What is granted, such as `READ`.
    pub permission: String,
}

/// Where server access logs go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLogging {
    /// The bucket.
    pub target_bucket: String,
    /// What the names of the log objects begin with.
    pub target_prefix: String,
}

/// Versioning of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioning {
    /// `Enabled` or `Suspended`; none where versioning was never on.
    pub status: Option<String>,
    /// Whether deleting a version takes an MFA device.
    pub mfa_delete: bool,
}

/// Object Lock of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectLock {
    /// `GOVERNANCE` or `COMPLIANCE`; none where new objects are locked only when their writer says so.
    pub default_mode: Option<String>,
    /// How long new objects are locked, in days.
    pub default_days: Option<i64>,
}
