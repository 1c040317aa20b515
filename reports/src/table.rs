//! The table: for a person at a terminal.

use std::io::Write;

use probity_model::Run;

use crate::{Options, ReportError};

/// Writes the table.
pub(crate) fn write(_run: &Run, _options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    to.write_all(b"probity\n")?;
    Ok(())
}
