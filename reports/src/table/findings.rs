//! The findings of one outcome: worst first, by check, with what to do about failures.

use probity_model::{Finding, Outcome, Run};

use super::grid::Grid;
use super::page::Page;
use crate::Options;
use crate::text::{accepted, counted, first_paragraph};

/// Writes the findings of one outcome, in the order of the run.
pub(super) fn write(run: &Run, options: &Options, outcome: Outcome, findings: &[&Finding], page: &mut Page) {
    if outcome != Outcome::Fail {
        return section(run, options, heading(outcome), findings, page);
    }
    let (open, accepted): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| finding.is_open());
    if open.is_empty() {
        page.heading("Failures");
        page.text_line("", &none_open(run, options));
    }
    section(run, options, "Failures", &open, page);
    fixes(run, &open, page);
    section(run, options, "Accepted failures", &accepted, page);
}

const fn heading(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fail => "Failures",
        Outcome::NotEvaluated => "Not evaluated",
        Outcome::Manual => "For a person to look at",
        Outcome::Pass => "Passed",
        Outcome::NotApplicable => "Not applicable",
    }
}

/// What it means that there is no failure to show: not that everything is fine.
fn none_open(run: &Run, options: &Options) -> String {
    let scope = options.min_severity.map(|least| format!(" of severity {least} or worse")).unwrap_or_default();
    let judged = counted(run.score.judged, "check", "checks");
    match run.score.applicable.saturating_sub(run.score.judged) {
        _ if run.score.judged == 0 => "None: no check could judge anything.".to_owned(),
        0 => format!("None open{scope}, in {judged}."),
        missing => format!(
            "None open{scope}, in the {judged} that could be judged; {} could not.",
            counted(missing, "check", "checks")
        ),
    }
}

fn section(run: &Run, options: &Options, heading: &str, findings: &[&Finding], page: &mut Page) {
    if findings.is_empty() {
        return;
    }
    page.heading(&format!("{heading} ({})", findings.len()));
    let mut grid = Grid::new(["Severity", "Check", "Resource", "Message"]);
    for group in findings.chunk_by(|a, b| a.severity == b.severity && a.check == b.check) {
        for (index, finding) in group.iter().take(options.resources_per_check).enumerate() {
            let first = index == 0;
            let (severity, check) =
                if first { (finding.severity.to_string(), finding.check.clone()) } else { Default::default() };
            grid.row([severity, check, resource(run, finding), message(finding)]);
        }
        let more = group.len().saturating_sub(options.resources_per_check);
        if more > 0 {
            grid.row([String::new(), String::new(), format!("and {more} more"), "(use -f csv for all)".to_owned()]);
        }
    }
    for line in grid.lines(page.width()) {
        // Only a severity stands in the first column.
        let severity = findings
            .iter()
            .map(|finding| finding.severity)
            .find(|severity| line.strip_prefix(severity.as_str()).is_some_and(|rest| rest.starts_with(' ')));
        match severity.and_then(|severity| Some((severity, line.strip_prefix(severity.as_str())?))) {
            Some((severity, rest)) => page.push(&format!("{}{rest}", page.severity(severity))),
            None => page.push(&line),
        }
    }
}

/// The resource as people name it, then what tells it apart, each on a line: the account where there are several.
fn resource(run: &Run, finding: &Finding) -> String {
    let arn = &finding.resource;
    let whole = arn.resource().is_empty() || arn.account() != finding.account.as_str();
    let name = if whole { arn.as_str() } else { arn.resource() };
    let account = (run.accounts.len() > 1).then(|| finding.account.to_string());
    let region = finding.region.as_ref().map(ToString::to_string);
    let discriminator = Some(finding.discriminator.clone()).filter(|text| !text.is_empty());
    let place: Vec<String> = account.into_iter().chain(region).collect();
    let place = Some(place.join(" ")).filter(|text| !text.is_empty()).map(|place| format!("in {place}"));
    // A line break may only come from here.
    let lines: Vec<String> =
        [Some(name.to_owned()), discriminator, place].into_iter().flatten().map(|line| crate::plain(&line)).collect();
    lines.join("\n")
}

fn message(finding: &Finding) -> String {
    let message = crate::plain(&finding.message);
    match &finding.exception {
        Some(exception) => format!("{message}\n{}", crate::plain(&accepted(exception))),
        None => message,
    }
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
        page.entry(id, &fix);
    }
}
