//! XLSX, read back as a spreadsheet program reads it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use probity_model::{Outcome, Run};
use probity_reports::{Format, Options};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::{bytes, fixture, written};

/// A cell: its text or number as it stands, and whether it is a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub(crate) value: String,
    pub(crate) is_text: bool,
}

/// A sheet: rows of cells by column, `A` first.
type Sheet = Vec<BTreeMap<String, Cell>>;

/// Every sheet by its name, and the text of all parts.
pub(crate) fn read(bytes: Vec<u8>) -> (BTreeMap<String, Sheet>, String) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let name = part.name().expect("UTF-8").into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).expect("every part is XML");
        parts.insert(name, text);
    }
    let shared = strings(parts.get("xl/sharedStrings.xml").map(String::as_str).unwrap_or_default());
    let names = names(&parts["xl/workbook.xml"]);
    let sheets = names.into_iter().enumerate().map(|(index, name)| {
        let part = &parts[&format!("xl/worksheets/sheet{}.xml", index + 1)];
        (name, sheet(part, &shared))
    });
    (sheets.collect(), parts.into_values().collect::<Vec<_>>().join("\n"))
}

fn names(workbook: &str) -> Vec<String> {
    let mut reader = Reader::from_str(workbook);
    let mut names = Vec::new();
    loop {
        match reader.read_event().expect("XML") {
            Event::Empty(element) if element.name().as_ref() == "sheet" => {
                names.push(attribute(&element, "name").expect("a name"));
            }
            Event::Eof => return names,
            _ => {}
        }
    }
}

fn attribute(element: &quick_xml::events::BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).expect("attributes")?;
    Some(found.value.into_owned())
}

/// The texts of the elements `t`, one for each `si` or `is`.
fn strings(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let (mut all, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(element) if element.name().as_ref() == "si" => text.clear(),
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => text.push(referred(&reference)),
            Event::End(element) if element.name().as_ref() == "si" => all.push(text.clone()),
            Event::Eof => return all,
            _ => {}
        }
    }
}

fn referred(reference: &quick_xml::events::BytesRef<'_>) -> char {
    if let Some(character) = reference.resolve_char_ref().expect("a reference") {
        return character;
    }
    match &**reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        other => panic!("&{other};"),
    }
}

fn sheet(xml: &str, shared: &[String]) -> Sheet {
    let mut reader = Reader::from_str(xml);
    let mut rows = Sheet::new();
    let (mut column, mut kind, mut text) = (String::new(), String::new(), String::new());
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(element) if element.name().as_ref() == "row" => {
                let number: usize = attribute(&element, "r").expect("a number").parse().expect("a number");
                rows.resize_with(number, BTreeMap::new);
            }
            Event::Start(element) if element.name().as_ref() == "c" => {
                let place = attribute(&element, "r").expect("a place");
                column = place.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
                kind = attribute(&element, "t").unwrap_or_default();
                text.clear();
            }
            Event::Start(element) => assert!(element.name().as_ref() != "f", "a formula"),
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => text.push(referred(&reference)),
            Event::End(element) if element.name().as_ref() == "c" => {
                let value = match kind.as_str() {
                    "s" => shared[text.parse::<usize>().expect("an index")].clone(),
                    _ => text.clone(),
                };
                let cell = Cell { value, is_text: !kind.is_empty() && kind != "n" };
                rows.last_mut().expect("a row").insert(column.clone(), cell);
            }
            Event::Eof => return rows,
            _ => {}
        }
    }
}

fn workbook(run: &Run) -> (BTreeMap<String, Sheet>, String) {
    read(bytes(Format::Xlsx, run, &Options::default()))
}

fn column(index: usize) -> String {
    char::from(b'A' + u8::try_from(index).expect("few columns")).to_string()
}

#[test]
fn the_sheets_are_those_an_auditor_asks_for() {
    let (sheets, all) = workbook(&fixture::run());
    let mut names: Vec<&str> = sheets.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["Controls", "Evidence", "Findings", "Not evaluated", "Summary"]);
    assert_eq!(all.matches("state=\"frozen\"").count(), 5, "every header stays in sight");
    assert_eq!(all.matches("<autoFilter ").count(), 4, "every sheet of rows filters");
    assert!(!all.contains("<hyperlink"), "no cell is a link");
}

/// The two are one table: whoever compares them finds the same words.
#[test]
fn findings_hold_what_csv_holds() {
    let run = fixture::run();
    let (sheets, _) = workbook(&run);
    let text = written(Format::Csv, &run, &Options::default());
    let rows: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .records()
        .map(|r| r.expect("a row"))
        .collect();
    let sheet = &sheets["Findings"];
    assert_eq!(sheet.len(), rows.len());
    for (cells, row) in sheet.iter().zip(&rows) {
        for (index, expected) in row.iter().enumerate() {
            let cell = cells.get(&column(index));
            if &rows[0][index] == "observed_at" && cells.get("A").is_some_and(|cell| cell.value != "run") {
                let cell = cell.expect("a date");
                assert!(!cell.is_text, "a real date");
                // 2026-11-22T08:00:03Z, in days since the end of 1899.
                let days: f64 = cell.value.parse().expect("a number");
                assert!((days - 46_348.333_368).abs() < 0.000_01, "{days}");
                continue;
            }
            assert_eq!(cell.map_or("", |cell| cell.value.as_str()), expected);
            assert!(cell.is_none_or(|cell| cell.is_text));
        }
    }
}

#[test]
fn every_control_gap_and_value_has_its_row() {
    let run = fixture::run();
    let (sheets, _) = workbook(&run);
    assert_eq!(sheets["Controls"].len(), 1 + run.frameworks[0].controls.len());
    let lost = run.count(Outcome::NotEvaluated);
    assert_eq!(sheets["Not evaluated"].len(), 1 + lost + 1, "and the gap that takes down no check");
    let values: usize = run.findings.iter().map(|finding| finding.evidence.len()).sum();
    assert_eq!(sheets["Evidence"].len(), 1 + values);
    let summary = &sheets["Summary"];
    let said = |label: &str| {
        let row = summary.iter().find(|row| row.get("A").is_some_and(|cell| cell.value == label));
        row.and_then(|row| row.get("B")).map(|cell| cell.value.clone())
    };
    assert_eq!(said("not-evaluated"), Some("3".to_owned()));
    assert_eq!(said("Frameworks"), Some("cis-7.0".to_owned()));
    assert_eq!(said("controls"), Some("8".to_owned()));
}

#[test]
fn a_run_without_frameworks_says_how_to_ask_for_one() {
    let (sheets, all) = workbook(&fixture::sample());
    assert_eq!(sheets["Controls"].len(), 1);
    assert!(all.contains("--framework cis-7.0"));
}

#[test]
fn filters_apply() {
    let options = Options { statuses: vec![Outcome::Manual], ..Options::default() };
    let (sheets, _) = read(bytes(Format::Xlsx, &fixture::run(), &options));
    assert_eq!(sheets["Findings"].len(), 2);
    assert_eq!(sheets["Not evaluated"].len(), 5, "what could not be read is told whatever is shown");
}
