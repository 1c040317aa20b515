//! Exceptions that have expired or are not needed.

use probity_model::Run;

use super::page::Page;
use crate::exceptions::exceptions_to_look_at;

/// Writes a sentence for each.
pub(super) fn write(run: &Run, page: &mut Page) {
    let sentences = exceptions_to_look_at(run);
    if sentences.is_empty() {
        return;
    }
    page.heading(&format!("Exceptions to look at ({})", sentences.len()));
    for sentence in sentences {
        page.text_line("", &sentence);
    }
}
