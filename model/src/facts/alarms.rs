//! CloudWatch alarms on the metrics of trails' log groups, and who is subscribed to the SNS topics that alarms and
//! EventBridge rules notify, from `cloudwatch:DescribeAlarms` and `sns:ListSubscriptionsByTopic`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Arn, Region, Seen};

/// The alarms in the Regions of trails' log groups: those on a metric that a metric filter there counts into, and the
/// composite alarms that name one of them. Regions whose log groups have no metric filters were not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarms {
    /// By Region.
    pub regions: BTreeMap<Region, Seen<Vec<Alarm>>>,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// The ARN.
    pub arn: Arn,
    /// The name.
    pub name: String,
    /// Whether it does anything when it goes off.
    pub actions_enabled: bool,
    /// What it does when it goes off: ARNs of SNS topics, functions and others.
    pub actions: BTreeSet<Arn>,
    /// What it watches.
    pub watches: Watched,
}

/// What an alarm watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watched {
    /// One metric.
    Metric(MetricAlarm),
    /// An expression over several metrics, each by namespace and name.
    Expression {
        /// The metrics.
        metrics: BTreeSet<(String, String)>,
    },
    /// The state of other alarms.
    Composite {
        /// The rule, such as `ALARM("a") OR ALARM("b")`.
        rule: String,
        /// Whether another alarm can suppress its actions.
        has_suppressor: bool,
    },
}

/// When an alarm on one metric goes off. Numbers are text, as they were sent, so that a snapshot holds what AWS said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricAlarm {
    /// The namespace.
    pub namespace: String,
    /// The name of the metric.
    pub metric: String,
    /// Dimensions that narrow the metric.
    pub dimensions: BTreeMap<String, String>,
    /// `Sum`, `Average` and so on; none for a percentile.
    pub statistic: Option<String>,
    /// Such as `GreaterThanOrEqualToThreshold`.
    pub comparison: String,
    /// The threshold; none where it is a band that CloudWatch learns.
    pub threshold: Option<String>,
    /// The length of a period, in seconds.
    pub period_seconds: Option<i32>,
    /// How many of the last periods have to breach the threshold.
    pub datapoints: i32,
}

/// Who is subscribed to the topics that alarms and EventBridge rules notify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertTopics {
    /// By topic.
    pub topics: BTreeMap<Arn, Seen<TopicState>>,
}

/// A topic of SNS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TopicState {
    /// SNS knows no such topic.
    Absent,
    /// Its subscriptions, read until the first page that held a confirmed one.
    Present(Vec<Subscription>),
}

/// A subscription. Its endpoint, which may be somebody's address, is not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subscription {
    /// `email`, `https`, `lambda`, `sqs` and so on.
    pub protocol: String,
    /// Whether the subscriber confirmed it.
    pub confirmed: bool,
}
