//! The calls that were made, one row an operation and Region.

use std::io::{self, Write};

use probity_model::Run;

use super::escape::text;

/// Writes the calls of all accounts.
pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let calls: u64 = run.accounts.iter().flat_map(|account| &account.calls).map(|count| count.calls).sum();
    writeln!(to, "<section id=\"calls\" aria-labelledby=\"calls-heading\">")?;
    writeln!(to, "<h2 id=\"calls-heading\">Calls to AWS ({calls})</h2>")?;
    if run.accounts.iter().all(|account| account.calls.is_empty()) {
        return writeln!(to, "<p>No call is recorded.</p>\n</section>");
    }
    writeln!(to, "<div class=\"scroll\" role=\"region\" aria-label=\"Calls to AWS\" tabindex=\"0\">")?;
    writeln!(to, "<table>\n<caption>Every operation that was called, and what came of it</caption>\n<thead><tr>")?;
    for column in ["Account", "Operation", "Region"] {
        write!(to, "<th scope=\"col\">{column}</th>")?;
    }
    for column in ["Calls", "Requests", "Throttled", "Failed"] {
        write!(to, "<th scope=\"col\" class=\"number\">{column}</th>")?;
    }
    writeln!(to, "</tr></thead>\n<tbody>")?;
    for account in &run.accounts {
        for count in &account.calls {
            let region = if count.region.is_empty() { "global" } else { &count.region };
            write!(to, "<tr><td>{}</td>", account.account)?;
            write!(to, "<th scope=\"row\">{}</th><td>{}</td>", text(&count.operation), text(region))?;
            for number in [count.calls, count.requests, count.throttled, count.failed] {
                write!(to, "<td class=\"number\">{number}</td>")?;
            }
            writeln!(to, "</tr>")?;
        }
    }
    writeln!(to, "</tbody>\n</table>\n</div>\n</section>")
}
