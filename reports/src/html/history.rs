//! What is new, what was fixed, and how old the rest is. The last runs as a chart, and as a table that says the same.

use std::io::{self, Write};

use probity_model::{Run, Severity};

use super::escape::text;
use super::trend;
use crate::history::{aging, fixed, since, time_to_fix};

/// Writes the history, where one is kept.
pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let Some(history) = &run.history else { return Ok(()) };
    writeln!(
        to,
        "<section id=\"history\" aria-labelledby=\"history-heading\">\n<h2 id=\"history-heading\">History</h2>"
    )?;
    writeln!(to, "<p>{}.</p>\n<p>Open failures by age: {}.</p>", text(&since(run, history)), text(&aging(history)))?;
    if !history.time_to_fix.is_empty() {
        writeln!(to, "<p>Mean time to fix: {}.</p>", text(&time_to_fix(history)))?;
    }
    if !history.fixed.is_empty() {
        writeln!(to, "<details><summary>Fixed since the last run ({})</summary>\n<ul>", history.fixed.len())?;
        history.fixed.iter().try_for_each(|one| writeln!(to, "<li>{}</li>", text(&fixed(one))))?;
        writeln!(to, "</ul></details>")?;
    }
    trend::write(&history.trend, to)?;
    writeln!(to, "<div class=\"scroll\" role=\"region\" aria-label=\"Runs that are kept\" tabindex=\"0\">")?;
    writeln!(to, "<table>\n<caption>The last runs of the same accounts and checks</caption>\n<thead><tr>")?;
    writeln!(to, "<th scope=\"col\">Read</th><th scope=\"col\" class=\"number\">Score</th>")?;
    for severity in Severity::WORST_FIRST {
        writeln!(to, "<th scope=\"col\" class=\"number\">Open {severity}</th>")?;
    }
    writeln!(to, "<th scope=\"col\" class=\"number\">New</th><th scope=\"col\" class=\"number\">Fixed</th>")?;
    writeln!(to, "</tr></thead>\n<tbody>")?;
    for point in history.trend.iter().rev() {
        let score = point.score.map_or_else(|| "none".to_owned(), |score| score.to_string());
        write!(to, "<tr><th scope=\"row\">{}</th><td class=\"number\">{score}</td>", point.started_at)?;
        for severity in Severity::WORST_FIRST {
            write!(to, "<td class=\"number\">{}</td>", point.open.get(&severity).copied().unwrap_or_default())?;
        }
        writeln!(to, "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>", point.new, point.fixed)?;
    }
    writeln!(to, "</tbody>\n</table>\n</div>\n</section>")
}
