//! CSV: one row a finding, for spreadsheets. The columns are documented in `docs/formats/csv.md`.
//!
//! A spreadsheet takes a cell that begins like a formula for one, and names of resources come from whoever may create
//! them: such cells get a leading apostrophe, as OWASP recommends ("CSV Injection").

use std::io::Write;

use probity_model::{Finding, Outcome, Run};

use crate::text::plain;
use crate::words::accepted;
use crate::{Options, ReportError};

/// The columns, in their order.
const COLUMNS: [&str; 16] = [
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

/// Writes every finding that the options do not leave out.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(COLUMNS)?;
    for finding in options.select(run, &Outcome::ALL) {
        writer.write_record(row(run, finding).map(|cell| safe(&cell)))?;
    }
    writer.flush()?;
    Ok(())
}

fn row(run: &Run, finding: &Finding) -> [String; COLUMNS.len()] {
    let check = run.check(&finding.check);
    let controls: Vec<String> = check
        .iter()
        .flat_map(|check| &check.controls)
        .map(|control| {
            let proposed = if control.proposed { " (proposed)" } else { "" };
            format!("{} {}{proposed}", control.framework, control.control)
        })
        .collect();
    [
        run.id.clone(),
        finding.account.to_string(),
        finding.region.as_ref().map(ToString::to_string).unwrap_or_default(),
        finding.check.clone(),
        finding.title.clone(),
        finding.severity.to_string(),
        finding.outcome.to_string(),
        finding.resource_kind.to_string(),
        finding.resource.to_string(),
        message(finding),
        finding.evidence_line(),
        finding.operations.join("; "),
        finding.observed_at.to_string(),
        controls.join("; "),
        check.map(|check| check.fix.clone()).unwrap_or_default(),
        finding.fingerprint.to_string(),
    ]
}

/// The verdict in words, with the agreement to live with it: a failure stays a failure in its own column.
fn message(finding: &Finding) -> String {
    match &finding.exception {
        Some(exception) => format!("{} [{}]", finding.message, accepted(exception)),
        None => finding.message.clone(),
    }
}

/// Takes control characters out of a cell, and keeps a spreadsheet from taking it for a formula.
fn safe(cell: &str) -> String {
    let shown = plain(cell).trim().to_owned();
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
