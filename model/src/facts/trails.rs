//! CloudTrail trails with their status and event selectors, from `cloudtrail:DescribeTrails`,
//! `cloudtrail:GetTrailStatus` and `cloudtrail:GetEventSelectors`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arn, Region, Seen, Timestamp};

/// The trails seen from the account's Regions. A trail of several Regions shows up in each of them and stands here once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trails {
    /// Which Regions were asked, and the ARNs of the trails each of them knows.
    pub regions: BTreeMap<Region, Seen<Vec<Arn>>>,
    /// The trails, sorted by ARN, status and selectors asked in the home Region.
    pub trails: Vec<Trail>,
}

/// One trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The ARN; its account is the owner, which for an organization trail may be another account.
    pub arn: Arn,
    /// The friendly name.
    pub name: String,
    /// The Region the trail was made in.
    pub home_region: Option<Region>,
    /// Whether it records every Region.
    pub is_multi_region: bool,
    /// Whether it records every account of the organization.
    pub is_organization: bool,
    /// Whether it records the events of global services such as IAM.
    pub includes_global_services: bool,
    /// Whether digest files are delivered with which log files can be validated.
    pub log_file_validation: bool,
    /// The bucket.
    pub bucket: Option<String>,
    /// The KMS key that encrypts the log files.
    pub kms_key: Option<String>,
    /// The CloudWatch Logs group it also delivers to.
    pub log_group: Option<Arn>,
    /// Whether it logs, and when it last delivered.
    pub status: Seen<TrailStatus>,
    /// Which events it records.
    pub selectors: Seen<EventSelectors>,
}

/// Whether a trail logs, and when it last delivered what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatus {
    /// Whether the trail is logging now; none where the service did not say.
    pub is_logging: Option<bool>,
    /// The last delivery to the bucket.
    pub latest_delivery_at: Option<Timestamp>,
    /// The error of the last delivery to the bucket.
    pub latest_delivery_error: Option<String>,
    /// The last delivery of a digest file.
    pub latest_digest_at: Option<Timestamp>,
    /// The error of the last delivery of a digest file.
    pub latest_digest_error: Option<String>,
    /// The last delivery to CloudWatch Logs.
    pub latest_log_group_delivery_at: Option<Timestamp>,
    /// The error of the last delivery to CloudWatch Logs.
    #[serde(default)]
    pub latest_log_group_error: Option<String>,
    /// When logging was last started.
    pub started_at: Option<Timestamp>,
    /// When logging was last stopped.
    pub stopped_at: Option<Timestamp>,
}

/// Which events a trail records: the old form or the new one, never both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSelectors {
    /// Basic selectors.
    pub basic: Vec<BasicSelector>,
    /// Advanced selectors.
    pub advanced: Vec<AdvancedSelector>,
}

/// A basic event selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    pub read_write: String,
    /// Whether management events are recorded.
    pub includes_management_events: bool,
    /// Event sources whose management events are left out.
    pub excluded_sources: Vec<String>,
    /// Types of the data resources that are recorded, such as `AWS::S3::Object`, with their values.
    pub data_resources: Vec<DataResource>,
}

/// Data events of one type of resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataResource {
    /// The type, such as `AWS::S3::Object`.
    pub kind: String,
    /// ARNs or ARN prefixes; empty means none.
    pub values: Vec<String>,
}

/// An advanced event selector: every field selector must match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvancedSelector {
    /// The selector's name.
    pub name: Option<String>,
    /// The field selectors.
    pub fields: Vec<FieldSelector>,
}

/// A condition on one field of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSelector {
    /// The field, such as `eventCategory`, `readOnly` or `eventSource`.
    pub field: String,
    /// The value is one of these.
    #[serde(default)]
    pub equals: Vec<String>,
    /// The value is none of these.
    #[serde(default)]
    pub not_equals: Vec<String>,
    /// The value begins with one of these.
    #[serde(default)]
    pub starts_with: Vec<String>,
    /// The value begins with none of these.
    #[serde(default)]
    pub not_starts_with: Vec<String>,
    /// The value ends with one of these.
    #[serde(default)]
    pub ends_with: Vec<String>,
    /// The value ends with none of these.
    #[serde(default)]
    pub not_ends_with: Vec<String>,
}
