//! The findings of one outcome: worst first, by check, with what to do about failures.

use probity_model::{Finding, Outcome, Run, Severity};

use super::grid::Grid;
use super::page::Page;
use crate::Options;
use crate::history::age;
use crate::text::one_line;
use crate::words::{accepted, first_paragraph, heading, none_open, resource};

/// Writes the findings of one outcome, in the order of the run.
pub(super) fn write(run: &Run, options: &Options, outcome: Outcome, findings: &[&Finding], page: &mut Page) {
    if outcome != Outcome::Fail {
        return section(run, options, heading(outcome), findings, page);
    }
    let (open, accepted): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| finding.is_open());
    if open.is_empty() {
        page.heading(heading(Outcome::Fail));
        page.text_line("", &none_open(run, options));
    }
    section(run, options, heading(Outcome::Fail), &open, page);
    fixes(run, &open, page);
    section(run, options, "Accepted failures", &accepted, page);
}

fn section(run: &Run, options: &Options, heading: &str, findings: &[&Finding], page: &mut Page) {
    if findings.is_empty() {
        return;
    }
    page.heading(&format!("{heading} ({})", findings.len()));
    let mut grid = Grid::new(["Severity", "Check", "Resource", "Message"]);
    for group in findings.chunk_by(|a, b| a.severity == b.severity && a.check == b.check) {
        for (index, finding) in group.iter().take(options.listed()).enumerate() {
            let first = index == 0;
            let (severity, check) =
                if first { (finding.severity.to_string(), finding.check.to_string()) } else { Default::default() };
            grid.row([severity, check, resource(run, finding).join("\n"), message(finding)]);
        }
        let more = group.len().saturating_sub(options.listed());
        if more > 0 {
            grid.row([String::new(), String::new(), format!("and {more} more"), "(use -f csv for all)".to_owned()]);
        }
    }
    for line in grid.lines(page.width()) {
        // Only a severity stands in the first column.
        let severity = Severity::WORST_FIRST
            .into_iter()
            .find(|severity| line.strip_prefix(severity.as_str()).is_some_and(|rest| rest.starts_with(' ')));
        match severity.and_then(|severity| Some((severity, line.strip_prefix(severity.as_str())?))) {
            Some((severity, rest)) => page.push(&format!("{}{rest}", page.severity(severity))),
            None => page.push(&line),
        }
    }
}

fn message(finding: &Finding) -> String {
    let message = one_line(&finding.message);
    let accepted = finding.exception.as_ref().map(|exception| one_line(&accepted(exception)));
    [Some(message), age(finding), accepted].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// What to do, once a check.
fn fixes(run: &Run, open: &[&Finding], page: &mut Page) {
    let mut checks: Vec<&str> = Vec::new();
    for finding in open {
        if !checks.contains(&finding.check.as_str()) {
            checks.push(&finding.check);
        }
    }
    let fixes: Vec<(&str, String)> = checks
        .into_iter()
        .filter_map(|id| Some((id, first_paragraph(&run.check(id)?.fix))))
        .filter(|(_, fix)| !fix.is_empty())
        .collect();
    if fixes.is_empty() {
        return;
    }
    page.heading("What to do (more with: probity explain CHECK)");
    for (id, fix) in fixes {
        page.entry(id, &format!(": {fix}"));
    }
}
