//! The table fits its width, says what it does not know, and hides nothing in silence.

use probity_model::{Outcome, Severity};
use probity_reports::{Format, Options};
use unicode_width::UnicodeWidthStr;

use crate::{fixture, written};

fn table(run: &probity_model::Run, options: &Options) -> String {
    written(Format::Table, run, options)
}

fn of_width(width: usize) -> Options {
    Options { width, ..Options::default() }
}

#[test]
fn at_80_and_140_columns() {
    for width in [80, 140] {
        insta::assert_snapshot!(format!("table_{width}"), table(&fixture::run(), &of_width(width)));
    }
}

#[test]
fn a_sample_account_without_failures() {
    insta::assert_snapshot!(table(&fixture::sample(), &Options::default()));
}

#[test]
fn no_line_is_longer_than_the_width() {
    for run in [fixture::run(), fixture::sample(), fixture::many(30)] {
        for width in (60..=200).step_by(7) {
            let options = Options { statuses: Outcome::ALL.to_vec(), ..of_width(width) };
            for line in table(&run, &options).lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn a_wide_terminal_is_used() {
    let widest = |width| table(&fixture::run(), &of_width(width)).lines().map(UnicodeWidthStr::width).max();
    assert!(widest(140) > Some(120), "{:?}", widest(140));
}

#[test]
fn sample_data_is_said_to_be_sample_data() {
    assert!(table(&fixture::sample(), &Options::default()).contains("Sample data, not a real account"));
    assert!(!table(&fixture::run(), &Options::default()).contains("Sample"));
}

#[test]
fn failures_come_worst_first() {
    let text = table(&fixture::run(), &of_width(200));
    let place = |id: &str| text.find(id).unwrap_or_else(|| panic!("{id} is not there"));
    assert!(place("root-mfa-enabled") < place("user-mfa-console-enabled"));
    assert!(place("user-mfa-console-enabled") < place("access-key-rotated"));
    assert!(place("access-key-rotated") < place("password-policy-minimum-length"));
}

/// One denied call is said once, with all that it takes down, however many Regions and accounts it was asked in.
#[test]
fn a_gap_is_said_once() {
    let text = table(&fixture::run(), &of_width(200));
    assert_eq!(text.matches("cloudtrail:DescribeTrails was denied (AccessDeniedException)").count(), 1, "{text}");
    assert!(text.contains("In eu-central-1, us-east-1"));
    assert!(text.contains("Takes down 1 check: trail-multi-region-logs-management-events"));
    assert!(text.contains("Not evaluated (3)"));
}

#[test]
fn an_accepted_failure_is_no_open_one_and_is_still_shown() {
    let text = table(&fixture::run(), &of_width(200));
    assert!(text.contains("Failures (5)") && text.contains("Accepted failures (1)"), "{text}");
    assert!(text.contains("accepted by platform@example.com, SEC-42, until 2027-01-31"));
}

#[test]
fn no_failure_is_not_said_without_what_could_not_be_judged() {
    let text = table(&fixture::sample(), &Options::default());
    assert!(text.contains("no check could judge anything"), "{text}");
    assert!(text.contains("over 0 % of the checks (0 of 1)"), "{text}");
}

#[test]
fn ten_resources_of_a_check_are_shown_and_the_rest_counted() {
    let text = table(&fixture::many(25), &Options::default());
    assert!(text.contains("user-000009") && !text.contains("user-000010"));
    assert!(text.contains("and 15 more") && text.contains("(use -f csv for all)"), "{text}");
    assert!(text.contains("Failures (25)"));
    assert!(!table(&fixture::many(10), &Options::default()).contains("for all"));
}

/// Whoever asks for none still sees which check it is.
#[test]
fn at_least_one_resource_is_shown() {
    let text = table(&fixture::many(3), &Options { resources_per_check: 0, ..Options::default() });
    assert!(text.contains("user-000000") && text.contains("and 2 more"), "{text}");
}

/// Evidence that was not read is said, even where no verdict fell for it.
#[test]
fn what_takes_down_no_check_is_said_too() {
    let mut run = fixture::run();
    run.findings.retain(|finding| finding.outcome != Outcome::NotEvaluated);
    run.gaps.retain(|gap| gap.checks.is_empty());
    let text = table(&run, &Options::default());
    assert!(text.contains("Not read") && text.contains("last-accessed data was not asked for"), "{text}");
    assert!(!text.contains("Not evaluated ("), "{text}");
}

#[test]
fn filters_say_what_they_leave_out() {
    let options = Options { min_severity: Some(Severity::High), statuses: vec![Outcome::Fail], ..of_width(140) };
    let text = table(&fixture::run(), &options);
    assert!(text.contains("3 of 12 findings: severity high or worse, status fail"), "{text}");
    assert!(!text.contains("access-key-rotated") && !text.contains("Takes down"), "{text}");
    assert!(text.contains("3 not-evaluated"), "the counts are those of the whole run");
}

#[test]
fn passes_are_shown_where_they_are_asked_for() {
    assert!(!table(&fixture::run(), &of_width(140)).contains("has a hardware device"));
    let options = Options { statuses: vec![Outcome::Pass], ..of_width(140) };
    assert!(table(&fixture::run(), &options).contains("has a hardware device"));
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let colored = table(&fixture::run(), &Options { color: true, ..Options::default() });
    assert!(colored.contains("\u{1b}[1m\u{1b}[31mcritical\u{1b}[0m  root-mfa"), "{colored}");
    let mut bare = String::new();
    let mut rest = colored.as_str();
    while let Some((before, sequence)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        rest = sequence.split_once('m').expect("only colours").1;
    }
    bare.push_str(rest);
    assert_eq!(bare, table(&fixture::run(), &Options::default()));
}
