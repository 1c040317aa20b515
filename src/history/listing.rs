//! Kept runs and their findings, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table};
use probity_history::{KeptRun, OpenFinding};
use probity_model::Severity;
use probity_model::history::TimeToFix;
use probity_reports::plain;
use serde_json::{Value, json};

/// Eight levels, the lowest first.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The runs of a sparkline.
const SPARKS: usize = 60;

/// Scores from 0 to 100 as a line; a run without a score is a gap.
fn sparkline(scores: impl Iterator<Item = Option<u8>>) -> String {
    let level = |score: u8| LEVELS.get(usize::from(score) * LEVELS.len() / 101).copied().unwrap_or('█');
    scores.map(|score| score.map_or(' ', level)).collect()
}

/// Runs that can be compared with one another, in the order of their first run.
fn by_scope(runs: &[KeptRun]) -> Vec<Vec<&KeptRun>> {
    let mut scopes: BTreeMap<&str, Vec<&KeptRun>> = BTreeMap::new();
    for run in runs {
        scopes.entry(&run.scope).or_default().push(run);
    }
    let mut groups: Vec<Vec<&KeptRun>> = scopes.into_values().collect();
    groups.sort_by_key(|group| group.first().map(|run| (run.point.started_at, run.point.id.clone())));
    groups
}

fn accounts(run: &KeptRun) -> String {
    match run.accounts.as_slice() {
        [one] => one.clone(),
        several => format!("{} accounts", several.len()),
    }
}

fn score(run: &KeptRun) -> String {
    run.point.score.map_or_else(|| "none".to_owned(), |score| score.to_string())
}

/// The runs, the trend of the score, and the mean time to fix.
pub(super) fn runs(runs: &[KeptRun], times: &[TimeToFix], width: u16) -> String {
    if runs.is_empty() {
        return "No run is kept yet: --history keeps one.\n".to_owned();
    }
    let header = ["Run", "Read", "Account", "Score", "Coverage", "Open", "New", "Fixed"];
    let rows = runs.iter().map(|run| {
        let open = Severity::WORST_FIRST.map(|severity| run.point.open.get(&severity).copied().unwrap_or_default());
        [
            plain(&run.point.id),
            run.point.started_at.to_string(),
            plain(&accounts(run)),
            score(run),
            format!("{} %", run.point.coverage_percent),
            open.map(|count| count.to_string()).join("/"),
            run.point.new.to_string(),
            run.point.fixed.to_string(),
        ]
    });
    let mut out = table(width, &header, rows);
    out.push_str("Open failures are critical/high/medium/low/info.\n\nTrend of the score\n");
    for group in by_scope(runs) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let skipped = group.len().saturating_sub(SPARKS);
        let line = sparkline(group.iter().skip(skipped).map(|run| run.point.score));
        let count = if group.len() == 1 { "1 run".to_owned() } else { format!("{} runs", group.len()) };
        let _ = writeln!(out, "  {} ({count})  {line}  {} to {}", plain(&accounts(first)), score(first), score(last));
    }
    if !times.is_empty() {
        out.push_str("\nMean time to fix\n");
        for time in times {
            let tenths = time.mean_hours * 10 / 24;
            let (days, tenth) = (tenths / 10, tenths % 10);
            let _ = writeln!(out, "  {:<9} {days}.{tenth} days, of {} fixed", time.severity, time.fixed);
        }
    }
    out
}

/// The runs, the trends and the times for programs.
pub(super) fn runs_json(runs: &[KeptRun], times: &[TimeToFix]) -> String {
    let trends: Vec<Value> = by_scope(runs)
        .iter()
        .map(|group| {
            let points: Vec<Value> =
                group.iter().map(|run| json!({"run": run.point.id, "score": run.point.score})).collect();
            json!({"accounts": group.first().map(|run| &run.accounts), "points": points})
        })
        .collect();
    let runs: Vec<Value> = runs.iter().map(run_json).collect();
    format!("{:#}\n", json!({"runs": runs, "trends": trends, "time_to_fix": times}))
}

fn run_json(run: &KeptRun) -> Value {
    let mut value = json!(run.point);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("accounts".to_owned(), json!(run.accounts));
        fields.insert("tool_version".to_owned(), json!(run.tool_version));
    }
    value
}

/// The failures of a run.
pub(super) fn findings(run: &KeptRun, findings: &[OpenFinding], width: u16) -> String {
    let header = ["Severity", "Check", "Resource", "Age", "Since", "Message"];
    let rows = findings.iter().map(|finding| {
        let again = match finding.reopened {
            0 => String::new(),
            times => format!(", back {times} times"),
        };
        let new = if finding.new { ", new" } else { "" };
        let accepted = if finding.excepted { " [accepted]" } else { "" };
        [
            finding.severity.to_string(),
            finding.check.clone(),
            plain(finding.resource.as_str()),
            format!("{} days{new}{again}", finding.age_days),
            finding.open_since.to_string(),
            format!("{}{accepted}", plain(&finding.message)),
        ]
    });
    let head = format!(
        "Run {} of {}, score {} over {} % of the checks\n{} failures, {} new, {} fixed\n\n",
        plain(&run.point.id),
        run.point.started_at,
        score(run),
        run.point.coverage_percent,
        findings.len(),
        run.point.new,
        run.point.fixed,
    );
    format!("{head}{}", table(width, &header, rows))
}

/// The failures of a run for programs.
pub(super) fn findings_json(run: &KeptRun, findings: &[OpenFinding]) -> String {
    let findings: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "check": finding.check, "severity": finding.severity, "account": finding.account,
                "region": finding.region, "resource": finding.resource, "discriminator": finding.discriminator,
                "message": finding.message, "first_seen": finding.first_seen, "open_since": finding.open_since,
                "age_days": finding.age_days, "reopened": finding.reopened, "excepted": finding.excepted,
                "new": finding.new,
            })
        })
        .collect();
    format!("{:#}\n", json!({"run": run_json(run), "findings": findings}))
}

fn table<const N: usize>(width: u16, header: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width).set_header(header);
    table.add_rows(rows);
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_spans_all_scores() {
        let scores = [Some(0), Some(12), Some(13), None, Some(50), Some(88), Some(89), Some(100)];
        assert_eq!(sparkline(scores.into_iter()), "▁▁▂ ▄▇██");
    }
}
