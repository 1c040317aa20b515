//! The exceptions that were given, and what became of each.

use std::io::{self, Write};

use probity_model::Run;

use super::escape::text;
use crate::exceptions::{counts, exceptions_to_look_at};

/// Writes the exceptions, where there are any: those to look at in words, then all as a table.
pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    if run.exceptions.is_empty() {
        return Ok(());
    }
    writeln!(to, "<section id=\"exceptions\" aria-labelledby=\"exceptions-heading\">")?;
    writeln!(to, "<h2 id=\"exceptions-heading\">Exceptions ({})</h2>\n<p>{}.</p>", run.exceptions.len(), counts(run))?;
    let sentences = exceptions_to_look_at(run);
    if !sentences.is_empty() {
        writeln!(to, "<ul>")?;
        sentences.iter().try_for_each(|sentence| writeln!(to, "<li>{}</li>", text(sentence)))?;
        writeln!(to, "</ul>")?;
    }
    writeln!(to, "<div class=\"scroll\" role=\"region\" aria-label=\"Exceptions\" tabindex=\"0\">")?;
    writeln!(to, "<table>\n<caption>Failures that somebody agreed to live with</caption>\n<thead><tr>")?;
    for column in ["Check", "Resource", "Account", "State"] {
        writeln!(to, "<th scope=\"col\">{column}</th>")?;
    }
    writeln!(to, "<th scope=\"col\" class=\"number\">Failures</th>")?;
    for column in ["Owner", "Ticket", "Last day", "Reason"] {
        writeln!(to, "<th scope=\"col\">{column}</th>")?;
    }
    writeln!(to, "</tr></thead>\n<tbody>")?;
    for report in &run.exceptions {
        let agreement = &report.agreement;
        write!(to, "<tr><th scope=\"row\">{}</th>", text(&report.check))?;
        for cell in [&report.resource, &report.account, &report.state.to_string()] {
            write!(to, "<td>{}</td>", text(cell))?;
        }
        write!(to, "<td class=\"number\">{}</td>", report.findings)?;
        let (ticket, last) = (agreement.ticket.as_deref(), agreement.expires.as_deref());
        for cell in [&agreement.owner, ticket.unwrap_or("none"), last.unwrap_or("none"), &agreement.reason] {
            write!(to, "<td>{}</td>", text(cell))?;
        }
        writeln!(to, "</tr>")?;
    }
    writeln!(to, "</tbody>\n</table>\n</div>\n</section>")
}
