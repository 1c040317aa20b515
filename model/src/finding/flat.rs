//! A finding as it is written: one record, without a head of its own.

use std::borrow::Cow;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use smol_str::SmolStr;

use super::{EvidenceItem, Finding, FindingHead, Fingerprint, Outcome, ResourceKind};
use crate::{AccountId, Arn, Exception, Family, FindingHistory, Gap, Region, Severity, Timestamp};

/// What a check concluded of one resource.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(Serialize, schemars::JsonSchema), schemars(rename = "Finding"))]
pub(super) struct Flat {
    /// The check's id.
    check: SmolStr,
    /// The check's family.
    family: Family,
    /// The check's title.
    title: SmolStr,
    /// How bad it is if open; may differ from the check's severity where its rule says so.
    severity: Severity,
    /// The verdict.
    outcome: Outcome,
    /// The account.
    account: AccountId,
    /// The Region, where the verdict is about one.
    region: Option<Region>,
    /// The kind of resource.
    resource_kind: ResourceKind,
    /// The resource's ARN.
    resource: Arn,
    /// What tells several findings on one resource apart, such as `access_key_1`; empty where there is one.
    discriminator: SmolStr,
    /// The verdict in words.
    message: Cow<'static, str>,
    /// The values it was judged on, in the order in which the check looked at them.
    evidence: Vec<EvidenceItem>,
    /// The API operations the values came from.
    operations: Arc<[String]>,
    /// When the oldest of them was read.
    observed_at: Timestamp,
    /// What is missing, where the outcome is `not-evaluated`.
    gap: Option<Box<Gap>>,
    /// The agreement to live with it, where there is one.
    exception: Option<Box<Exception>>,
    /// The identity from run to run.
    fingerprint: Fingerprint,
    /// What earlier runs say of it, where a history is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<Box<FindingHistory>>,
}

impl From<Flat> for Finding {
    fn from(flat: Flat) -> Self {
        let Flat { check, family, title, account, operations, observed_at, .. } = flat;
        Self {
            head: Arc::new(FindingHead { check, family, title, account, operations, observed_at }),
            severity: flat.severity,
            outcome: flat.outcome,
            region: flat.region,
            resource_kind: flat.resource_kind,
            resource: flat.resource,
            discriminator: flat.discriminator,
            message: flat.message,
            evidence: flat.evidence,
            gap: flat.gap,
            exception: flat.exception,
            fingerprint: flat.fingerprint,
            history: flat.history,
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Finding", 17 + usize::from(self.history.is_some()))?;
        fields.serialize_field("check", &self.check)?;
        fields.serialize_field("family", &self.family)?;
        fields.serialize_field("title", &self.title)?;
        fields.serialize_field("severity", &self.severity)?;
        fields.serialize_field("outcome", &self.outcome)?;
        fields.serialize_field("account", &self.account)?;
        fields.serialize_field("region", &self.region)?;
        fields.serialize_field("resource_kind", &self.resource_kind)?;
        fields.serialize_field("resource", &self.resource)?;
        fields.serialize_field("discriminator", &self.discriminator)?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("evidence", &self.evidence)?;
        fields.serialize_field("operations", &self.operations)?;
        fields.serialize_field("observed_at", &self.observed_at)?;
        fields.serialize_field("gap", &self.gap)?;
        fields.serialize_field("exception", &self.exception)?;
        fields.serialize_field("fingerprint", &self.fingerprint)?;
        if self.history.is_some() {
            fields.serialize_field("history", &self.history)?;
        }
        fields.end()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Finding {
    fn schema_name() -> Cow<'static, str> {
        Flat::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        Flat::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Flat::json_schema(generator)
    }
}
