//! What CloudTrail Insights watches on the account's trails, from `cloudtrail:GetInsightSelectors`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arn, Seen};

/// The kinds of insights that each of the account's own trails watches for, such as `ApiCallRateInsight`; empty where
/// Insights is off. Trails that other accounts own were not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsightSelectors {
    /// By trail.
    pub trails: BTreeMap<Arn, Seen<Vec<String>>>,
}
