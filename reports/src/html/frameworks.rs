//! The frameworks that were asked for: a table a section that reads like the framework, with every control in it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use probity_model::framework::{ControlRun, ControlVerdict, FrameworkRun};
use probity_model::{Finding, Outcome, Run};

use super::escape::text;
use crate::controls::{accounts, counts, looked_at, outcomes, regions, title, when};
use crate::words::{counted, resource};

/// The width of the bar, in the units of its view box.
const WIDTH: u64 = 800;
/// How many failures of a control are listed: the others are counted, and stand among the findings.
const MOST_FAILURES: usize = 20;

/// Writes every framework.
pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    if run.frameworks.is_empty() {
        return Ok(());
    }
    let mut failures: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in run.findings.iter().filter(|finding| finding.outcome == Outcome::Fail) {
        failures.entry(&finding.check).or_default().push(finding);
    }
    writeln!(to, "<section id=\"frameworks\" aria-labelledby=\"frameworks-heading\">")?;
    writeln!(to, "<h2 id=\"frameworks-heading\">Frameworks</h2>")?;
    for (number, framework) in run.frameworks.iter().enumerate() {
        one(run, number, framework, &failures, to)?;
    }
    writeln!(to, "</section>")
}

fn one(
    run: &Run,
    number: usize,
    framework: &FrameworkRun,
    failures: &BTreeMap<&str, Vec<&Finding>>,
    to: &mut dyn Write,
) -> io::Result<()> {
    writeln!(to, "<h3 id=\"framework-{number}\">{}</h3>", text(&title(framework)))?;
    let said = [framework.publisher.as_str(), framework.source.as_str()];
    let said: Vec<&str> = said.into_iter().filter(|said| !said.is_empty()).collect();
    if !said.is_empty() {
        writeln!(to, "<p class=\"label\">{}</p>", text(&said.join(". ")))?;
    }
    bar(number, framework, to)?;
    for (index, section) in framework.sections().enumerate() {
        let name = section.first().map(|control| control.section.as_str()).unwrap_or_default();
        let name = if name.is_empty() { title(framework) } else { name.to_owned() };
        writeln!(to, "<h4 id=\"section-{number}-{index}\">{}</h4>", text(&name))?;
        writeln!(
            to,
            "<div class=\"scroll\" role=\"region\" aria-labelledby=\"section-{number}-{index}\" tabindex=\"0\">\n\
             <table class=\"controls\">\n<caption>Every control of the section, its verdict and what it rests on</caption>"
        )?;
        write!(to, "<thead><tr>")?;
        for column in ["Control", "Verdict", "It demands", "What the verdict rests on"] {
            write!(to, "<th scope=\"col\">{column}</th>")?;
        }
        writeln!(to, "</tr></thead>\n<tbody>")?;
        section.iter().try_for_each(|control| row(run, control, failures, to))?;
        writeln!(to, "</tbody>\n</table>\n</div>")?;
    }
    Ok(())
}

/// The controls by verdict, as a bar and in words.
fn bar(number: usize, framework: &FrameworkRun, to: &mut dyn Write) -> io::Result<()> {
    let all: u64 = framework.verdicts.values().sum();
    writeln!(to, "<figure class=\"wide\">\n<figcaption>{}</figcaption>", text(&counts(framework)))?;
    writeln!(
        to,
        "<svg viewBox=\"0 0 {WIDTH} 14\" preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"bar-{number}\">"
    )?;
    writeln!(to, "<title id=\"bar-{number}\">{}</title>", text(&counts(framework)))?;
    let mut before = 0;
    for verdict in ControlVerdict::ALL {
        let count = framework.count(verdict);
        let x = (before * WIDTH).checked_div(all).unwrap_or_default();
        before += count;
        let end = (before * WIDTH).checked_div(all).unwrap_or_default();
        if count > 0 {
            let width = end.saturating_sub(x).max(1);
            writeln!(to, "<rect class=\"o-{verdict}\" x=\"{x}\" y=\"0\" width=\"{width}\" height=\"14\"/>")?;
        }
    }
    writeln!(to, "</svg>\n<ul class=\"legend\">")?;
    for verdict in ControlVerdict::ALL.into_iter().filter(|verdict| framework.count(*verdict) > 0) {
        writeln!(to, "<li><span class=\"swatch o-{verdict}\"></span>{verdict}</li>")?;
    }
    writeln!(to, "</ul>\n</figure>")
}

fn row(
    run: &Run,
    control: &ControlRun,
    failures: &BTreeMap<&str, Vec<&Finding>>,
    to: &mut dyn Write,
) -> io::Result<()> {
    let verdict = control.verdict;
    write!(to, "<tr><th scope=\"row\">{}</th><td><b class=\"o-{verdict}\">{verdict}</b></td>", text(&control.id))?;
    write!(to, "<td>{}</td><td><p>{}</p>", text(&control.title), text(&control.reason))?;
    if !control.checks.is_empty() {
        write!(to, "<ul>")?;
        for check in &control.checks {
            let proposed = if check.proposed { " (proposed)" } else { "" };
            let id = text(&check.check);
            match run.check(&check.check) {
                Some(_) => write!(to, "<li><a href=\"#c-{id}\">{id}</a>")?,
                None => write!(to, "<li>{id}")?,
            }
            write!(to, "{proposed}: {}</li>", outcomes(check))?;
        }
        write!(to, "</ul>")?;
    }
    if !control.planned.is_empty() {
        write!(to, "<p class=\"label\">Not in this release: {}</p>", text(&control.planned.join(", ")))?;
    }
    if let Some(observed) = &control.observed {
        let regions = match regions(observed) {
            regions if regions.is_empty() => String::new(),
            regions => format!(" in {regions}"),
        };
        let by = if observed.operations.is_empty() { "no call".to_owned() } else { observed.operations.join(", ") };
        write!(
            to,
            "<p class=\"label\">Looked at {}{}, read {} by {}.</p>",
            text(&looked_at(observed)),
            text(&regions),
            when(observed),
            text(&by)
        )?;
        if run.accounts.len() > 1 {
            write!(to, "<p class=\"label\">{}</p>", text(&accounts(control)))?;
        }
    }
    failing(run, control, failures, to)?;
    writeln!(to, "</td></tr>")
}

fn failing(
    run: &Run,
    control: &ControlRun,
    failures: &BTreeMap<&str, Vec<&Finding>>,
    to: &mut dyn Write,
) -> io::Result<()> {
    let lists = control.checks.iter().filter_map(|check| failures.get(check.check.as_str()));
    let all: Vec<&Finding> = lists.flatten().copied().collect();
    if all.is_empty() {
        return Ok(());
    }
    write!(to, "<details><summary>{}</summary><ul>", counted(all.len(), "failure", "failures"))?;
    for finding in all.iter().take(MOST_FAILURES) {
        let accepted = if finding.is_open() { "" } else { " (accepted)" };
        let name = resource(run, finding).join(", ");
        write!(to, "<li>{}{accepted}: {}</li>", text(&name), text(&finding.message))?;
    }
    let more = all.len().saturating_sub(MOST_FAILURES);
    if more > 0 {
        write!(to, "<li>and {more} more: see the findings</li>")?;
    }
    write!(to, "</ul></details>")
}
