//! What could not be evaluated, and why.

use probity_model::{Finding, Run};

use super::page::Page;
use crate::gaps::{heading_of, missing};

/// Writes what is missing for the findings that are shown.
pub(super) fn write(run: &Run, shown: &[&Finding], page: &mut Page) {
    let missing = missing(run, shown);
    if missing.is_empty() {
        return;
    }
    page.heading(&heading_of(shown.len()));
    for gap in missing {
        match &gap.operation {
            Some(operation) => page.entry(operation, &format!(" {}", gap.what)),
            None => page.text_line("", &gap.what),
        }
        for detail in &gap.details {
            page.text_line("  ", detail);
        }
    }
}
