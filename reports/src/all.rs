//! All findings of a run, wherever they are: those of very many accounts do not fit into memory.

use probity_model::{Finding, Run};
use serde::ser::{Error as _, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::ReportError;

/// All findings of a run, in their order.
pub trait AllFindings {
    /// Shows each to `visit`, until one is refused.
    ///
    /// # Errors
    /// [`ReportError::Findings`] where one cannot be read back, and whatever `visit` says.
    fn each(&self, visit: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError>;
}

impl AllFindings for Vec<Finding> {
    fn each(&self, visit: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError> {
        self.iter().try_for_each(visit)
    }
}

/// A run with all of its findings, for a serializer. It must write what [`Run`] itself writes.
pub(crate) struct Whole<'r> {
    pub(crate) run: &'r Run,
    pub(crate) findings: &'r dyn AllFindings,
}

struct Findings<'r>(&'r dyn AllFindings);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let run = self.run;
        let mut fields = serializer.serialize_struct("Run", 17)?;
        fields.serialize_field("format", &run.format)?;
        fields.serialize_field("version", &run.version)?;
        fields.serialize_field("tool_version", &run.tool_version)?;
        fields.serialize_field("id", &run.id)?;
        fields.serialize_field("started_at", &run.started_at)?;
        fields.serialize_field("finished_at", &run.finished_at)?;
        fields.serialize_field("selection", &run.selection)?;
        fields.serialize_field("accounts", &run.accounts)?;
        if let Some(organization) = &run.organization {
            fields.serialize_field("organization", organization)?;
        }
        fields.serialize_field("score", &run.score)?;
        fields.serialize_field("checks", &run.checks)?;
        fields.serialize_field("findings", &Findings(self.findings))?;
        fields.serialize_field("gaps", &run.gaps)?;
        if !run.exceptions.is_empty() {
            fields.serialize_field("exceptions", &run.exceptions)?;
        }
        if let Some(history) = &run.history {
            fields.serialize_field("history", history)?;
        }
        if !run.frameworks.is_empty() {
            fields.serialize_field("frameworks", &run.frameworks)?;
        }
        if !run.credentials.is_empty() {
            fields.serialize_field("credentials", &run.credentials)?;
        }
        fields.end()
    }
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        let mut refused = None;
        let shown = self.0.each(&mut |finding| {
            sequence.serialize_element(finding).map_err(|error| {
                refused = Some(error);
                ReportError::Findings("the writer refused one".to_owned())
            })
        });
        match (refused, shown) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(S::Error::custom(error)),
            (None, Ok(())) => sequence.end(),
        }
    }
}
