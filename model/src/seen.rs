//! Absence of data is never an empty list: a fact was read, or there is a gap that says why not.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Operation, Region};

/// A fact that was read, or the gap where it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Seen<T> {
    /// The call succeeded: this is the whole answer.
    Known(T),
    /// The answer could not be had.
    Missing(Gap),
}

impl<T> Seen<T> {
    /// The fact, or the gap in its place.
    ///
    /// # Errors
    /// The gap, when the fact could not be read.
    pub fn get(&self) -> Result<&T, &Gap> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Missing(gap) => Err(gap),
        }
    }

    /// The gap, when there is one.
    pub fn gap(&self) -> Option<&Gap> {
        self.get().err()
    }
}

/// A fact that nobody has tried to read.
impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self::Missing(Gap::not_requested("this evidence was not collected"))
    }
}

impl<T> From<Result<T, Gap>> for Seen<T> {
    fn from(result: Result<T, Gap>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(gap) => Self::Missing(gap),
        }
    }
}

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum GapKind {
    /// The run was not asked to read it (`--only`, `--detail`, `--last-accessed`, `--regions`).
    NotRequested,
    /// AWS refused the call for lack of permission.
    Denied,
    /// Only another account (management, delegated administrator) gets an answer.
    WrongVantagePoint,
    /// The credentials are invalid or expired during the run.
    Credentials,
    /// AWS went on throttling after every retry.
    Throttled,
    /// No answer: the network, a name, a timeout, a closed Region.
    Unreachable,
    /// An answer that cannot be what AWS documents.
    Malformed,
    /// Everything was read, and it does not decide the question.
    Undecided,
    /// The call is not on the read-only allow-list and was not sent.
    Refused,
    /// The run was ended before this was read.
    Interrupted,
    /// Any other error of the service.
    Unexpected,
}

impl GapKind {
    /// What happened, as the middle of the sentence "`operation` … (code): message".
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::NotRequested => "was not asked for",
            Self::Denied => "was denied",
            Self::WrongVantagePoint => "does not answer from this account",
            Self::Credentials => "was refused for its credentials",
            Self::Throttled => "was throttled on every attempt",
            Self::Unreachable => "could not be reached",
            Self::Malformed => "gave an answer that cannot be right",
            Self::Undecided => "does not decide this",
            Self::Refused => "was stopped by the read-only fence",
            Self::Interrupted => "was interrupted",
            Self::Unexpected => "failed",
        }
    }
}

/// Why a fact could not be read: which call, which error code, which message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gap {
    /// What kind of failure it was.
    pub kind: GapKind,
    /// The call, as `service:Operation`; none where no call was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The Region asked, for Regional calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The error code AWS gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The message AWS gave, or our own where AWS said nothing.
    pub message: String,
}

impl Gap {
    /// A gap of a call.
    #[must_use]
    pub fn of(kind: GapKind, operation: Operation, code: Option<String>, message: impl Into<String>) -> Self {
        Self { kind, operation: Some(operation.to_string()), region: None, code, message: message.into() }
    }

    /// A gap because the run was not asked to read this; the message says what to ask for.
    #[must_use]
    pub fn not_requested(message: impl Into<String>) -> Self {
        Self { kind: GapKind::NotRequested, operation: None, region: None, code: None, message: message.into() }
    }

    /// Whether something that was asked for could not be read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        !matches!(self.kind, GapKind::NotRequested | GapKind::Undecided)
    }

    /// The same gap in a Region.
    #[must_use]
    pub fn in_region(mut self, region: &Region) -> Self {
        self.region = Some(region.clone());
        self
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(operation) = &self.operation else { return f.write_str(&self.message) };
        write!(f, "{operation}")?;
        if let Some(region) = &self.region {
            write!(f, " in {region}")?;
        }
        write!(f, " {}", self.kind.phrase())?;
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        write!(f, ": {}", self.message)
    }
}
