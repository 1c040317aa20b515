//! The part of the AWS Security Finding Format that is written; names are those of the API Reference, `AwsSecurityFinding`.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AwsSecurityFinding<'r> {
    pub(super) schema_version: &'static str,
    pub(super) id: String,
    pub(super) product_arn: String,
    pub(super) product_name: &'static str,
    pub(super) company_name: &'static str,
    pub(super) generator_id: String,
    pub(super) aws_account_id: &'r str,
    pub(super) first_observed_at: String,
    pub(super) last_observed_at: String,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) finding_provider_fields: FindingProviderFields<'r>,
    pub(super) title: String,
    pub(super) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remediation: Option<Remediation>,
    pub(super) product_fields: BTreeMap<&'static str, String>,
    pub(super) resources: [Resource<'r>; 1],
    pub(super) compliance: Compliance<'r>,
    pub(super) workflow: Workflow,
    pub(super) record_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<Note>,
}

/// What a provider may say again of a finding that is there: Security Hub sets `Severity` and `Types` from it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FindingProviderFields<'r> {
    pub(super) severity: SeverityOf<'r>,
    pub(super) types: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SeverityOf<'r> {
    pub(super) label: &'static str,
    pub(super) original: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Remediation {
    pub(super) recommendation: Recommendation,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Recommendation {
    pub(super) text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resource<'r> {
    pub(super) r#type: &'static str,
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) partition: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<&'r str>,
    #[serde(skip_serializing_if = "Details::is_empty")]
    pub(super) details: Details,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Details {
    pub(super) other: BTreeMap<String, String>,
}

impl Details {
    fn is_empty(&self) -> bool {
        self.other.is_empty()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Compliance<'r> {
    pub(super) status: &'static str,
    pub(super) security_control_id: &'r str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_requirements: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) status_reasons: Vec<StatusReason>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StatusReason {
    pub(super) reason_code: &'static str,
    pub(super) description: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Workflow {
    pub(super) status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Note {
    pub(super) text: String,
    pub(super) updated_by: &'static str,
    pub(super) updated_at: String,
}
