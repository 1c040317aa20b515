//! The sample account: the whole path without AWS.

use crate::support::Probity;

#[test]
fn the_demo_needs_nothing_and_says_what_it_is() {
    let run = Probity::alone().args(["demo", "--width", "80"]).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("Sample data, not a real account"), "{}", run.stdout);
    assert!(run.stdout.contains("larkspur-labs"), "{}", run.stdout);
}

#[test]
fn the_demo_is_the_same_every_time() {
    let once = Probity::alone().args(["demo", "--quiet", "-f", "json"]).run();
    let again = Probity::alone().args(["demo", "--quiet", "-f", "json"]).run();
    let findings = |run: &crate::support::Run| run.json()["findings"].clone();
    assert_eq!(findings(&once), findings(&again));
}

/// The recording answers everything that is asked with any flag of the demo, and what it lacks would be a gap.
#[test]
fn the_recording_answers_every_call() {
    for flags in [
        &["--detail", "full"][..],
        &["--detail", "standard"],
        &["--last-accessed", "all", "--detail", "full"],
        &["--regions", "us-east-1,ca-central-1"],
        &["--only", "identity-center-mfa-required"],
    ] {
        let run = Probity::alone().args(["demo", "--quiet", "-f", "json", "--require-complete"]).args(flags).run();
        assert!([0, 1].contains(&run.code), "{flags:?}: {} {}", run.code, run.stderr);
    }
}

#[test]
fn the_demo_takes_the_flags_of_an_audit() {
    let run = Probity::alone()
        .args([
            "demo",
            "--quiet",
            "-f",
            "json",
            "--only",
            "family:root",
            "--set",
            "root-not-used-recently.window_days=30",
        ])
        .run();
    let report = run.json();
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["family"] == "root"));
    let used =
        report["findings"].as_array().unwrap().iter().find(|f| f["check"] == "root-not-used-recently").unwrap().clone();
    assert_eq!(used["outcome"], "pass", "root was last used 41 days ago");
}
