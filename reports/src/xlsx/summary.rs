//! The first sheet: what was read, how it stands, and how the frameworks stand that were asked for.

use std::borrow::Cow;

use probity_model::framework::ControlVerdict;
use probity_model::{Outcome, Run, Severity, Timestamp};
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::history;
use super::sheet::{DATE, fitted};
use crate::csv::safe;
use crate::words::{left_out, score};
use crate::{Options, controls};

/// Writes the sheet.
pub(super) fn write(run: &Run, options: &Options, workbook: &mut Workbook) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name("Summary")?.set_freeze_panes(1, 0)?;
    sheet.set_column_width(0, 28)?;
    sheet.set_column_width(1, 90)?;
    let mut page = Page { sheet, next: 0, bold: Format::new().set_bold(), date: Format::new().set_num_format(DATE) };
    page.heading(&format!("probity {}, run {}", run.tool_version, run.id))?;
    for account in &run.accounts {
        page.text("Account", account.account.as_str())?;
        page.text("Alias", account.alias.as_deref().unwrap_or("none was read"))?;
        page.text("Principal", account.caller.as_ref().map_or("could not be read", |caller| caller.as_str()))?;
        let regions: Vec<&str> = account.regions.iter().map(|region| region.as_str()).collect();
        page.text("Regions", &regions.join(", "))?;
        page.date("Read from", account.taken_at)?;
        page.date("Read until", account.finished_at)?;
        for (label, said) in [("Sample data", &account.request.sample), ("Endpoint", &account.request.endpoint)] {
            if let Some(said) = said {
                page.text(label, said)?;
            }
        }
    }
    for (label, words) in run.selection.in_words() {
        page.text(label, &words)?;
    }
    if let Some(left_out) = left_out(run, options, options.select(run, &Outcome::ALL).len()) {
        page.text("Shown", &left_out)?;
    }
    page.heading("Score")?;
    page.text("Score", &score(run))?;
    page.heading("Findings")?;
    for outcome in Outcome::ALL {
        page.number(outcome.as_str(), run.count(outcome))?;
    }
    page.heading("Open failures")?;
    let open: Vec<usize> = Severity::WORST_FIRST.iter().map(|severity| run.open(*severity)).collect();
    for (severity, count) in Severity::WORST_FIRST.iter().zip(&open) {
        page.number(severity.as_str(), *count)?;
    }
    page.number("accepted", run.count(Outcome::Fail).saturating_sub(open.iter().sum()))?;
    if let Some(history) = &run.history {
        history::summary(run, history, &mut page)?;
    }
    for framework in &run.frameworks {
        page.heading(&controls::title(framework))?;
        for (label, text) in [("Publisher", &framework.publisher), ("Source", &framework.source)] {
            if !text.is_empty() {
                page.text(label, text)?;
            }
        }
        page.number("controls", framework.controls.len())?;
        for verdict in ControlVerdict::ALL {
            page.number(verdict.as_str(), usize::try_from(framework.count(verdict)).unwrap_or(usize::MAX))?;
        }
    }
    if run.frameworks.is_empty() {
        page.heading("Controls")?;
        page.text("Frameworks", "none was asked for: use --framework, such as --framework cis-7.0")?;
    }
    Ok(())
}

/// Labels and what they stand for.
pub(super) struct Page<'w> {
    sheet: &'w mut Worksheet,
    next: u32,
    bold: Format,
    date: Format,
}

impl Page<'_> {
    pub(super) fn heading(&mut self, text: &str) -> Result<(), XlsxError> {
        // An empty line before every heading but the first.
        self.next += u32::from(self.next > 0);
        self.sheet.write_string_with_format(self.next, 0, fitted(safe(text)), &self.bold)?;
        self.next += 1;
        Ok(())
    }

    pub(super) fn text(&mut self, label: &str, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string(self.next, 0, label)?;
        self.sheet.write_string(self.next, 1, fitted(safe(text)))?;
        self.next += 1;
        Ok(())
    }

    /// The heads of a table of several columns.
    pub(super) fn heads<'h>(&mut self, heads: impl IntoIterator<Item = Cow<'h, str>>) -> Result<(), XlsxError> {
        for (index, head) in (0..).zip(heads) {
            self.sheet.write_string_with_format(self.next, index, head, &self.bold)?;
        }
        self.next += 1;
        Ok(())
    }

    /// A row of such a table: when, and numbers, which stand left as the wide second column wants them to.
    pub(super) fn numbers(
        &mut self,
        at: Timestamp,
        numbers: impl IntoIterator<Item = Option<u64>>,
    ) -> Result<(), XlsxError> {
        let row = self.next;
        self.moment(row, 0, at)?;
        let left = Format::new().set_align(FormatAlign::Left);
        for (index, number) in (1..).zip(numbers) {
            match number {
                Some(number) => self.sheet.write_number_with_format(row, index, number as f64, &left)?,
                None => self.sheet.write_string(row, index, "none")?,
            };
        }
        self.next += 1;
        Ok(())
    }

    pub(super) fn number(&mut self, label: &str, number: usize) -> Result<(), XlsxError> {
        self.sheet.write_string(self.next, 0, label)?;
        // Counts stay far below 2^53, from where on a number of a workbook is not exact.
        self.sheet.write_number(self.next, 1, number as f64)?;
        self.next += 1;
        Ok(())
    }

    pub(super) fn date(&mut self, label: &str, at: Timestamp) -> Result<(), XlsxError> {
        self.sheet.write_string(self.next, 0, label)?;
        self.moment(self.next, 1, at)?;
        self.next += 1;
        Ok(())
    }

    fn moment(&mut self, row: u32, column: u16, at: Timestamp) -> Result<(), XlsxError> {
        match ExcelDateTime::from_timestamp(at.as_second()) {
            Ok(date) => self.sheet.write_datetime_with_format(row, column, &date, &self.date)?,
            Err(_) => self.sheet.write_string(row, column, at.to_string())?,
        };
        Ok(())
    }
}
