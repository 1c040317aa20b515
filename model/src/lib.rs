//! What was seen of an AWS account, what was concluded from it, and what a check is.
//!
//! Everything the rooms of probity hand to one another is defined here, and nothing else: collectors fill a
//! [`Snapshot`], checks turn it into [`Finding`]s, renderers write a [`Run`]. This crate knows neither the AWS SDK, nor
//! files, nor terminals, nor the clock.

#[cfg(feature = "builder")]
pub mod builder;
pub mod check;
pub mod credentials;
pub mod evidence;
pub mod exception;
pub mod fact;
pub mod facts;
pub mod finding;
pub mod findings;
pub mod framework;
mod gaps_within;
pub mod history;
pub mod identity;
mod memo;
pub mod operation;
pub mod parameter;
pub mod run;
pub mod score;
pub mod seen;
pub mod sending;
pub mod severity;
pub mod snapshot;
pub mod topic;

pub use check::{Automation, Docs, Family, Meta, Rule, Scope};
pub use evidence::{Evidence, Inference, Inferred};
pub use exception::{Exception, ExceptionReport, ExceptionState};
pub use fact::{Fact, FactSet, Need};
pub use finding::{Finding, FindingHead, Fingerprint, Outcome, ResourceKind};
pub use findings::{Findings, Subject};
pub use history::{FindingHistory, HistoryReport};
pub use identity::{AccountId, Arn, Partition, Region};
pub use operation::{Operation, Service};
pub use parameter::{ChoiceParameter, FlagParameter, ListParameter, NumberParameter, ParameterSpec, Parameters, Unit};
pub use run::Run;
pub use seen::{Gap, GapKind, Seen};
pub use sending::Destination;
pub use severity::Severity;
pub use snapshot::Snapshot;
pub use topic::Topic;

/// A moment in time, to the second where AWS gives no more.
pub use jiff::Timestamp;

/// A short text that many share, such as the id of a check.
pub use smol_str::SmolStr;

/// A day of the calendar.
pub use jiff::civil::Date;

/// The time zone that every time is shown in.
pub const UTC: jiff::tz::TimeZone = jiff::tz::TimeZone::UTC;
