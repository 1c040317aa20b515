//! What earlier runs say: in the summary as counts and a table of runs, and a sheet of what was fixed.

use std::borrow::Cow;

use probity_model::history::{Fixed, HistoryReport, RunPoint};
use probity_model::{Run, Severity};
use rust_xlsxwriter::{Workbook, XlsxError};

use super::sheet::{Cell, Column, Sheet};
use super::summary::Page;
use crate::ReportError;
use crate::history::{since, time_to_fix};

/// Writes the part of the summary: what is new, what was fixed, how old the rest is, and the last runs, newest first.
pub(super) fn summary(run: &Run, history: &HistoryReport, page: &mut Page<'_>) -> Result<(), XlsxError> {
    page.heading("History")?;
    page.text("Since the last run", &since(run, history))?;
    page.number("new", usize::try_from(history.new).unwrap_or(usize::MAX))?;
    page.number("fixed", history.fixed.len())?;
    if !history.time_to_fix.is_empty() {
        page.text("Mean time to fix", &time_to_fix(history))?;
    }
    page.heading("Open failures by age")?;
    for band in &history.aging {
        page.number(&band.in_words(), usize::try_from(band.open).unwrap_or(usize::MAX))?;
    }
    page.heading("The last runs of the same accounts and checks")?;
    let heads = ["Read", "Score", "Coverage in percent"].map(Cow::from);
    let open = Severity::WORST_FIRST.map(|severity| Cow::from(format!("Open {severity}")));
    page.heads(heads.into_iter().chain(open).chain(["New", "Fixed"].map(Cow::from)))?;
    history.trend.iter().rev().try_for_each(|point| page.numbers(point.started_at, numbers(point)))
}

/// A run in the order of the heads.
fn numbers(point: &RunPoint) -> impl Iterator<Item = Option<u64>> {
    let open = Severity::WORST_FIRST.map(|severity| Some(point.open.get(&severity).copied().unwrap_or_default()));
    [point.score.map(u64::from), Some(point.coverage_percent.into())]
        .into_iter()
        .chain(open)
        .chain([Some(point.new), Some(point.fixed)])
}

/// Writes one row a failure that is not there any more, where a history is kept.
pub(super) fn fixed(run: &Run, workbook: &mut Workbook) -> Result<(), ReportError> {
    const COLUMNS: [Column; 9] = [
        Column { name: "account", width: 16.0 },
        Column { name: "region", width: 16.0 },
        Column { name: "check", width: 36.0 },
        Column { name: "severity", width: 12.0 },
        Column { name: "resource_arn", width: 44.0 },
        Column { name: "discriminator", width: 20.0 },
        Column { name: "how", width: 24.0 },
        Column { name: "open_since", width: 20.0 },
        Column { name: "fingerprint", width: 34.0 },
    ];
    let Some(history) = &run.history else { return Ok(()) };
    let mut sheet = Sheet::begin(workbook, "Fixed", &COLUMNS)?;
    for one in &history.fixed {
        sheet.row([
            Cell::text(one.account.as_str()),
            Cell::text(one.region.as_ref().map_or("", |region| region.as_str())),
            Cell::text(&one.check),
            Cell::text(one.severity.as_str()),
            Cell::text(one.resource.as_str()),
            Cell::text(&one.discriminator),
            Cell::text(match one.how {
                Fixed::Passes => "it passes now",
                Fixed::Gone => "the resource is gone",
            }),
            Cell::Date(one.open_since),
            Cell::text(one.fingerprint.as_str()),
        ])?;
    }
    sheet.end()
}
