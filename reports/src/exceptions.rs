//! Exceptions that somebody should do something about, in words.

use probity_model::{ExceptionReport, ExceptionState, Run};

use crate::text::one_line;
use crate::words::counted;

/// A sentence for every exception that has expired or is not needed.
#[must_use]
pub fn exceptions_to_look_at(run: &Run) -> Vec<String> {
    let asking = run.exceptions.iter().filter(|report| report.state.asks_for_attention());
    asking.map(sentence).collect()
}

fn sentence(report: &ExceptionReport) -> String {
    let ExceptionReport { check, resource, account, agreement, .. } = report;
    let place = if account == "*" { String::new() } else { format!(" in {account}") };
    let ticket = agreement.ticket.iter().map(|ticket| format!(", {ticket}")).collect::<String>();
    let whose = format!("of {check} on {resource}{place} (owner {}{ticket})", agreement.owner);
    let covered = counted(report.findings.try_into().unwrap_or(usize::MAX), "failure", "failures");
    one_line(&match report.state {
        ExceptionState::Expired => {
            let date = agreement.expires.as_deref().unwrap_or("its last day");
            format!("The exception {whose} ended on {date}; it covered {covered}.")
        }
        _ => format!("The exception {whose} is not needed: nothing that it covers fails."),
    })
}

/// How many exceptions there are in which state; empty where there is none.
pub(crate) fn counts(run: &Run) -> String {
    let states = [ExceptionState::InForce, ExceptionState::Expired, ExceptionState::Unused, ExceptionState::NotJudged];
    let counted = states.map(|state| (run.exceptions.iter().filter(|report| report.state == state).count(), state));
    let said: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {}", words(state)))
        .collect();
    said.join(", ")
}

const fn words(state: ExceptionState) -> &'static str {
    match state {
        ExceptionState::InForce => "in force",
        ExceptionState::Expired => "expired",
        ExceptionState::Unused => "not needed",
        ExceptionState::NotJudged => "of what was not judged",
    }
}
