//! What earlier runs say stands in every format, and in none where no history is kept.

use ::parquet::record::Field;
use calamine::{Data, Range};
use probity_model::{FindingHistory, Outcome, Timestamp};
use probity_reports::{Format, Options};
use serde_json::Value;

use crate::{bytes, fixture, parquet, spreadsheet, written};

/// The text formats that list findings.
fn formats() -> impl Iterator<Item = Format> {
    let others = [Format::Xlsx, Format::Parquet, Format::Controls, Format::Credentials];
    Format::ALL.into_iter().filter(move |format| !others.contains(format))
}

#[test]
fn each_format_says_what_is_new_and_how_old_the_rest_is() {
    for format in formats() {
        let text = written(format, &fixture::with_history(), &Options::default());
        insta::assert_snapshot!(format!("history_{format}"), difference(format));
        let words: &[&str] = match format {
            Format::Table | Format::Markdown | Format::Html | Format::Junit => &["new since the last run", "113 days"],
            Format::Csv => &[",new,first_seen,", "2026-08-01T08:00:00Z"],
            // It has a place for when a finding was first seen, and none for since when it has been open.
            Format::Asff => &["2026-01-02T08:00:00Z"],
            _ => &["2026-08-01T08:00:00Z"],
        };
        for word in words {
            assert!(text.contains(word), "{format} lacks {word}");
        }
    }
}

