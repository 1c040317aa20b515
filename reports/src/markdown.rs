//! Markdown: a summary and what asks for attention, for a comment on a pull request. `docs/formats/markdown.md` is its
//! page.

mod escape;
mod frameworks;
mod organization;

use std::io::Write;

use probity_model::run::AccountRun;
use probity_model::{Finding, Outcome, Run, Severity};

use self::escape::{code, prose};
use crate::exceptions::exceptions_to_look_at;
use crate::gaps::{heading_of, missing};
use crate::history::{age, aging, fixed, since};
use crate::words::{accepted, counted, counts, first_paragraph, heading, left_out, none_open, open, resource, score};
use crate::{Options, ReportError};

/// What is shown unless other statuses are asked for.
const DEFAULT: [Outcome; 2] = [Outcome::Fail, Outcome::NotEvaluated];
/// Where the accounts, the controls, the findings, what is missing and what to do end, in characters from the beginning. GitHub takes
/// comments of 65,536 characters.
const LIMITS: [usize; 5] = [8_000, 30_000, 45_000, 54_000, 62_000];

/// Writes the summary, and the findings until a comment is full; what is left out is counted.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let [accounts, controls, findings, gaps, fixes] = LIMITS;
    let mut comment = Comment::default();
    let shown = options.select(run, &DEFAULT);
    summary(run, options, shown.len(), &mut comment, accounts);
    frameworks::write(run, &mut comment, controls);
    for outcome in Outcome::ALL.into_iter().filter(|outcome| options.statuses_or(&DEFAULT).contains(outcome)) {
        let of_outcome: Vec<_> = shown.iter().copied().filter(|finding| finding.outcome == outcome).collect();
        match outcome {
            Outcome::Fail => failures(run, options, &of_outcome, &mut comment, findings),
            Outcome::NotEvaluated => not_evaluated(run, &of_outcome, &mut comment, gaps),
            other => section(run, options, heading(other), &of_outcome, &mut comment, gaps),
        }
    }
    let history = run.history.iter().flat_map(|history| &history.fixed).map(fixed).collect();
    sentences("Fixed since the last run", history, &mut comment, gaps);
    sentences("Exceptions to look at", exceptions_to_look_at(run), &mut comment, gaps);
    what_to_do(run, &shown, &mut comment, fixes);
    to.write_all(comment.text.as_bytes())?;
    Ok(())
}

/// What has been written so far.
#[derive(Default)]
struct Comment {
    text: String,
    characters: usize,
}

impl Comment {
    fn line(&mut self, line: &str) {
        self.characters += line.chars().count() + 1;
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes lines until one would go beyond the limit, and says how many were written.
    fn lines_until(&mut self, limit: usize, lines: impl IntoIterator<Item = String>) -> usize {
        let mut written = 0;
        for line in lines {
            if self.characters + line.chars().count() >= limit {
                break;
            }
            self.line(&line);
            written += 1;
        }
        written
    }
}

fn summary(run: &Run, options: &Options, shown: usize, comment: &mut Comment, limit: usize) {
    comment.line(&format!("## probity: {}", counted(open(run), "open failure", "open failures")));
    comment.line("");
    for account in &run.accounts {
        if let Some(sample) = &account.request.sample {
            comment.line(&format!("> **Sample data, not a real account:** {}", prose(sample)));
            comment.line("");
        }
    }
    if let Some(whole) = &run.organization {
        organization::head(whole, comment);
    } else {
        let written = comment.lines_until(limit, run.accounts.iter().map(one_account));
        let more = run.accounts.len().saturating_sub(written);
        if more > 0 {
            comment.line(&format!("- and {}", counted(more, "more account", "more accounts")));
        }
    }
    for (label, words) in run.selection.in_words() {
        comment.line(&format!("- {label}: {}", prose(&words)));
    }
    comment.line(&format!("- Score: **{}**", score(run)));
    comment.line(&format!("- Findings: {}", counts(run)));
    let by_severity = Severity::WORST_FIRST.map(|severity| format!("{} {severity}", run.open(severity)));
    comment.line(&format!("- Open failures: {}", by_severity.join(", ")));
    if let Some(history) = &run.history {
        comment.line(&format!("- History: {}", prose(&since(run, history))));
        comment.line(&format!("- Open failures by age: {}", prose(&aging(history))));
    }
    if let Some(left_out) = left_out(run, options, shown) {
        comment.line(&format!("- Shown: {left_out}"));
    }
    if let Some(whole) = &run.organization {
        organization::write(whole, comment, limit);
    }
}

fn one_account(account: &AccountRun) -> String {
    let alias = account.alias.as_deref().map(|alias| format!(" ({})", code(alias))).unwrap_or_default();
    let caller = account.caller.as_ref().map(|caller| format!(", as {}", code(caller.as_str()))).unwrap_or_default();
    let endpoint = account.request.endpoint.as_deref();
    let endpoint = endpoint.map(|endpoint| format!(", from {}, not AWS's own", code(endpoint))).unwrap_or_default();
    let regions: Vec<&str> = account.regions.iter().map(|region| region.as_str()).collect();
    let regions = if regions.is_empty() { String::new() } else { format!(", in {}", regions.join(", ")) };
    format!("- Account {}{alias}, read {}{caller}{regions}{endpoint}", account.account, account.taken_at)
}

fn failures(run: &Run, options: &Options, findings: &[&Finding], comment: &mut Comment, limit: usize) {
    let (open, accepted): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| finding.is_open());
    if open.is_empty() {
        comment.line("");
        comment.line(&format!("### {}", heading(Outcome::Fail)));
        comment.line("");
        comment.line(&none_open(run, options));
    }
    section(run, options, heading(Outcome::Fail), &open, comment, limit);
    section(run, options, "Accepted failures", &accepted, comment, limit);
}

