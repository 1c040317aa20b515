//! What a run has of every resource, wherever it is: that of very many accounts does not fit into memory.

use probity_model::credentials::UserCredentials;
use probity_model::{Finding, Run};
use serde::ser::{Error as _, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::ReportError;

/// Who is shown one thing after the other, and may refuse it.
pub type Visit<'v, T> = &'v mut dyn FnMut(&T) -> Result<(), ReportError>;

/// What a run has of every resource.
pub trait Bulk {
    /// Shows every finding, in their order, until one is refused.
    ///
    /// # Errors
    /// [`ReportError::Findings`] where one cannot be read back, and whatever `visit` says.
    fn findings(&self, visit: Visit<'_, Finding>) -> Result<(), ReportError>;

    /// Shows the credentials of every user, account by account, until one is refused.
    ///
    /// # Errors
    /// [`ReportError::Credentials`] where they cannot be read back, and whatever `visit` says.
    fn credentials(&self, visit: Visit<'_, UserCredentials>) -> Result<(), ReportError>;
}

/// A run that holds all of it.
impl Bulk for Run {
    fn findings(&self, visit: Visit<'_, Finding>) -> Result<(), ReportError> {
        self.findings.iter().try_for_each(visit)
    }

    fn credentials(&self, visit: Visit<'_, UserCredentials>) -> Result<(), ReportError> {
        self.credentials.iter().try_for_each(visit)
    }
}

/// A run with all that it has, for a serializer. It must write what [`Run`] itself writes.
pub(crate) struct Whole<'r> {
    pub(crate) run: &'r Run,
    pub(crate) bulk: &'r dyn Bulk,
}

/// What a list of it is made from.
struct List<'r, T>(&'r dyn Fn(Visit<'_, T>) -> Result<(), ReportError>);

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
        fields.serialize_field("findings", &List(&|visit| self.bulk.findings(visit)))?;
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
        if self.has_credentials().map_err(S::Error::custom)? {
            fields.serialize_field("credentials", &List(&|visit| self.bulk.credentials(visit)))?;
        }
        fields.end()
    }
}

impl Whole<'_> {
    /// Whether there is a user at all.
    fn has_credentials(&self) -> Result<bool, ReportError> {
        let mut is_any = false;
        let seen = self.bulk.credentials(&mut |_| {
            is_any = true;
            Err(ReportError::Credentials("one is enough".to_owned()))
        });
        if is_any { Ok(true) } else { seen.map(|()| false) }
    }
}

impl<T: Serialize> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        let mut refused = None;
        let shown = self.0(&mut |one| {
            sequence.serialize_element(one).map_err(|error| {
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
