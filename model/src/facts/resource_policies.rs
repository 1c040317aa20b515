//! The policies of resources, read directly: what decides where no analyzer of external access runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::authorization::DocumentText;
use super::trail_buckets::PublicAccessBlock;
use crate::{Arn, Region, Seen};

/// The policies of resources; one or two calls a resource, only under `--detail full`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePolicies {
    /// The S3 buckets of the Regions that were read.
    pub buckets: Seen<Vec<BucketAccess>>,
    /// Other resources, Region by Region.
    pub regions: BTreeMap<Region, BTreeMap<PolicyKind, Seen<Vec<ResourcePolicy>>>>,
}

/// Kinds of resources whose policies are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// Lambda functions.
    Function,
    /// KMS keys.
    Key,
    /// SQS queues.
    Queue,
    /// Secrets of Secrets Manager.
    Secret,
    /// SNS topics.
    Topic,
}

impl PolicyKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Function, Self::Key, Self::Queue, Self::Secret, Self::Topic];

    /// What one is called.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Function => "Lambda function",
            Self::Key => "KMS key",
            Self::Queue => "SQS queue",
            Self::Secret => "secret",
            Self::Topic => "SNS topic",
        }
    }
}

/// A resource with its policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePolicy {
    /// The ARN.
    pub arn: Arn,
    /// The policy; none where it has none.
    pub policy: Seen<Option<DocumentText>>,
}

/// An S3 bucket, as far as its policy may let everybody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketAccess {
    /// The ARN.
    pub arn: Arn,
    /// Where it lies.
    pub region: Region,
    /// Whether S3 calls its policy public; none where it has no policy.
    pub policy_is_public: Seen<Option<bool>>,
    /// Its own Block Public Access settings, none where it has none; read only where the policy is public.
    pub public_access_block: Seen<Option<PublicAccessBlock>>,
}
