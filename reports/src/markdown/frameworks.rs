//! The frameworks that were asked for: a table a section, as far as there is room.

use probity_model::Run;
use probity_model::framework::{ControlRun, ControlVerdict};

use super::Comment;
use super::escape::{code, prose};
use crate::controls::{check, counts, looked_at, title};
use crate::words::counted;

/// Writes the frameworks, each in its share of the room; what is left out is counted.
pub(super) fn write(run: &Run, comment: &mut Comment, limit: usize) {
    let mut left = run.frameworks.len();
    for framework in &run.frameworks {
        let room = limit.saturating_sub(comment.characters) / left.max(1);
        let limit = comment.characters + room;
        left -= 1;
        comment.line("");
        comment.line(&format!("### {}", prose(&title(framework))));
        comment.line("");
        comment.line(&format!("{}.", counts(framework)));
        let mut written = 0;
        for section in framework.sections() {
            let rows: Vec<String> = section.iter().map(row).collect();
            let name = section.first().map(|control| control.section.as_str()).unwrap_or_default();
            let first = rows.first().map_or(0, |row| row.chars().count());
            if comment.characters + first + 200 >= limit {
                break;
            }
            comment.line("");
            if !name.is_empty() {
                comment.line(&format!("**{}**", prose(name)));
                comment.line("");
            }
            comment.line("| Control | Verdict | Demands | What it rests on |");
            comment.line("| --- | --- | --- | --- |");
            let here = comment.lines_until(limit, rows);
            written += here;
            if here < section.len() {
                break;
            }
        }
        let rest = framework.controls.get(written..).unwrap_or_default();
        if !rest.is_empty() {
            comment.line("");
            comment.line(&format!(
                "and {} (use -f controls for all): {}",
                counted(rest.len(), "more control", "more controls"),
                verdicts(rest)
            ));
        }
    }
}

fn row(control: &ControlRun) -> String {
    let checks: Vec<String> = control.checks.iter().map(|behind| prose(&check(behind))).collect();
    let looked_at = control.observed.iter().map(|observed| format!("looked at {}", looked_at(observed)));
    let said: Vec<String> = std::iter::once(prose(&control.reason)).chain(checks).chain(looked_at).collect();
    let verdict = match control.verdict {
        ControlVerdict::Fail => "**fail**".to_owned(),
        verdict => verdict.to_string(),
    };
    format!("| {} | {verdict} | {} | {} |", code(&control.id), prose(&control.title), said.join("<br>"))
}

/// `2 fail, 5 out-of-scope`.
fn verdicts(controls: &[ControlRun]) -> String {
    let count = |verdict| controls.iter().filter(|control| control.verdict == verdict).count();
    let named = ControlVerdict::ALL.into_iter().map(|verdict| (count(verdict), verdict));
    let named: Vec<String> =
        named.filter(|(count, _)| *count > 0).map(|(count, verdict)| format!("{count} {verdict}")).collect();
    named.join(", ")
}
