//! A sheet of many rows under a header that stays in sight and filters.

use std::borrow::Cow;

use probity_model::Timestamp;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::ReportError;
use crate::csv::safe;

/// The most rows of a sheet, its header among them (Microsoft, "Excel specifications and limits").
const MOST_ROWS: u32 = 1_048_576;
/// The most characters of a cell, in UTF-16 as Excel counts them, with room for the mark behind it.
const MOST_CHARACTERS: usize = 32_700;
/// How dates are shown: as in every other format, but for the `T` and the `Z`.
pub(super) const DATE: &str = "yyyy-mm-dd hh:mm:ss";

/// A column.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// What stands in the header.
    pub(super) name: &'static str,
    /// Its width, in characters of the usual size.
    pub(super) width: f64,
}

/// A cell.
pub(super) enum Cell<'c> {
    Text(Cow<'c, str>),
    Date(Timestamp),
    Number(f64),
}

impl<'c> Cell<'c> {
    pub(super) fn text(text: &'c str) -> Self {
        Self::Text(text.into())
    }

    /// A whole number that is there as text; a text where it is none.
    pub(super) fn number(text: &Cow<'c, str>) -> Self {
        text.parse().map_or_else(|_| Self::Text(text.clone()), Self::Number)
    }
}

/// A sheet under way.
pub(super) struct Sheet<'w> {
    sheet: &'w mut Worksheet,
    columns: u16,
    next: u32,
    left_out: u64,
    date: Format,
}

impl<'w> Sheet<'w> {
    pub(super) fn begin(workbook: &'w mut Workbook, name: &str, columns: &[Column]) -> Result<Self, XlsxError> {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        let header = Format::new().set_bold();
        let mut count = 0;
        for (index, column) in (0..).zip(columns) {
            sheet.set_column_width(index, column.width)?;
            sheet.write_string_with_format(0, index, column.name, &header)?;
            count = index + 1;
        }
        Ok(Self { sheet, columns: count, next: 1, left_out: 0, date: Format::new().set_num_format(DATE) })
    }

    /// Adds a row. What a sheet has no room for is counted, and the last row says so.
    pub(super) fn row<'c>(&mut self, cells: impl IntoIterator<Item = Cell<'c>>) -> Result<(), XlsxError> {
        if self.next + 1 >= MOST_ROWS {
            self.left_out += 1;
            return Ok(());
        }
        for (index, cell) in (0..self.columns).zip(cells) {
            match cell {
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => {
                    self.sheet.write_string(self.next, index, fitted(safe(&text)))?;
                }
                Cell::Number(number) => {
                    self.sheet.write_number(self.next, index, number)?;
                }
                Cell::Date(at) => match ExcelDateTime::from_timestamp(at.as_second()) {
                    Ok(date) => {
                        self.sheet.write_datetime_with_format(self.next, index, &date, &self.date)?;
                    }
                    // Excel knows no time before 1900.
                    Err(_) => {
                        self.sheet.write_string(self.next, index, at.to_string())?;
                    }
                },
            }
        }
        self.next += 1;
        Ok(())
    }

    /// Puts a filter over all rows.
    pub(super) fn end(self) -> Result<(), ReportError> {
        if self.left_out > 0 {
            let text = format!("{} more rows have no room in a sheet: use -f csv or -f json for all", self.left_out);
            self.sheet.write_string(self.next, 0, text)?;
        }
        let last = self.columns.saturating_sub(1);
        self.sheet.autofilter(0, 0, self.next.saturating_sub(1), last)?;
        Ok(())
    }
}

/// A text that a cell has room for; one that was cut says so.
pub(super) fn fitted(text: String) -> String {
    if text.len() <= MOST_CHARACTERS || text.encode_utf16().count() <= MOST_CHARACTERS {
        return text;
    }
    let mut left = MOST_CHARACTERS;
    let kept: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    format!("{kept}… (cut: more in JSON)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_longer_than_excel_takes() {
        for text in ["a".repeat(40_000), "🔑".repeat(20_000), "名".repeat(40_000)] {
            let cut = fitted(text);
            assert!(cut.encode_utf16().count() <= 32_767 && cut.ends_with("JSON)"), "{}", cut.len());
        }
        assert_eq!(fitted("short".to_owned()), "short");
    }
}
