//! JSON Lines: one finding a line, for log pipelines. `docs/formats/jsonl.md` is its page.

use std::io::Write;

use probity_model::Outcome;
use serde::Serialize;
use serde_json::ser::CompactFormatter;

use crate::json::Escaped;
use crate::{Bulk, Options, ReportError};

/// Writes every finding that the options do not leave out.
pub(crate) fn write(bulk: &dyn Bulk, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    bulk.findings(&mut |finding| {
        if options.shows(finding, &Outcome::ALL) {
            finding.serialize(&mut serde_json::Serializer::with_formatter(&mut *to, Escaped(CompactFormatter)))?;
            to.write_all(b"\n")?;
        }
        Ok(())
    })
}
