//! The log groups of CloudWatch Logs that the account's own trails feed, with their metric filters, from
//! `logs:DescribeLogGroups` and `logs:DescribeMetricFilters`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arn, Seen};

/// The log groups of the account's own trails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailLogGroups {
    /// By the ARN that the trail names, which ends in `:*`.
    pub groups: BTreeMap<Arn, LogGroup>,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// The group itself; none where CloudWatch Logs knows none of this name.
    pub details: Seen<Option<LogGroupDetails>>,
    /// Its metric filters.
    pub filters: Seen<Vec<MetricFilter>>,
}

/// What is set of a log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroupDetails {
    /// How many days events are kept; none where they never expire.
    pub retention_days: Option<i32>,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`: metric filters work in the first alone.
    pub class: Option<String>,
}

/// A metric filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricFilter {
    /// The name.
    pub name: String,
    /// The filter pattern.
    pub pattern: String,
    /// The condition on system fields such as `@aws.account`, which narrows the events to those of some accounts or Regions.
    pub field_selection: Option<String>,
    /// Which metrics it counts into.
    pub metrics: Vec<FilterMetric>,
}

/// A metric that a filter counts into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FilterMetric {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// What one event counts: a number, or a field of the event.
    pub value: String,
    /// What is counted while no event matches.
    pub default_value: Option<String>,
    /// Names of the dimensions by which the metric is split.
    pub dimensions: Vec<String>,
}
