//! Workbooks, read back by a library that does not know who wrote them.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};

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
