//! What several formats say in the same words.

use probity_model::{Exception, Finding, Outcome, Run, Severity};

use crate::Options;
use crate::text::{one_line, plain};

/// `1 check`, `2 checks`.
pub(crate) fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// The first paragraph of a longer text, on one line.
pub(crate) fn first_paragraph(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().take_while(|line| !line.trim().is_empty()).collect();
    one_line(&lines.join(" "))
}

/// An exception: by whom, where it was agreed, until when and why.
pub(crate) fn accepted(exception: &Exception) -> String {
    let ticket = exception.ticket.iter().map(|ticket| format!(", {ticket}"));
    let expires = exception.expires.iter().map(|date| format!(", until {date}"));
    let rest: String = ticket.chain(expires).collect();
    let reason = if exception.reason.is_empty() { String::new() } else { format!(": {}", exception.reason) };
    format!("accepted by {}{rest}{reason}", exception.owner)
}

/// The heading over the findings of an outcome.
pub(crate) const fn heading(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fail => "Failures",
        Outcome::NotEvaluated => "Not evaluated",
        Outcome::Manual => "For a person to look at",
        Outcome::Pass => "Passed",
        Outcome::NotApplicable => "Not applicable",
    }
}

/// The score with its coverage, which is never left out: "72 of 100, over 91 % of the checks (82 of 90)".
pub(crate) fn score(run: &Run) -> String {
    let score = &run.score;
    let coverage =
        format!("over {} % of the checks ({} of {})", score.coverage_percent, score.judged, score.applicable);
    match score.value {
        Some(value) if score.capped => format!("{value} of 100, {coverage}; an open critical failure caps it"),
        Some(value) => format!("{value} of 100, {coverage}"),
        None => format!("none, {coverage}"),
    }
}

/// The findings by outcome, whatever is shown of them.
pub(crate) fn counts(run: &Run) -> String {
    Outcome::ALL.map(|outcome| format!("{} {outcome}", run.count(outcome))).join(", ")
}

/// The open failures of the whole run.
pub(crate) fn open(run: &Run) -> usize {
    Severity::WORST_FIRST.into_iter().map(|severity| run.open(severity)).sum()
}

/// What it means that there is no failure to show: not that everything is fine.
pub(crate) fn none_open(run: &Run, options: &Options) -> String {
    let scope = options.min_severity.map(|least| format!(" of severity {least} or worse")).unwrap_or_default();
    let judged = counted(run.score.judged, "check", "checks");
    match run.score.applicable.saturating_sub(run.score.judged) {
        _ if run.score.judged == 0 => "None: no check could judge anything.".to_owned(),
        0 => format!("None open{scope}, in {judged}."),
        missing => {
            let missing = counted(missing, "check", "checks");
            format!("None open{scope}, in the {judged} that could be judged; {missing} could not.")
        }
    }
}

/// What the options keep from being shown, where they do: filters must not read as a clean account.
pub(crate) fn left_out(run: &Run, options: &Options, shown: usize) -> Option<String> {
    let severity = options.min_severity.map(|least| format!("severity {least} or worse"));
    let statuses: Vec<&str> = options.statuses.iter().map(|status| status.as_str()).collect();
    let status = (!statuses.is_empty()).then(|| format!("status {}", statuses.join(" or ")));
    let asked: Vec<String> = severity.into_iter().chain(status).collect();
    let all = counted(run.total(), "finding", "findings");
    // Of very many accounts a run lists the worst findings only.
    let listed = run.findings.len();
    let worst = (listed < run.total()).then(|| format!("the worst {listed} are listed, csv, json and jsonl have all"));
    let asked: Vec<String> = asked.into_iter().chain(worst).collect();
    (!asked.is_empty()).then(|| format!("{shown} of {all}: {}", asked.join(", ")))
}

/// The resource as people name it, what tells it apart, and where it is, the account only where there are several:
/// one to three lines.
pub(crate) fn resource(run: &Run, finding: &Finding) -> Vec<String> {
    let arn = &finding.resource;
    let own = arn.account() == finding.account.as_str() && !arn.resource().is_empty();
    let name = if own { arn.resource() } else { arn.as_str() };
    let account = (run.accounts.len() > 1).then(|| finding.account.to_string());
    let region = finding.region.as_ref().map(ToString::to_string);
    let place: Vec<String> = account.into_iter().chain(region).collect();
    let place = (!place.is_empty()).then(|| format!("in {}", place.join(" ")));
    let which = Some(finding.discriminator.to_string()).filter(|text| !text.is_empty());
    [Some(name.to_owned()), which, place].into_iter().flatten().map(|line| plain(&line)).collect()
}
