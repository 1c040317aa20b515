//! What was read can be judged again, with the same result to the byte.

use crate::findings::{NOW, audit, scenario};
use crate::support::Probity;

#[test]
fn judging_a_snapshot_again_gives_the_same_bytes() {
    let aws = scenario("small-company");
    let folder = tempfile::tempdir().unwrap();
    let files = [folder.path().join("a.json"), folder.path().join("a.json.zst")];
    for file in &files {
        let live = audit(&aws).arg("--save-snapshot").arg(file).run();
        let again = Probity::alone().args(["check", "--output-format", "json", "--quiet"]).arg(file).run();
        assert_eq!((live.code, &live.stdout), (again.code, &again.stdout), "{}", again.stderr);
        let once_more = Probity::alone().args(["check", "--output-format", "json", "--quiet"]).arg(file).run();
        assert_eq!(again.stdout, once_more.stdout);
    }
}

#[cfg(unix)]
#[test]
fn snapshots_and_reports_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let aws = scenario("empty");
    let folder = tempfile::tempdir().unwrap();
    let (snapshot, report) = (folder.path().join("a.json"), folder.path().join("a.csv"));
    let run = audit(&aws).arg("--save-snapshot").arg(&snapshot).arg("-o").arg(&report).run();
    assert!(run.code <= 1, "{}", run.stderr);
    for file in [snapshot, report] {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn collect_then_check_is_an_audit() {
    let aws = scenario("small-company");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.json");
    let collect = Probity::against(&aws)
        .args(["collect", "--quiet", "--now", NOW, "--last-accessed", "none", "--output"])
        .arg(&file)
        .run();
    assert_eq!(collect.code, 0, "{}", collect.stderr);
    let check = Probity::alone().args(["check", "-f", "json"]).arg(&file).run().json();
    let live = audit(&aws).run().json();
    let outcomes = |run: &serde_json::Value| -> Vec<(serde_json::Value, serde_json::Value)> {
        run["findings"].as_array().unwrap().iter().map(|f| (f["fingerprint"].clone(), f["outcome"].clone())).collect()
    };
    assert_eq!(outcomes(&check), outcomes(&live));
}

#[test]
fn a_snapshot_of_the_future_is_refused() {
    let file = r#"{"format": "probity-snapshot", "version": 99}"#;
    let run = Probity::alone().file("future.json", file).args(["check", "future.json"]).run();
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("version 99") && run.stderr.contains("newer"), "{}", run.stderr);
}
