//! XLSX: a workbook for auditors. `docs/formats/xlsx.md` is its page.
//!
//! Every text is written as a text: no cell is a formula or a link, whatever its name. Cells that begin like a formula get
//! the apostrophe that CSV gives them as well, for a workbook can be saved as CSV.
//!
//! Rows go to a temporary file while they are written (the constant-memory mode of the library), so that a large run needs
//! no second copy of itself.

mod history;
mod sheet;
mod summary;

use std::io::{self, Seek as _, Write};

use probity_model::{Outcome, Run};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use self::sheet::{Cell, Column, Sheet};
use crate::csv::Rows;
use crate::{Options, ReportError, controls, csv};

/// Writes every finding that the options do not leave out, and all of the rest.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(run.finished_at.as_second())?;
    let title = format!("probity, run {}", crate::plain(&run.id));
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    summary::write(run, options, &mut workbook)?;
    findings(run, options, &mut workbook)?;
    framework_controls(run, &mut workbook)?;
    not_evaluated(run, &mut workbook)?;
    evidence(run, options, &mut workbook)?;
    history::fixed(run, &mut workbook)?;
    // An archive is written back and forth: it is packed in a file, so that no second copy of the run lies in memory.
    let mut packed = tempfile::tempfile()?;
    workbook.save_to_writer(&mut packed)?;
    packed.rewind()?;
    io::copy(&mut packed, to)?;
    Ok(())
}

/// The columns of CSV, with real dates.
fn findings(run: &Run, options: &Options, workbook: &mut Workbook) -> Result<(), ReportError> {
    let width = |name: &str| match name {
        "message" | "evidence" | "remediation" => 60.0,
        "resource_arn" | "title" => 44.0,
        "check" | "framework_controls" | "api_operations" => 32.0,
        "fingerprint" => 34.0,
        "observed_at" | "first_seen" | "open_since" | "last_seen" => 20.0,
        _ => 16.0,
    };
    let columns: Vec<Column> = csv::columns(run).map(|name| Column { name, width: width(name) }).collect();
    let mut sheet = Sheet::begin(workbook, "Findings", &columns)?;
    let rows = Rows::of(run);
    for finding in options.select(run, &Outcome::ALL) {
        let known = finding.history.as_ref();
        let cells = csv::columns(run).zip(rows.row(finding)).map(|(name, cell)| match (name, known) {
            ("observed_at", _) => Cell::Date(finding.observed_at),
            ("first_seen", Some(known)) => Cell::Date(known.first_seen),
            ("open_since", Some(known)) => Cell::Date(known.open_since),
            ("last_seen", Some(known)) => Cell::Date(known.last_seen),
            ("age_days" | "reopened", _) => Cell::number(&cell),
            _ => Cell::Text(cell),
        });
        sheet.row(cells)?;
    }
    sheet.end()
}

/// The columns of the format `controls`.
fn framework_controls(run: &Run, workbook: &mut Workbook) -> Result<(), ReportError> {
    let width = |name: &str| match name {
        "demands" | "reason" | "checks" => 56.0,
        "section" | "api_operations" | "looked_at" | "accounts" => 32.0,
        "read_from" | "read_until" => 20.0,
        _ => 14.0,
    };
    let columns = controls::COLUMNS.map(|name| Column { name, width: width(name) });
    let mut sheet = Sheet::begin(workbook, "Controls", &columns)?;
    for framework in &run.frameworks {
        for control in &framework.controls {
            let observed = control.observed.as_ref();
            let cells = controls::row(run, framework, control);
            let cells = controls::COLUMNS.iter().zip(cells).map(|(name, cell)| match (*name, observed) {
                ("read_from", Some(observed)) => Cell::Date(observed.first),
                ("read_until", Some(observed)) => Cell::Date(observed.last),
                ("fail" | "not_evaluated" | "pass", _) => Cell::number(&cell),
                _ => Cell::Text(cell),
            });
            sheet.row(cells)?;
        }
    }
    sheet.end()
}

