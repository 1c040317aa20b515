//! Workbooks, read back by a library that does not know who wrote them.

use std::io::Cursor;

use calamine::{Data, DataType as _, Range, Reader, Xlsx};

fn open(workbook: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(workbook)).expect("a workbook")
}

/// The names of all sheets.
pub(crate) fn names(workbook: Vec<u8>) -> Vec<String> {
    open(workbook).sheet_names()
}

/// The values of a sheet.
pub(crate) fn sheet(workbook: Vec<u8>, name: &str) -> Range<Data> {
    open(workbook).worksheet_range(name).expect("the sheet")
}

/// The formulas of a sheet, in the cells that hold one.
pub(crate) fn formulas(workbook: Vec<u8>, name: &str) -> Vec<String> {
    let formulas = open(workbook).worksheet_formula(name).expect("the sheet");
    formulas.used_cells().map(|(_, _, formula)| formula.clone()).filter(|formula| !formula.is_empty()).collect()
}

/// A date as every other format writes it.
pub(crate) fn date(at: &Data) -> String {
    let date = at.get_datetime().map(|date| date.to_ymd_hms_milli());
    let (year, month, day, hour, minute, second, _) = date.unwrap_or_else(|| panic!("{at:?} is no date"));
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
