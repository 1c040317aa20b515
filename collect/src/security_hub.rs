//! Sends findings to Security Hub: the only write in the program, and only in a session that was opened for it.
//! `plain/tests.rs` tests it on a wire, and that the fence stops it everywhere else.

use probity_model::{Gap, GapKind, Operation, Region, Service};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::collect::Detail;
use crate::progress::Silent;
use crate::reader::Reader;
use crate::session::Session;

/// What became of a batch of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many were taken.
    pub taken: u64,
    /// Those that were refused.
    pub refused: Vec<RefusedFinding>,
}

/// A finding that Security Hub refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RefusedFinding {
    /// The finding's `Id`.
    pub id: String,
    /// The code of the error.
    pub error_code: String,
    /// Its message.
    pub error_message: String,
}

/// The answer of `BatchImportFindings`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    failed_count: u64,
    success_count: u64,
    #[serde(default)]
    failed_findings: Vec<RefusedFinding>,
}

const IMPORT: Operation =
    Operation::new(Service::SecurityHub, "BatchImportFindings", "securityhub:BatchImportFindings");

impl Session {
    /// Sends findings in the AWS Security Finding Format, at most 100, to Security Hub of the session's Region.
    ///
    /// # Errors
    /// A gap that says which call failed and why; in a session that was not opened for it, that the fence stopped it.
    pub async fn import_findings(&self, findings: &[Value]) -> Result<Imported, Gap> {
        let reader = Reader {
            clients: &self.clients,
            detail: Detail::Standard,
            progress: &Silent,
            now: self.now(),
            recorded: self.recording().is_some(),
        };
        import(&reader, self.region(), findings).await
    }
}

pub(crate) async fn import(reader: &Reader<'_>, region: &Region, findings: &[Value]) -> Result<Imported, Gap> {
    let hub = reader.plain(Service::SecurityHub, region);
    let answer: Answer = hub.post(IMPORT.name, "/findings/import", &json!({"Findings": findings})).ask().await?;
    let sent = findings.len() as u64;
    let counted = answer.failed_count + answer.success_count;
    if counted != sent || answer.failed_findings.len() as u64 > answer.failed_count {
        let message = format!("{sent} findings were sent, and the answer speaks of {counted}");
        return Err(Gap::of(GapKind::Malformed, IMPORT, None, message).in_region(region));
    }
    Ok(Imported { taken: answer.success_count, refused: answer.failed_findings })
}
