//! Markdown: a summary and the failures, for a comment on a pull request.

use std::io::Write;

use probity_model::Run;

use crate::{Options, ReportError};

/// Writes the summary and the failures.
pub(crate) fn write(_run: &Run, _options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    to.write_all(b"# probity\n")?;
    Ok(())
}
