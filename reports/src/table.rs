//! The table: for a person at a terminal. First how the account stands, then what is wrong, worst first, then what nobody
//! knows and why.

mod calls;
mod exceptions;
mod findings;
mod frameworks;
mod gaps;
mod grid;
mod history;
mod organization;
mod page;
mod summary;

use std::io::Write;

use probity_model::{Outcome, Run};

use self::page::Page;
use crate::{Options, ReportError};

/// What is shown unless other statuses are asked for: all that asks for attention.
const DEFAULT: [Outcome; 3] = [Outcome::Fail, Outcome::NotEvaluated, Outcome::Manual];

/// Writes the table. No line is longer than the width that the options give.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let mut page = Page::new(options);
    let shown = options.select(run, &DEFAULT);
    summary::write(run, options, shown.len(), &mut page);
    if let Some(whole) = &run.organization {
        organization::write(whole, &mut page);
    }
    frameworks::write(run, &mut page);
    for outcome in Outcome::ALL.into_iter().filter(|outcome| options.statuses_or(&DEFAULT).contains(outcome)) {
        let of_outcome: Vec<_> = shown.iter().copied().filter(|finding| finding.outcome == outcome).collect();
        if outcome == Outcome::NotEvaluated {
            gaps::write(run, &of_outcome, &mut page);
        } else {
            findings::write(run, options, outcome, &of_outcome, &mut page);
        }
    }
    history::write(run, options, &mut page);
    exceptions::write(run, &mut page);
    calls::write(run, &mut page);
    to.write_all(page.text().as_bytes())?;
    Ok(())
}
