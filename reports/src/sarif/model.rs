//! A result as it is written, field by field: there may be a hundred thousand, and a tree of values for each takes its time.

use std::collections::BTreeMap;

use probity_model::finding::EvidenceItem;
use probity_model::{FindingHistory, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A result (3.27).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult<'r> {
    pub(super) rule_id: &'r str,
    pub(super) kind: &'static str,
    pub(super) level: &'static str,
    pub(super) message: Message,
    pub(super) locations: [Location<'r>; 1],
    pub(super) partial_fingerprints: BTreeMap<&'static str, &'r str>,
    /// Either every result has the list or none has (3.27.23): an empty one says that nobody accepted the result.
    pub(super) suppressions: Vec<Value>,
    pub(super) properties: Properties<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline_state: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Message {
    pub(super) text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'r> {
    pub(super) logical_locations: [LogicalLocation<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation<'r> {
    pub(super) name: String,
    pub(super) fully_qualified_name: &'r str,
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Properties<'r> {
    pub(super) status: &'static str,
    pub(super) severity: &'static str,
    pub(super) account: &'r str,
    pub(super) region: Option<&'r str>,
    pub(super) resource_type: &'static str,
    pub(super) discriminator: &'r str,
    pub(super) evidence: &'r [EvidenceItem],
    pub(super) operations: &'r [String],
    #[serde(serialize_with = "as_text")]
    pub(super) observed_at: Timestamp,
    /// Left out where no history is kept, and null where the history says nothing of the finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) history: Option<Option<&'r FindingHistory>>,
}

/// A time as every other format writes it.
fn as_text<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(at)
}
