//! What a person sees, and what a program reads.

use unicode_width::UnicodeWidthStr;

use crate::findings::{NOW, audit, scenario};
use crate::support::Probity;

#[test]
fn the_table_fits_the_width_it_was_given() {
    let aws = scenario("small-company");
    for width in [80, 140] {
        let run = Probity::against(&aws)
            .args(["audit", "--quiet", "--now", NOW, "--last-accessed", "none", "--width", &width.to_string()])
            .run();
        assert_eq!(run.code, 1, "{}", run.stderr);
        for line in run.stdout.lines() {
            assert!(line.width() <= width, "{} columns: {line}", line.width());
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        assert!(run.stdout.contains("111122223333") && run.stdout.contains("larkspur-labs"), "{}", run.stdout);
    }
}

#[test]
fn several_files_are_written_at_once() {
    let aws = scenario("small-company");
    let folder = tempfile::tempdir().unwrap();
    let (csv, json) = (folder.path().join("findings.csv"), folder.path().join("run.json"));
    let run = Probity::against(&aws)
        .args(["audit", "--quiet", "--now", NOW, "--last-accessed", "none", "-o"])
        .arg(&csv)
        .arg("-o")
        .arg(format!("json={}", json.display()))
        .run();
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let whole: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let rows = csv::Reader::from_path(&csv).unwrap().records().map(Result::unwrap).count();
    assert_eq!(rows, whole["findings"].as_array().unwrap().len());
}

#[test]
fn fail_on_decides_the_exit_code() {
    let aws = scenario("small-company");
    let code = |fail_on: &str| audit(&aws).args(["--only", "trail-log-validation", "--fail-on", fail_on]).run().code;
    assert_eq!(code("medium"), 1);
    assert_eq!(code("high"), 0);
    assert_eq!(code("never"), 0);
}

/// The JSON is always the whole run; filters choose what people and spreadsheets see.
#[test]
fn filters_hide_rows_and_nothing_else() {
    let aws = scenario("small-company");
    let rows = |arguments: &[&str]| {
        let run = audit(&aws).args(arguments).run();
        csv::Reader::from_reader(run.stdout.as_bytes()).records().map(Result::unwrap).collect::<Vec<_>>()
    };
    let all = rows(&["-f", "csv"]);
    let few = rows(&["-f", "csv", "--status", "fail", "--min-severity", "high"]);
    assert!(!few.is_empty() && few.len() < all.len(), "{} of {}", few.len(), all.len());
    assert!(few.iter().all(|row| ["critical", "high"].contains(&&row[5]) && &row[6] == "fail"), "{few:#?}");
    let whole = audit(&aws).run().json();
    assert_eq!(whole["findings"].as_array().unwrap().len(), all.len());
}

#[test]
fn progress_is_on_standard_error_and_names_account_and_endpoint() {
    let aws = scenario("empty");
    let run = Probity::against(&aws).args(["audit", "--now", NOW, "--last-accessed", "none", "-f", "json"]).run();
    run.json();
    assert!(run.stderr.contains("credential-report"), "{}", run.stderr);
    assert!(run.stderr.contains(aws.endpoint()), "{}", run.stderr);
}
