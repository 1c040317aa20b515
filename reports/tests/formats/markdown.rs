//! Markdown, where names may neither format, link, mention nor bring HTML.

use probity_model::{Outcome, Severity};
use probity_reports::{Format, Options};

use crate::{fixture, written};

fn markdown(run: &probity_model::Run) -> String {
    written(Format::Markdown, run, &Options::default())
}

#[test]
fn names_stay_names() {
    let text = markdown(&fixture::run());
    for wrong in ["<img", "@everyone", "@example.com", "**b**", "`@", "[x](", "https://example.com", " #1"] {
        assert!(!text.contains(wrong), "{wrong}");
    }
}

#[test]
fn a_pipe_in_a_name_adds_no_column() {
    let text = markdown(&fixture::run());
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    let wide: Vec<&&str> = rows.iter().filter(|row| row.contains("user")).collect();
    assert!(wide.len() >= 5, "{text}");
    for row in wide {
        assert_eq!(row.matches('|').count(), 5, "{row}");
    }
}

#[test]
fn sample_data_and_missing_evidence_are_said() {
    let text = markdown(&fixture::sample());
    assert!(text.contains("Sample data"), "{text}");
    assert!(text.contains("no check could judge anything"), "{text}");
    assert!(text.contains("cloudtrail&#58;DescribeTrails") || text.contains("cloudtrail:DescribeTrails"), "{text}");
}

/// GitHub takes 65,536 characters.
#[test]
fn a_comment_stays_within_what_a_comment_may_hold() {
    let many = Options { resources_per_check: usize::MAX, ..Options::default() };
    let text = written(Format::Markdown, &fixture::many(5_000), &many);
    assert!(text.chars().count() < 65_536, "{}", text.chars().count());
    let shown = text.matches("user-00").count();
    assert!(shown > 100, "{shown}");
    assert!(text.contains(&format!("and {} more (use -f csv", 5_000 - shown)), "{}", &text[text.len() - 400..]);
}

#[test]
fn filters_apply_and_are_said() {
    let options =
        Options { min_severity: Some(Severity::Critical), statuses: vec![Outcome::Fail], ..Options::default() };
    let text = written(Format::Markdown, &fixture::run(), &options);
    assert!(text.contains("root-mfa-enabled") && !text.contains("access-key-rotated"), "{text}");
    assert!(text.contains("1 of 12 findings: severity critical or worse, status fail"), "{text}");
}