/// What could not be evaluated, whatever findings are shown, and then what is missing and takes down no verdict.
fn not_evaluated(run: &Run, workbook: &mut Workbook) -> Result<(), ReportError> {
    const COLUMNS: [Column; 11] = [
        Column { name: "account", width: 16.0 },
        Column { name: "region", width: 16.0 },
        Column { name: "check", width: 36.0 },
        Column { name: "severity", width: 12.0 },
        Column { name: "resource_arn", width: 44.0 },
        Column { name: "kind", width: 18.0 },
        Column { name: "api_operation", width: 36.0 },
        Column { name: "error_code", width: 24.0 },
        Column { name: "message", width: 80.0 },
        Column { name: "observed_at", width: 20.0 },
        Column { name: "fingerprint", width: 34.0 },
    ];
    let mut sheet = Sheet::begin(workbook, "Not evaluated", &COLUMNS)?;
    for finding in run.findings.iter().filter(|finding| finding.outcome == Outcome::NotEvaluated) {
        let gap = finding.gap.as_ref();
        let region = finding.region.as_ref().or_else(|| gap.and_then(|gap| gap.region.as_ref()));
        sheet.row([
            Cell::text(finding.account.as_str()),
            Cell::text(region.map_or("", |region| region.as_str())),
            Cell::text(&finding.check),
            Cell::text(finding.severity.as_str()),
            Cell::text(finding.resource.as_str()),
            Cell::text(gap.map_or("", |gap| gap.kind.phrase())),
            Cell::text(gap.and_then(|gap| gap.operation.as_deref()).unwrap_or_default()),
            Cell::text(gap.and_then(|gap| gap.code.as_deref()).unwrap_or_default()),
            Cell::text(gap.map_or(finding.message.as_ref(), |gap| gap.message.as_str())),
            Cell::Date(finding.observed_at),
            Cell::text(finding.fingerprint.as_str()),
        ])?;
    }
    for report in run.gaps.iter().filter(|report| report.checks.is_empty()) {
        let gap = &report.gap;
        sheet.row([
            Cell::text(report.account.as_str()),
            Cell::text(gap.region.as_ref().map_or("", |region| region.as_str())),
            Cell::text("takes down no check"),
            Cell::text(""),
            Cell::text(report.topic.name()),
            Cell::text(gap.kind.phrase()),
            Cell::text(gap.operation.as_deref().unwrap_or_default()),
            Cell::text(gap.code.as_deref().unwrap_or_default()),
            Cell::text(&gap.message),
            Cell::text(""),
            Cell::text(""),
        ])?;
    }
    sheet.end()
}

/// One row a value that a verdict was judged on.
fn evidence(run: &Run, options: &Options, workbook: &mut Workbook) -> Result<(), ReportError> {
    const COLUMNS: [Column; 10] = [
        Column { name: "account", width: 16.0 },
        Column { name: "region", width: 16.0 },
        Column { name: "check", width: 36.0 },
        Column { name: "status", width: 14.0 },
        Column { name: "resource_arn", width: 44.0 },
        Column { name: "evidence", width: 32.0 },
        Column { name: "value", width: 60.0 },
        Column { name: "api_operations", width: 44.0 },
        Column { name: "observed_at", width: 20.0 },
        Column { name: "fingerprint", width: 34.0 },
    ];
    let mut sheet = Sheet::begin(workbook, "Evidence", &COLUMNS)?;
    for finding in options.select(run, &Outcome::ALL) {
        for item in &finding.evidence {
            sheet.row([
                Cell::text(finding.account.as_str()),
                Cell::text(finding.region.as_ref().map_or("", |region| region.as_str())),
                Cell::text(&finding.check),
                Cell::text(finding.outcome.as_str()),
                Cell::text(finding.resource.as_str()),
                Cell::text(&item.key),
                Cell::text(&item.value),
                Cell::Text(finding.operations.join("; ").into()),
                Cell::Date(finding.observed_at),
                Cell::text(finding.fingerprint.as_str()),
            ])?;
        }
    }
    sheet.end()
}
