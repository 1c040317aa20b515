//! What could not be evaluated, and why: of the whole run, whatever findings are shown.

use std::io::{self, Write};

use probity_model::{Finding, Outcome, Run};

use super::escape::text;
use crate::gaps::missing;

/// Writes what is missing.
pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let not_evaluated: Vec<&Finding> =
        run.findings.iter().filter(|finding| finding.outcome == Outcome::NotEvaluated).collect();
    let missing = missing(run, &not_evaluated);
    writeln!(to, "<section id=\"gaps\" aria-labelledby=\"gaps-heading\">")?;
    writeln!(to, "<h2 id=\"gaps-heading\">What could not be evaluated, and why ({})</h2>", not_evaluated.len())?;
    if missing.is_empty() {
        return writeln!(to, "<p>Everything that was asked for could be read.</p>\n</section>");
    }
    writeln!(to, "<ul class=\"gaps\">")?;
    for gap in missing {
        write!(to, "<li><p>")?;
        if let Some(operation) = &gap.operation {
            write!(to, "<code>{}</code> ", text(operation))?;
        }
        write!(to, "{}</p>", text(&gap.what))?;
        gap.details.iter().try_for_each(|detail| write!(to, "<p>{}</p>", text(detail)))?;
        writeln!(to, "</li>")?;
    }
    writeln!(to, "</ul>\n</section>")
}
