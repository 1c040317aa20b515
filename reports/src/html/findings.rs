//! The findings: one row each, with the evidence in it. What to do stands once a check, and the script brings it in.

use std::io::{self, Write};

use probity_model::{Finding, Outcome, Run, Severity};

use super::escape::text;
use super::filter;
use crate::history::age;
use crate::words::{accepted, resource};

/// The columns that sort.
const COLUMNS: [&str; 4] = ["Severity", "Status", "Check", "Resource"];

/// Writes the findings in the order of the run.
pub(super) fn write(run: &Run, shown: &[&Finding], to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<section id=\"findings\" aria-labelledby=\"findings-heading\" tabindex=\"-1\">")?;
    writeln!(to, "<h2 id=\"findings-heading\">Findings ({})</h2>", shown.len())?;
    if shown.is_empty() {
        return writeln!(to, "<p>No finding to show.</p>\n</section>");
    }
    filter::write(shown, to)?;
    writeln!(to, "<p id=\"count\" role=\"status\">{} of {} findings</p>", shown.len(), shown.len())?;
    writeln!(to, "<table id=\"table\">\n<caption>Findings; open a message for its evidence</caption>")?;
    writeln!(to, "<thead><tr>")?;
    for column in COLUMNS {
        writeln!(to, "<th scope=\"col\">{column}</th>")?;
    }
    writeln!(to, "<th scope=\"col\">Message and evidence</th>\n</tr></thead>\n<tbody>")?;
    shown.iter().try_for_each(|finding| row(run, finding, to))?;
    writeln!(to, "</tbody>\n</table>\n<p id=\"more\" hidden><button type=\"button\">Show more</button></p>\n</section>")
}

/// One row. Kept short, for there may be tens of thousands.
fn row(run: &Run, finding: &Finding, to: &mut dyn Write) -> io::Result<()> {
    let severity = finding.severity;
    let outcome = finding.outcome;
    write!(
        to,
        "<tr data-k=\"{} {} {}\"><td><b class=\"s-{severity}\">{severity}</b><td><b class=\"o-{outcome}\">{outcome}</b>\
         <td>{}<td>",
        Severity::WORST_FIRST.iter().position(|other| *other == severity).unwrap_or_default(),
        Outcome::ALL.iter().position(|other| *other == outcome).unwrap_or_default(),
        finding.family,
        text(&finding.check),
    )?;
    for (index, line) in resource(run, finding).iter().enumerate() {
        write!(to, "{}{}", if index == 0 { "" } else { "<br>" }, text(line))?;
    }
    let message = if finding.message.trim().is_empty() { "no message" } else { &finding.message };
    write!(to, "<td><details><summary>{}", text(message))?;
    if let Some(exception) = &finding.exception {
        write!(to, "<i>{}</i>", text(&accepted(exception)))?;
    }
    write!(to, "</summary><dl>")?;
    if let Some(age) = age(finding) {
        entry("age", &age, to)?;
    }
    for item in &finding.evidence {
        entry(&item.key, &item.value, to)?;
    }
    if finding.evidence.is_empty() {
        entry("evidence", "none was read", to)?;
    }
    if let Some(gap) = &finding.gap {
        entry("missing", &gap.to_string(), to)?;
    }
    entry(finding.resource_kind.as_str(), finding.resource.as_str(), to)?;
    entry("read", &finding.observed_at.to_string(), to)?;
    if !finding.operations.is_empty() {
        entry("by", &finding.operations.join(", "), to)?;
    }
    entry("fingerprint", finding.fingerprint.as_str(), to)?;
    write!(to, "</dl>")?;
    if run.check(&finding.check).is_some() {
        write!(to, "<a href=\"#c-{}\">About this check</a>", text(&finding.check))?;
    }
    writeln!(to, "</details>")
}

fn entry(key: &str, value: &str, to: &mut dyn Write) -> io::Result<()> {
    write!(to, "<dt>{}<dd>{}", text(key), text(value))
}
