//! The controls over the findings. They are hidden until the script is there to obey them.

use std::collections::BTreeSet;
use std::io::{self, Write};

use probity_model::{Family, Finding, Outcome, Severity};

/// Writes the controls, without what no finding has.
pub(super) fn write(shown: &[&Finding], to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<form id=\"filter\" aria-label=\"Filter the findings\" hidden>")?;
    writeln!(to, "<fieldset><legend>Severity</legend>")?;
    for severity in Severity::WORST_FIRST {
        box_of("severity", severity.as_str(), &|finding| finding.severity == severity, shown, to)?;
    }
    writeln!(to, "</fieldset>\n<fieldset><legend>Status</legend>")?;
    for outcome in Outcome::ALL {
        box_of("status", outcome.as_str(), &|finding| finding.outcome == outcome, shown, to)?;
    }
    writeln!(to, "</fieldset>")?;
    let families: BTreeSet<Family> = shown.iter().map(|finding| finding.family).collect();
    writeln!(to, "<p class=\"field\"><label for=\"family\">Family</label>")?;
    writeln!(to, "<select id=\"family\"><option value=\"\">every family</option>")?;
    for family in families {
        writeln!(to, "<option>{family}</option>")?;
    }
    writeln!(to, "</select></p>\n<p class=\"field\"><label for=\"search\">Search</label>")?;
    writeln!(to, "<input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></p>")?;
    writeln!(to, "<p class=\"field buttons\"><button type=\"reset\">Show all findings</button>")?;
    writeln!(to, "<button type=\"button\" id=\"open-all\">Open rows</button>")?;
    writeln!(to, "<button type=\"button\" id=\"close-all\">Close rows</button></p>\n</form>")
}

fn box_of(
    group: &str,
    name: &str,
    is_in: &dyn Fn(&Finding) -> bool,
    shown: &[&Finding],
    to: &mut dyn Write,
) -> io::Result<()> {
    let count = shown.iter().filter(|finding| is_in(finding)).count();
    writeln!(to, "<label><input type=\"checkbox\" name=\"{group}\" value=\"{name}\" checked> {name} ({count})</label>")
}
