//! One file a format: a finished run in, bytes out.
//!
//! A renderer gets a finished [`Run`] and only writes: it judges nothing, reads no clock and opens no file. The same run
//! and the same options always give the same bytes.

mod all;
mod asff;
mod controls;
mod credentials;
mod csv;
mod exceptions;
mod format;
mod gaps;
mod history;
mod html;
mod json;
mod json_lines;
mod junit;
mod markdown;
mod ocsf;
mod options;
mod organization;
mod parquet;
mod paths;
mod redaction;
mod sarif;
mod table;
mod text;
mod words;
mod xlsx;

use std::io::Write;

use probity_model::Run;

pub use all::{Bulk, Visit};
pub use asff::batches as asff_batches;
pub use exceptions::exceptions_to_look_at;
pub use format::{Format, UnknownFormat};
pub use options::Options;
pub use redaction::Redaction;
pub use text::plain;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Whoever takes the bytes did not: a full disk, a closed pipe.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// The run holds something that cannot be said in JSON.
    #[error("the run cannot be written as JSON: {0}")]
    Json(serde_json::Error),
    /// The run holds something that cannot be said in CSV.
    #[error("the run cannot be written as CSV: {0}")]
    Csv(String),
    /// The run holds something that cannot be said in a workbook, or the machine refuses a temporary file for it.
    #[error("the run cannot be written as a workbook: {0}")]
    Xlsx(String),
    /// The run holds something that cannot be said in Parquet.
    #[error("the run cannot be written as Parquet: {0}")]
    Parquet(String),
    /// A finding that is kept on disk cannot be read back.
    #[error("the findings cannot be read back: {0}")]
    Findings(String),
    /// Credentials that are kept on disk cannot be read back.
    #[error("the credentials of the users cannot be read back: {0}")]
    Credentials(String),
    /// More findings than the format can hold of one run.
    #[error(
        "{format} holds no more than {limit} findings of one run, and there are {found}: use csv, json, jsonl or parquet, or --output-dir for a file an account"
    )]
    TooMany {
        /// The format.
        format: Format,
        /// How many it holds.
        limit: usize,
        /// How many there are.
        found: usize,
    },
}

impl From<serde_json::Error> for ReportError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_io() { Self::Write(error.into()) } else { Self::Json(error) }
    }
}

impl From<::csv::Error> for ReportError {
    fn from(error: ::csv::Error) -> Self {
        // Taken apart by hand: the crate's own conversion hides which error of the writer it was.
        match error.into_kind() {
            ::csv::ErrorKind::Io(error) => Self::Write(error),
            other => Self::Csv(format!("{other:?}")),
        }
    }
}

impl From<rust_xlsxwriter::XlsxError> for ReportError {
    fn from(error: rust_xlsxwriter::XlsxError) -> Self {
        match error {
            rust_xlsxwriter::XlsxError::IoError(error) => Self::Write(error),
            other => Self::Xlsx(other.to_string()),
        }
    }
}

/// Writes a run in a format.
///
/// # Errors
/// [`ReportError::Write`] where the writer fails, and others where the format cannot hold the run.
pub fn render(format: Format, run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    render_all(format, run, run, options, to)
}

/// Writes a run that may not list all of its findings and none of its credentials, which `bulk` has: CSV, JSON, JSON Lines and
/// Parquet hold all of them, formats for people those that the run lists, and the others refuse a run that has more.
///
/// # Errors
/// As [`render`], [`ReportError::Findings`] and [`ReportError::Credentials`] where something cannot be read back, and
/// [`ReportError::TooMany`].
pub fn render_all(
    format: Format,
    run: &Run,
    bulk: &dyn Bulk,
    options: &Options,
    to: &mut dyn Write,
) -> Result<(), ReportError> {
    let for_people = matches!(format, Format::Table | Format::Markdown | Format::Html);
    let streams = matches!(
        format,
        Format::Csv | Format::Json | Format::JsonLines | Format::Parquet | Format::Controls | Format::Credentials
    );
    let (listed, found) = (run.findings.len(), run.total());
    if !for_people && !streams && listed < found {
        return Err(ReportError::TooMany { format, limit: listed, found });
    }
    match format {
        Format::Table => table::write(run, options, to),
        Format::Csv => csv::write(run, bulk, options, to),
        Format::Json => json::write(run, bulk, to),
        Format::JsonLines => json_lines::write(bulk, options, to),
        Format::Markdown => markdown::write(run, options, to),
        Format::Html => html::write(run, options, to),
        Format::Sarif => sarif::write(run, options, to),
        Format::Junit => junit::write(run, options, to),
        Format::Ocsf => ocsf::write(run, options, to),
        Format::Asff => asff::write(run, options, to),
        Format::Xlsx => xlsx::write(run, options, to),
        Format::Parquet => parquet::write(run, bulk, options, to),
        Format::Controls => controls::write(run, to),
        Format::Credentials => credentials::write(run, bulk, to),
    }
}
