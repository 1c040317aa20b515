//! CSV and XLSX show the same in every cell, whatever a resource is named, and no cell is a formula.

mod office;

use calamine::Data;
use probity_model::finding::EvidenceItem;
use probity_model::{Arn, Run};
use probity_reports::{Format, Options};

use crate::hostile::NAMES;
use crate::{bytes, fixture, spreadsheet, written};

/// What a cell must not begin with as a spreadsheet sees it.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A run with a history in which each hostile name has a finding that holds it wherever a name can stand.
fn hostile() -> Run {
    let mut run = fixture::with_history();
    let model = run.findings[0].clone();
    let begins = FORMULA.map(|sign| format!("{sign}cmd|' /C calc'!A0, \"quoted\"; and more"));
    for name in NAMES.into_iter().map(str::to_owned).chain(begins) {
        let mut finding = model.clone();
        finding.title = name.as_str().into();
        finding.message = name.clone().into();
        finding.resource = Arn::new(name.clone());
        finding.evidence = vec![EvidenceItem { key: name.as_str().into(), value: name.as_str().into() }];
        finding.operations = [name.clone()].into();
        run.findings.push(finding);
    }
    for check in &mut run.checks {
        check.fix = NAMES[0].to_owned();
    }
    run
}

/// The rows of a text of CSV, its header among them.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// What a cell of a workbook shows, in the words of CSV.
fn shown(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        Data::DateTime(_) => spreadsheet::date(cell),
        other => panic!("{other:?} has no place in a report"),
    }
}

#[test]
fn csv_and_xlsx_show_the_same_cell_by_cell_and_no_formula() {
    let run = hostile();
    let csv = rows(&written(Format::Csv, &run, &Options::default()));
    let workbook = bytes(Format::Xlsx, &run, &Options::default());
    let sheet = spreadsheet::sheet(workbook.clone(), "Findings");
    assert_eq!(sheet.height(), csv.len());
    assert_eq!(sheet.width(), csv[0].len());
    for (number, (cells, row)) in sheet.rows().zip(&csv).enumerate() {
        for ((cell, text), head) in cells.iter().zip(row).zip(&csv[0]) {
            assert_eq!(&shown(cell), text, "row {number}, column {head}");
            assert!(!text.starts_with(FORMULA), "row {number}, column {head}: {text}");
            let typed = number > 0
                && matches!(
                    head.as_str(),
                    "observed_at" | "first_seen" | "open_since" | "last_seen" | "age_days" | "reopened"
                );
            let is_text = matches!(cell, Data::String(_) | Data::Empty);
            assert!(is_text || typed, "row {number}, column {head} is {cell:?}");
        }
    }
    for name in spreadsheet::names(workbook.clone()) {
        assert_eq!(spreadsheet::formulas(workbook.clone(), &name), Vec::<String>::new(), "{name}");
        for (row, column, cell) in spreadsheet::sheet(workbook.clone(), &name).used_cells() {
            assert!(!shown(cell).starts_with(FORMULA), "{name}, row {row}, column {column}: {cell:?}");
        }
    }
}

/// The same through a spreadsheet program, which reads both files in its own way and writes what its cells show.
#[test]
fn libreoffice_shows_the_same_for_both() {
    let run = hostile();
    let csv = written(Format::Csv, &run, &Options::default());
    let workbook = bytes(Format::Xlsx, &run, &Options::default());
    let Some((of_csv, of_xlsx)) = office::shown(csv.as_bytes(), &workbook) else { return };
    let (of_csv, of_xlsx, original) = (rows(&of_csv), rows(&of_xlsx), rows(&csv));
    assert_eq!((of_csv.len(), of_xlsx.len()), (original.len(), original.len()));
    for (number, ((a, b), expected)) in of_csv.iter().zip(&of_xlsx).zip(&original).enumerate() {
        for ((column, expected), head) in expected.iter().enumerate().zip(&original[0]) {
            // A program that has read a date shows it in its own way.
            let plain = |text: &str| match head.as_str() {
                "observed_at" | "first_seen" | "open_since" | "last_seen" => {
                    text.replace('T', " ").trim_end_matches('Z').to_owned()
                }
                "new" => text.to_lowercase(),
                _ => text.to_owned(),
            };
            let place = format!("row {number}, column {head}");
            assert_eq!(plain(&a[column]), plain(expected), "the CSV file, {place}");
            assert_eq!(plain(&b[column]), plain(expected), "the workbook, {place}");
        }
    }
}
