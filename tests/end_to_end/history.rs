//! Runs that are kept, through the real command.

use serde_json::Value;

use crate::support::{Probity, Run};

/// The snapshot of the sample account.
pub(crate) fn sample() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.json");
    let run = Probity::alone().args(["demo", "--quiet", "--fail-on", "never", "--save-snapshot"]).arg(&file).run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// The snapshot as it would have been taken so many days later, with a change.
pub(crate) fn later(snapshot: &Value, days: i64, change: impl FnOnce(&mut Value)) -> Value {
    let mut snapshot = snapshot.clone();
    for field in ["taken_at", "finished_at"] {
        let time: probity_model::Timestamp = snapshot[field].as_str().unwrap().parse().unwrap();
        let time = probity_model::Timestamp::from_second(time.as_second() + days * 86_400).unwrap();
        snapshot[field] = time.to_string().into();
    }
    change(&mut snapshot["facts"]);
    snapshot
}

/// Sets whether a user has a second factor.
pub(crate) fn mfa(facts: &mut Value, user: &str, active: bool) {
    let rows = facts["credential_report"]["known"]["users"].as_array_mut().unwrap();
    let row = rows.iter_mut().find(|row| row["user"] == user).unwrap_or_else(|| panic!("no user {user}"));
    row["mfa_active"] = serde_json::json!({"value": active});
}

/// A user of the sample account for whom the check of second factors says this.
pub(crate) fn user_with(snapshot: &Value, outcome: &str) -> String {
    let run = judged(snapshot, &[]).json();
    let findings = run["findings"].as_array().unwrap().clone();
    let found =
        findings.into_iter().find(|finding| finding["outcome"] == outcome && finding["resource_kind"] == "iam-user");
    let arn = found.unwrap_or_else(|| panic!("nobody with {outcome}"))["resource"].as_str().unwrap().to_owned();
    arn.rsplit('/').next().unwrap().to_owned()
}

/// The snapshot judged by the check of second factors.
fn judged(snapshot: &Value, arguments: &[&str]) -> Run {
    Probity::alone()
        .file("snapshot.json", &snapshot.to_string())
        .args(["check", "snapshot.json", "--quiet", "-f", "json", "--only", "user-mfa-console"])
        .args(arguments)
        .run()
}

#[test]
fn a_scheduled_job_fails_only_for_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history.db").display().to_string();
    let keep = |snapshot: &Value| judged(snapshot, &["--history", &history, "--fail-on", "new-high"]);
    let first = sample();
    let (failing, passing) = (user_with(&first, "fail"), user_with(&first, "pass"));
    assert_eq!(keep(&first).code, 1, "all is new in the first run");
    let second = later(&first, 1, |_| {});
    let run = keep(&second);
    assert_eq!(run.code, 0, "nothing is new: {}", run.stderr);
    let third = keep(&later(&first, 31, |facts| {
        mfa(facts, &failing, true);
        mfa(facts, &passing, false);
    }));
    assert_eq!(third.code, 1, "{}", third.stderr);
    let report = third.json();
    assert_eq!((report["history"]["new"].as_u64(), report["history"]["fixed"].as_array().unwrap().len()), (Some(1), 1));
    assert!(report["history"]["fixed"][0]["resource"].as_str().unwrap().ends_with(&failing), "{report}");
    let old = report["findings"].as_array().unwrap().iter().find(|f| f["history"]["age_days"] == 31);
    assert!(old.is_some(), "what was there from the first run on is 31 days old");
    // Again, the same bytes, and nothing is written.
    let again = keep(&second);
    assert_eq!(again.stdout, run.stdout);

    let list = Probity::alone().args(["history", "--history", &history, "-f", "json"]).run();
    let listed = list.json();
    assert_eq!(listed["runs"].as_array().unwrap().len(), 3, "{}", list.stderr);
    assert_eq!(listed["time_to_fix"][0]["mean_hours"], 31 * 24);
    let table = Probity::alone().env("PROBITY_HISTORY", history.as_str()).args(["history"]).run();
    assert!(
        table.stdout.contains("Trend of the score") && table.stdout.contains("Mean time to fix"),
        "{}",
        table.stdout
    );
    let id = listed["runs"][2]["id"].as_str().unwrap();
    let shown = Probity::alone().args(["history", "--history", &history, "show", &id[..14], "-f", "json"]).run().json();
    let new = shown["findings"].as_array().unwrap().iter().filter(|finding| finding["new"] == true).count();
    assert_eq!(new, 1);
    let pruned = Probity::alone().args(["history", "--history", &history, "prune", "--older-than", "15"]).run();
    assert_eq!(pruned.stdout, "2 runs forgotten\n", "{}", pruned.stderr);
}

#[test]
fn without_a_history_nothing_is_different() {
    let first = sample();
    let run = judged(&first, &["--fail-on", "never"]);
    assert!(!run.stdout.contains("first_seen") && !run.stdout.contains("\"history\""));
    let refused = judged(&first, &["--fail-on", "new-high"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--history"), "{}", refused.stderr);
}

#[test]
fn a_history_that_cannot_be_used_is_told_before_the_run() {
    let run = Probity::alone().args(["demo", "--quiet", "--history", "no/such/folder/history.db"]).run();
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("no/such/folder/history.db"), "{}", run.stderr);
    let run = Probity::alone().args(["demo", "--quiet", "--history", "postgres://a:secret@127.0.0.1:1/x"]).run();
    assert_eq!(run.code, 2);
    assert!(!run.stderr.contains("secret"), "{}", run.stderr);
    let config = Probity::alone().env("PROBITY_HISTORY", "postgres://a:secret@db/x").args(["config"]).run();
    assert!(config.stdout.contains("postgres://a:***@db/x") && !config.stdout.contains("secret"), "{}", config.stdout);
}

/// An older snapshot cannot be put between runs that are kept; the report is written all the same.
#[test]
fn an_older_run_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history.db").display().to_string();
    let first = sample();
    judged(&later(&first, 5, |_| {}), &["--history", &history]);
    let run = judged(&first, &["--history", &history, "--fail-on", "never"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("already holds a run of account"), "{}", run.stderr);
    assert_eq!(run.json()["format"], "probity-run");
}
