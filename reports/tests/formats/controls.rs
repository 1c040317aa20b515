//! Controls as CSV, and in the formats for people.

use std::collections::BTreeMap;

use probity_model::framework::ControlVerdict;
use probity_reports::{Format, Options};

use crate::{fixture, written};

fn rows() -> Vec<BTreeMap<String, String>> {
    let text = written(Format::Controls, &fixture::run(), &Options::default());
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn one_row_a_control_and_none_is_dropped() {
    let run = fixture::run();
    let rows = rows();
    let controls = &run.frameworks[0].controls;
    assert_eq!(rows.len(), controls.len());
    for (row, control) in rows.iter().zip(controls) {
        assert_eq!((row["control"].as_str(), row["verdict"].as_str()), (control.id.as_str(), control.verdict.as_str()));
    }
    let root = &rows[0];
    assert_eq!(root["checks"], "root-mfa-enabled (proposed): 1 fail, 1 pass");
    assert_eq!(root["looked_at"], "2 iam-user");
    assert_eq!(root["accounts"], "fail: 111122223333; pass: 012345678901");
    assert_eq!(
        (root["read_from"].as_str(), root["read_until"].as_str()),
        ("2026-11-22T08:00:01Z", "2026-11-22T08:00:03Z")
    );
    assert_eq!(rows[1]["checks"], "user-unused: left out of this run");
    assert_eq!(rows[2]["planned_checks"], "of-tomorrow");
    assert!(rows[3]["reason"].starts_with("'=HYPERLINK"), "{}", rows[3]["reason"]);
}

#[test]
fn the_columns_are_those_of_the_page() {
    let text = written(Format::Controls, &fixture::run(), &Options::default());
    let page = include_str!("../../../docs/formats/controls.md");
    let documented: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|column| column.0).collect();
    assert_eq!(text.lines().next(), Some(documented.join(",").as_str()));
}

/// The table is as wide as a line of text: what is wrapped is put together again.
#[test]
fn every_verdict_is_told_to_people_in_every_format() {
    let options = Options { width: 200, ..Options::default() };
    for format in [Format::Table, Format::Markdown, Format::Html] {
        let text = written(format, &fixture::run(), &options);
        for control in &fixture::run().frameworks[0].controls {
            assert!(text.contains(&control.id), "{format}: {}", control.id);
        }
        for verdict in ControlVerdict::ALL {
            assert!(text.contains(verdict.as_str()), "{format}: {verdict}");
        }
        for part in ["CIS AWS Foundations Benchmark 7.0.0", "8 controls: 1 fail, 1 not-evaluated", "Storage"] {
            assert!(text.contains(part), "{format}: {part}");
        }
    }
}

#[test]
fn markdown_says_how_many_controls_it_leaves_out() {
    let mut run = fixture::run();
    let control = run.frameworks[0].controls[5].clone();
    run.frameworks[0].controls = vec![control; 2_000];
    let text = written(Format::Markdown, &run, &Options::default());
    assert!(text.chars().count() < 65_536);
    assert!(text.contains("more controls (use -f controls for all): "), "{text:.2000}");
    assert!(text.contains("### Failures"), "there is room for the findings");
}
