//! The class as it is written, field by field: a tree of values made for every finding would take ten times as long.
//!
//! OCSF knows absent attributes, not empty ones: what is not known is left out.

use probity_model::finding::EvidenceItem;
use probity_model::{FindingHistory, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A Compliance Finding.
#[derive(Serialize)]
pub(super) struct Event<'r> {
    pub(super) metadata: Metadata<'r>,
    pub(super) category_uid: u32,
    pub(super) category_name: &'static str,
    pub(super) class_uid: u32,
    pub(super) class_name: &'static str,
    pub(super) activity_id: u32,
    pub(super) activity_name: &'static str,
    pub(super) type_uid: u32,
    pub(super) type_name: &'static str,
    pub(super) time: i64,
    pub(super) severity_id: u32,
    pub(super) severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_detail: Option<String>,
    pub(super) message: &'r str,
    pub(super) finding_info: FindingInfo<'r>,
    pub(super) compliance: Compliance<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remediation: Option<Remediation<'r>>,
    pub(super) resources: [Resource<'r>; 1],
    pub(super) cloud: Cloud<'r>,
    pub(super) unmapped: Unmapped<'r>,
}

#[derive(Serialize)]
pub(super) struct Metadata<'r> {
    pub(super) version: &'static str,
    pub(super) profiles: [&'static str; 1],
    pub(super) product: Product<'r>,
    pub(super) correlation_uid: &'r str,
    #[serde(serialize_with = "as_text")]
    pub(super) original_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<[String; 1]>,
}

#[derive(Serialize)]
pub(super) struct Product<'r> {
    pub(super) uid: &'static str,
    pub(super) name: &'static str,
    pub(super) vendor_name: &'static str,
    pub(super) version: &'r str,
}

#[derive(Serialize)]
pub(super) struct FindingInfo<'r> {
    pub(super) uid: &'r str,
    pub(super) title: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) desc: Option<&'r str>,
    pub(super) types: [String; 1],
    pub(super) analytic: Analytic<'r>,
    pub(super) product_uid: &'static str,
}

#[derive(Serialize)]
pub(super) struct Analytic<'r> {
    pub(super) uid: &'r str,
    pub(super) name: &'r str,
    pub(super) type_id: u32,
    pub(super) r#type: &'static str,
    pub(super) version: &'r str,
}

#[derive(Serialize)]
pub(super) struct Compliance<'r> {
    pub(super) control: &'r str,
    pub(super) standards: &'r [&'r str],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) requirements: &'r [String],
    pub(super) status_id: u32,
    pub(super) status: &'static str,
    pub(super) status_code: &'static str,
    pub(super) status_details: [&'r str; 1],
}

#[derive(Serialize)]
pub(super) struct Remediation<'r> {
    pub(super) desc: &'r str,
}

#[derive(Serialize)]
pub(super) struct Resource<'r> {
    pub(super) uid: &'r str,
    pub(super) name: &'r str,
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cloud_partition: Option<&'r str>,
}

#[derive(Serialize)]
pub(super) struct Cloud<'r> {
    pub(super) provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<&'r str>,
    pub(super) account: Account<'r>,
}

#[derive(Serialize)]
pub(super) struct Account<'r> {
    pub(super) uid: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'r str>,
    pub(super) type_id: u32,
    pub(super) r#type: &'static str,
}

/// What the class has no place for.
#[derive(Serialize)]
pub(super) struct Unmapped<'r> {
    pub(super) run: &'r str,
    pub(super) severity: &'static str,
    pub(super) discriminator: &'r str,
    pub(super) evidence: &'r [EvidenceItem],
    pub(super) operations: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gap: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exception: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) history: Option<&'r FindingHistory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) endpoint: Option<&'r str>,
}

/// A time as every other format writes it.
fn as_text<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(at)
}
