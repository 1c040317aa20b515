//! CSV: one row a finding, for spreadsheets. The columns are documented in `docs/formats/csv.md`.
//!
//! A spreadsheet takes a cell that begins like a formula for one, and names of resources come from whoever may create
//! them: such cells get a leading apostrophe, as OWASP recommends ("CSV Injection").

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

use probity_model::run::CheckRun;
use probity_model::{Finding, Outcome, Run};

use crate::text::plain;
use crate::words::accepted;
use crate::{Bulk, Options, ReportError};

/// The columns, in their order.
pub(crate) const COLUMNS: [&str; 16] = [
    "run",
    "account",
    "region",
    "check",
    "title",
    "severity",
    "status",
    "resource_type",
    "resource_arn",
    "message",
    "evidence",
    "api_operations",
    "observed_at",
    "framework_controls",
    "remediation",
    "fingerprint",
];

/// The columns behind them where a history is kept.
pub(crate) const HISTORY: [&str; 6] = ["new", "first_seen", "open_since", "last_seen", "age_days", "reopened"];

/// Writes every finding that the options do not leave out.
pub(crate) fn write(run: &Run, bulk: &dyn Bulk, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(columns(run))?;
    let rows = Rows::of(run);
    bulk.findings(&mut |finding| {
        if options.shows(finding, &Outcome::ALL) {
            writer.write_record(rows.row(finding).map(|cell| safe(&cell)))?;
        }
        Ok(())
    })?;
    writer.flush()?;
    Ok(())
}

/// The columns of a run. A file without a history looks as it always did.
pub(crate) fn columns(run: &Run) -> impl Iterator<Item = &'static str> {
    let behind = if run.history.is_some() { HISTORY.as_slice() } else { &[] };
    COLUMNS.iter().chain(behind).copied()
}

/// Makes the rows of a run; what they share is worked out once a check.
pub(crate) struct Rows<'r> {
    run: &'r Run,
    checks: BTreeMap<&'r str, (String, &'r str)>,
}

impl<'r> Rows<'r> {
    pub(crate) fn of(run: &'r Run) -> Self {
        let of_check = |check: &'r CheckRun| (check.id.as_str(), (controls(check), check.fix.as_str()));
        Self { run, checks: run.checks.iter().map(of_check).collect() }
    }

    /// The cells of a finding in the order of [`columns`], as they are: not yet [`safe`].
    pub(crate) fn row<'f>(&'f self, finding: &'f Finding) -> impl Iterator<Item = Cow<'f, str>> {
        let behind = self.run.history.is_some().then(|| history(finding).map(Cow::from));
        self.always(finding).into_iter().chain(behind.into_iter().flatten())
    }

    /// The cells in the order of [`COLUMNS`].
    fn always<'f>(&'f self, finding: &'f Finding) -> [Cow<'f, str>; COLUMNS.len()] {
        let (controls, fix) = self.checks.get(finding.check.as_str()).map_or(("", ""), |(c, f)| (c.as_str(), *f));
        [
            self.run.id.as_str().into(),
            finding.account.as_str().into(),
            finding.region.as_ref().map_or("", |region| region.as_str()).into(),
            finding.check.as_str().into(),
            finding.title.as_str().into(),
            finding.severity.as_str().into(),
            finding.outcome.as_str().into(),
            finding.resource_kind.as_str().into(),
            finding.resource.as_str().into(),
            message(finding),
            finding.evidence_line().into(),
            finding.operations.join("; ").into(),
            finding.observed_at.to_string().into(),
            controls.into(),
            fix.into(),
            finding.fingerprint.as_str().into(),
        ]
    }
}

fn controls(check: &CheckRun) -> String {
    let controls: Vec<String> = check
        .controls
        .iter()
        .map(|control| {
            let proposed = if control.proposed { " (proposed)" } else { "" };
            format!("{} {}{proposed}", control.framework, control.control)
        })
        .collect();
    controls.join("; ")
}

fn history(finding: &Finding) -> [String; HISTORY.len()] {
    let Some(history) = &finding.history else { return Default::default() };
    [
        finding.is_new().to_string(),
        history.first_seen.to_string(),
        history.open_since.to_string(),
        history.last_seen.to_string(),
        history.age_days.to_string(),
        history.reopened.to_string(),
    ]
}

/// The verdict in words, with the agreement to live with it: a failure stays a failure in its own column.
fn message(finding: &Finding) -> Cow<'_, str> {
    match &finding.exception {
        Some(exception) => format!("{} [{}]", finding.message, accepted(exception)).into(),
        None => finding.message.as_ref().into(),
    }
}

/// Takes control characters out of a cell, and keeps a spreadsheet from taking it for a formula.
pub(crate) fn safe(cell: &str) -> String {
    let mut shown = plain(cell);
    if shown.trim().len() != shown.len() {
        shown = shown.trim().to_owned();
    }
    // What begins with a tab or a line break is judged by what it was: some programs strip them first.
    let formula =
        shown.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) || cell.starts_with(['\t', '\r', '\n']);
    if formula { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_gets_an_apostrophe() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"] {
            assert_eq!(safe(cell), format!("'{cell}"));
        }
        assert_eq!(safe("\t=1+1"), "'=1+1");
        assert_eq!(safe("\ra"), "'a");
        assert_eq!(safe(" =1+1"), "'=1+1");
        assert_eq!(safe("\u{1b}=1+1"), "'=1+1", "hidden behind a control character");
    }

    #[test]
    fn other_cells_stay_as_they_are() {
        for cell in ["", "arn:aws:iam::123456789012:user/a=b", "it's", "a - b", "1"] {
            assert_eq!(safe(cell), cell);
        }
    }
}
