//! What is new, what was fixed, and how old the rest is.

use probity_model::Run;

use super::page::Page;
use crate::Options;
use crate::history::{aging, fixed, since, time_to_fix};

/// Writes the lines of the summary.
pub(super) fn summary(run: &Run, page: &mut Page) {
    let Some(history) = &run.history else { return };
    page.labelled("History", &since(run, history));
    page.labelled("Age", &aging(history));
    if !history.time_to_fix.is_empty() {
        page.labelled("Fixed in", &time_to_fix(history));
    }
}

/// Writes what was fixed since the last run.
pub(super) fn write(run: &Run, options: &Options, page: &mut Page) {
    let Some(history) = run.history.as_ref().filter(|history| !history.fixed.is_empty()) else { return };
    page.heading(&format!("Fixed since the last run ({})", history.fixed.len()));
    let listed = options.listed().max(10);
    for one in history.fixed.iter().take(listed) {
        page.text_line("", &fixed(one));
    }
    let more = history.fixed.len().saturating_sub(listed);
    if more > 0 {
        page.text_line("", &format!("and {more} more (use -f json for all)"));
    }
}