/// The lines that a history adds or changes.
fn difference(format: Format) -> String {
    let without = written(format, &fixture::run(), &Options::default());
    let with = written(format, &fixture::with_history(), &Options::default());
    let old: std::collections::BTreeSet<&str> = without.lines().collect();
    with.lines().filter(|line| !old.contains(line)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn without_a_history_nothing_of_it_is_said() {
    for format in formats() {
        let text = written(format, &fixture::run(), &Options { statuses: Outcome::ALL.to_vec(), ..Options::default() });
        for word in ["first_seen", "open_since", "baselineState", "since the last run"] {
            assert!(!text.contains(word), "{format} says {word}");
        }
    }
}

#[test]
fn sarif_tells_the_new_from_the_unchanged() {
    let log: Value =
        serde_json::from_str(&written(Format::Sarif, &fixture::with_history(), &Options::default())).expect("JSON");
    let states: Vec<&str> = log["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| result["baselineState"].as_str().expect("a state"))
        .collect();
    assert_eq!(states.iter().filter(|state| **state == "new").count(), 1);
    assert_eq!(states.len(), fixture::run().findings.len());
}

/// A terminal obeys nothing that stands in what was fixed, either.
#[test]
fn nothing_hostile_reaches_a_terminal() {
    for format in formats() {
        let text = written(format, &fixture::with_history(), &Options::default());
        let obeyed = |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
        assert_eq!(text.chars().find(obeyed), None, "{format}");
    }
}

#[test]
fn parquet_has_each_value_and_null_where_there_is_none() {
    let run = fixture::with_history();
    let milliseconds = |at: Timestamp| Field::TimestampMillis(at.as_millisecond());
    for (row, finding) in parquet::rows(&Options::default(), &run).iter().zip(&run.findings) {
        let known = |of: &dyn Fn(&FindingHistory) -> Field| finding.history.as_deref().map_or(Field::Null, of);
        for (name, expected) in [
            ("new", known(&|one| Field::Bool(one.new))),
            ("first_seen", known(&|one| milliseconds(one.first_seen))),
            ("open_since", known(&|one| milliseconds(one.open_since))),
            ("last_seen", known(&|one| milliseconds(one.last_seen))),
            ("age_days", known(&|one| Field::Long(one.age_days))),
            ("reopened", known(&|one| Field::Long(one.reopened.into()))),
        ] {
            assert_eq!(parquet::cell(row, name), &expected, "{name} of {}", finding.resource);
        }
    }
    assert!(run.findings.iter().any(|finding| finding.history.is_none()), "one that has none was looked at");
}

/// Engines want one schema for all files of a folder, those of runs without a history among them.
#[test]
fn parquet_without_a_history_has_the_same_columns_all_null() {
    let names = |run| -> Vec<String> {
        let rows = parquet::rows(&Options::default(), run);
        rows[0].get_column_iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&fixture::run()), names(&fixture::with_history()));
    for row in parquet::rows(&Options::default(), &fixture::run()) {
        for name in ["new", "first_seen", "open_since", "last_seen", "age_days", "reopened"] {
            assert_eq!(parquet::cell(&row, name), &Field::Null, "{name}");
        }
    }
}

fn sheet(name: &str) -> Range<Data> {
    spreadsheet::sheet(bytes(Format::Xlsx, &fixture::with_history(), &Options::default()), name)
}

#[test]
fn xlsx_has_real_dates_and_numbers() {
    let run = fixture::with_history();
    let sheet = sheet("Findings");
    let heads: Vec<String> = sheet.rows().next().expect("a header").iter().map(ToString::to_string).collect();
    for (row, finding) in sheet.rows().skip(1).zip(&run.findings) {
        let cell = |name: &str| &row[heads.iter().position(|head| head == name).expect("the column")];
        let Some(known) = &finding.history else {
            for name in ["new", "first_seen", "open_since", "last_seen", "age_days", "reopened"] {
                assert_eq!(cell(name), &Data::Empty, "{name}");
            }
            continue;
        };
        assert_eq!(cell("new"), &Data::String(known.new.to_string()));
        assert_eq!(spreadsheet::date(cell("first_seen")), known.first_seen.to_string());
        assert_eq!(spreadsheet::date(cell("open_since")), known.open_since.to_string());
        assert_eq!(spreadsheet::date(cell("last_seen")), known.last_seen.to_string());
        assert_eq!(cell("age_days"), &Data::Float(f64::from(i32::try_from(known.age_days).expect("few days"))));
        assert_eq!(cell("reopened"), &Data::Float(known.reopened.into()));
    }
}

#[test]
fn the_summary_of_xlsx_says_what_is_new_fixed_and_aging_and_lists_the_runs() {
    let run = fixture::with_history();
    let history = run.history.as_ref().expect("a history");
    let summary = sheet("Summary");
    let row = |label: &str| {
        let found = summary.rows().find(|row| row[0] == Data::String(label.to_owned()));
        found.unwrap_or_else(|| panic!("no row {label}"))
    };
    let number = |number: u64| Data::Float(f64::from(u32::try_from(number).expect("a small number")));
    assert_eq!(row("new")[1], number(history.new));
    assert_eq!(row("fixed")[1], number(1));
    for band in &history.aging {
        assert_eq!(row(&band.in_words())[1], number(band.open));
    }
    let heads = summary.rows().position(|row| row[0] == Data::String("Read".to_owned())).expect("the table of runs");
    let points: Vec<_> = history.trend.iter().rev().collect();
    for (row, point) in summary.rows().skip(heads + 1).zip(&points) {
        assert_eq!(spreadsheet::date(&row[0]), point.started_at.to_string());
        assert_eq!(row[1], point.score.map_or(Data::String("none".to_owned()), |score| number(score.into())));
        assert_eq!(row[2], number(point.coverage_percent.into()));
        assert_eq!((&row[8], &row[9]), (&number(point.new), &number(point.fixed)));
    }
    let fixed = sheet("Fixed");
    assert_eq!(fixed.height(), 1 + history.fixed.len());
    let texts: Vec<String> = fixed.rows().nth(1).expect("a row").iter().map(ToString::to_string).collect();
    assert!(texts.contains(&history.fixed[0].fingerprint.to_string()), "{texts:?}");
}

#[test]
fn xlsx_without_a_history_says_nothing_of_it() {
    let workbook = bytes(Format::Xlsx, &fixture::run(), &Options::default());
    assert_eq!(spreadsheet::names(workbook.clone()).len(), 5, "no sheet of what was fixed");
    for name in ["Findings", "Summary"] {
        let sheet = spreadsheet::sheet(workbook.clone(), name);
        let said = |word: &str| sheet.used_cells().any(|(_, _, cell)| cell.to_string().contains(word));
        assert!(!said("first_seen") && !said("History"), "{name}");
    }
}

/// The line has its words for those who do not see it, and the table has each of its numbers.
#[test]
fn html_draws_the_scores_and_names_them() {
    let run = fixture::with_history();
    let page = written(Format::Html, &run, &Options::default());
    let (_, section) = page.split_once("<section id=\"history\"").expect("the section");
    let (section, _) = section.split_once("</section>").expect("which ends");
    let (chart, rest) = section.split_once("</svg>").expect("a chart");
    assert!(chart.contains("role=\"img\" aria-labelledby=\"trend-title\" aria-describedby=\"trend-desc\""));
    assert!(chart.contains("<title id=\"trend-title\">Score of the last 2 runs</title>"), "{chart}");
    assert!(chart.contains("<desc id=\"trend-desc\">From 12 on 2026-11-21T08:00:00Z to 27 on "), "{chart}");
    let trend = &run.history.as_ref().expect("a history").trend;
    assert_eq!(chart.matches("<circle ").count(), trend.len());
    for point in trend {
        let score = point.score.expect("a score");
        assert!(rest.contains(&format!("{}</th><td class=\"number\">{score}</td>", point.started_at)), "{rest}");
    }
    assert!(!written(Format::Html, &fixture::run(), &Options::default()).contains("<desc"), "none without a history");
}
