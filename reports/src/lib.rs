//! One file a format: a finished run in, bytes out.
//!
//! A renderer gets a finished [`Run`] and only writes: it judges nothing, reads no clock and opens no file. The same run
//! and the same options always give the same bytes.

mod asff;
mod controls;
mod credentials;
mod csv;
mod exceptions;
mod format;
mod gaps;
mod html;
mod json;
mod json_lines;
mod junit;
mod markdown;
mod ocsf;
mod options;
mod paths;
mod sarif;
mod table;
mod text;
mod words;
mod xlsx;

use std::io::Write;

use probity_model::Run;

pub use asff::batches as asff_batches;
pub use exceptions::exceptions_to_look_at;
pub use format::{Format, UnknownFormat};
pub use options::Options;
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
    match format {
        Format::Table => table::write(run, options, to),
        Format::Csv => csv::write(run, options, to),
        Format::Json => json::write(run, to),
        Format::JsonLines => json_lines::write(run, options, to),
        Format::Markdown => markdown::write(run, options, to),
        Format::Html => html::write(run, options, to),
        Format::Sarif => sarif::write(run, options, to),
        Format::Junit => junit::write(run, options, to),
        Format::Ocsf => ocsf::write(run, options, to),
        Format::Asff => asff::write(run, options, to),
        Format::Xlsx => xlsx::write(run, options, to),
        Format::Controls => controls::write(run, to),
        Format::Credentials => credentials::write(run, to),
    }
}
