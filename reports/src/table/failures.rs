//! The findings of the table: a block a check, worst first, each with its resources and the fix.

use comfy_table::{Attribute, Cell, ColumnConstraint, Width};
use probity_model::{Finding, Outcome, Run, Severity};

use super::summary::color;
use super::table;
use crate::{Options, plain};

/// Resources that are named in a block; more are counted.
const RESOURCES: usize = 10;
/// The width of the first column: the longest severity and the space around it, in columns.
const SEVERITY: u16 = 10;

/// What the table shows unless told otherwise. What could not be evaluated follows in a part of its own.
const USUAL: [Outcome; 2] = [Outcome::Fail, Outcome::Manual];

/// The blocks, under a heading for each outcome.
pub(super) fn text(run: &Run, options: &Options) -> String {
    let named: Vec<Outcome> = Outcome::ALL.into_iter().filter(|outcome| options.statuses.contains(outcome)).collect();
    let shown: Vec<Outcome> = if named.is_empty() { USUAL.to_vec() } else { named };
    let parts = shown.into_iter().filter(|outcome| *outcome != Outcome::NotEvaluated);
    parts.map(|outcome| part(run, options, outcome)).collect()
}

fn part(run: &Run, options: &Options, outcome: Outcome) -> String {
    let wanted: Vec<&Finding> = run
        .findings
        .iter()
        .filter(|finding| finding.outcome == outcome && options.wants(finding, &[outcome]))
        .collect();
    let title = match outcome {
        Outcome::Fail => "Failures, worst first",
        Outcome::Manual => "To be looked at by a person",
        Outcome::Pass => "Passed",
        Outcome::NotApplicable => "Not applicable",
        Outcome::NotEvaluated => "Not evaluated",
    };
    if wanted.is_empty() {
        return if outcome == Outcome::Fail { "\nNo failures.\n".to_owned() } else { String::new() };
    }
    let mut table = table(options);
    let severity = ColumnConstraint::Absolute(Width::Fixed(SEVERITY));
    for block in wanted.chunk_by(|a, b| a.check == b.check && a.severity == b.severity) {
        let Some(first) = block.first() else { continue };
        let mark = Cell::new(first.severity);
        let mark = if outcome == Outcome::Fail { mark.fg(color(first.severity)) } else { mark };
        let mark = if first.severity == Severity::Critical { mark.add_attribute(Attribute::Bold) } else { mark };
        let room = options.width.saturating_sub(usize::from(SEVERITY) + 4);
        table.add_row(vec![mark, Cell::new(block_text(run, block, room))]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(severity);
    }
    format!("\n{title}\n{table}\n")
}

/// What is said of a check: its name and title, a line a resource, and the fix.
fn block_text(run: &Run, block: &[&Finding], room: usize) -> String {
    let Some(first) = block.first() else { return String::new() };
    let mut lines = lines_of(&format!("{}: {}", first.check, first.title), room, "", "");
    for finding in block.iter().take(RESOURCES) {
        let excepted = finding.exception.as_ref().map(|exception| format!(" (excepted: {})", plain(&exception.reason)));
        let text = format!("{}: {}{}", named(run, finding), plain(&finding.message), excepted.unwrap_or_default());
        lines.extend(lines_of(&text, room, "- ", "  "));
    }
    if block.len() > RESOURCES {
        lines.push(format!("- and {} more (-f csv lists them all)", block.len() - RESOURCES));
    }
    let fix = run.check(&first.check).map(|check| check.fix.replace('\n', " ")).unwrap_or_default();
    if matches!(first.outcome, Outcome::Fail | Outcome::Manual) && !fix.is_empty() {
        lines.extend(lines_of(&format!("Fix: {fix}"), room, "", "     "));
    }
    lines.join("\n")
}

fn lines_of(text: &str, room: usize, first: &str, rest: &str) -> Vec<String> {
    let how = textwrap::Options::new(room.max(20))
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, how).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// A resource as people call it: the last part of its ARN, with the account where there are several.
fn named(run: &Run, finding: &Finding) -> String {
    let arn = &finding.resource;
    let own = arn.account() == finding.account.as_str();
    let short = if own && !arn.resource().is_empty() { arn.resource() } else { arn.as_str() };
    let account = if run.accounts.len() > 1 { format!("{} ", finding.account) } else { String::new() };
    let region = finding.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    let which = match finding.discriminator.as_str() {
        "" => String::new(),
        which => format!(" {}", plain(which)),
    };
    format!("{account}{}{which}{region}", plain(short))
}