fn section(run: &Run, options: &Options, heading: &str, findings: &[&Finding], comment: &mut Comment, limit: usize) {
    if findings.is_empty() {
        return;
    }
    comment.line("");
    comment.line(&format!("### {heading} ({})", findings.len()));
    comment.line("");
    comment.line("| Severity | Check | Resource | Message |");
    comment.line("| --- | --- | --- | --- |");
    let groups = findings.chunk_by(|a, b| a.severity == b.severity && a.check == b.check);
    let listed = groups.flat_map(|group| group.iter().take(options.listed()));
    let written = comment.lines_until(limit, listed.map(|finding| row(run, finding)));
    let more = findings.len().saturating_sub(written);
    if more > 0 {
        comment.line("");
        comment.line(&format!("and {more} more (use -f csv for all)"));
    }
}

fn row(run: &Run, finding: &Finding) -> String {
    let resource: Vec<String> = resource(run, finding).iter().map(|line| code(line)).collect();
    let accepted = finding.exception.as_ref().map(|exception| format!("<br>{}", prose(&accepted(exception))));
    format!(
        "| {} | {} | {} | {}{}{} |",
        finding.severity,
        code(&finding.check),
        resource.join("<br>"),
        prose(&finding.message),
        age(finding).map(|age| format!("<br>{}", prose(&age))).unwrap_or_default(),
        accepted.unwrap_or_default(),
    )
}

fn not_evaluated(run: &Run, findings: &[&Finding], comment: &mut Comment, limit: usize) {
    let missing = missing(run, findings);
    if missing.is_empty() {
        return;
    }
    comment.line("");
    comment.line(&format!("### {}", heading_of(findings.len())));
    comment.line("");
    let items = missing.iter().map(|gap| {
        let operation = gap.operation.as_deref().map(|operation| format!("{} ", code(operation))).unwrap_or_default();
        let details: String = gap.details.iter().map(|detail| format!("<br>{}", prose(detail))).collect();
        format!("- {operation}{}{details}", prose(&gap.what))
    });
    let written = comment.lines_until(limit, items);
    let more = missing.len().saturating_sub(written);
    if more > 0 {
        comment.line(&format!("- and {} (use -f json for all)", counted(more, "more gap", "more gaps")));
    }
}

/// A section of sentences, where there are any.
fn sentences(heading: &str, sentences: Vec<String>, comment: &mut Comment, limit: usize) {
    if sentences.is_empty() {
        return;
    }
    comment.line("");
    comment.line(&format!("### {heading} ({})", sentences.len()));
    comment.line("");
    let written = comment.lines_until(limit, sentences.iter().map(|sentence| format!("- {}", prose(sentence))));
    let more = sentences.len().saturating_sub(written);
    if more > 0 {
        comment.line(&format!("- and {more} more (use -f json for all)"));
    }
}

/// What to do, once a check that is open.
fn what_to_do(run: &Run, shown: &[&Finding], comment: &mut Comment, limit: usize) {
    let mut checks: Vec<&str> = Vec::new();
    for finding in shown.iter().filter(|finding| finding.is_open()) {
        if !checks.contains(&finding.check.as_str()) {
            checks.push(&finding.check);
        }
    }
    let fixes: Vec<String> = checks
        .into_iter()
        .filter_map(|id| Some((id, first_paragraph(&run.check(id)?.fix))))
        .filter(|(_, fix)| !fix.is_empty())
        .map(|(id, fix)| format!("- {}: {}", code(id), prose(&fix)))
        .collect();
    if fixes.is_empty() {
        return;
    }
    comment.line("");
    comment.line("<details><summary>What to do</summary>");
    comment.line("");
    let all = fixes.len();
    let written = comment.lines_until(limit, fixes);
    if written < all {
        comment.line(&format!("- and more: <code>probity explain CHECK</code> tells the other {}", all - written));
    }
    comment.line("");
    comment.line("</details>");
}
