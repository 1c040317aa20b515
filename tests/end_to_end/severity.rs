//! `--severity`: only checks that are bad enough run, and only what they need is read.

use serde_json::Value;

use crate::findings::parsed;
use crate::organization;
use crate::support::Probity;

fn demo(flags: &[&str]) -> Value {
    parsed(&Probity::alone().args(["demo", "--quiet", "-f", "json"]).args(flags).run())
}

fn checks(report: &Value) -> Vec<(&str, &str)> {
    let all = report["checks"].as_array().unwrap().iter();
    all.map(|check| (check["id"].as_str().unwrap(), check["severity"].as_str().unwrap())).collect()
}

fn calls(report: &Value) -> Vec<&str> {
    report["accounts"][0]["calls"].as_array().unwrap().iter().map(|call| call["operation"].as_str().unwrap()).collect()
}

#[test]
fn checks_of_less_severity_do_not_run_and_what_they_alone_need_is_not_read() {
    let all = demo(&[]);
    let severe = demo(&["--severity", "critical"]);
    assert!(checks(&severe).iter().all(|(_, severity)| *severity == "critical"), "{:?}", checks(&severe));
    let expected = checks(&all).iter().filter(|(_, severity)| *severity == "critical").count();
    assert_eq!(checks(&severe).len(), expected);
    assert!(calls(&all).contains(&"account:GetAlternateContact"));
    assert!(!calls(&severe).contains(&"account:GetAlternateContact"));
    assert_eq!(severe["selection"]["severity"], "critical");
    assert_eq!(all["selection"]["severity"], Value::Null);
}

#[test]
fn a_report_says_that_it_is_not_of_every_check() {
    let run = Probity::alone().args(["demo", "--quiet", "--severity", "high", "--only", "family:root"]).run();
    assert!(run.stdout.contains("high or worse"), "{}", run.stdout);
}

#[test]
fn the_severity_that_was_set_counts() {
    let set = "[checks.account-alias]\nseverity = \"critical\"\n";
    let run = Probity::alone()
        .file("probity.toml", set)
        .args(["demo", "--quiet", "-f", "json", "--severity", "critical", "--only", "family:account"])
        .run();
    let report = parsed(&run);
    assert_eq!(checks(&report), [("account-alias", "critical")]);
}

#[test]
fn it_narrows_ones_own_checks_permissions_and_the_configuration_too() {
    let examples = format!("{}/docs/examples/checks", env!("CARGO_MANIFEST_DIR"));
    let own = demo(&["--checks-dir", &examples, "--severity", "critical"]);
    assert!(!checks(&own).iter().any(|(id, _)| id.starts_with("acme-")));
    let actions = |flags: &[&str]| {
        let policy = Probity::alone().args(["permissions"]).args(flags).run().json();
        policy["Statement"][0]["Action"].as_array().unwrap().len()
    };
    assert!(actions(&["--severity", "critical"]) < actions(&[]));
    let run = Probity::alone().args(["config", "--json", "--severity", "low"]).run().json();
    let key = run.as_array().unwrap().iter().find(|key| key["key"] == "audit.severity").unwrap().clone();
    assert_eq!((&key["value"], &key["from"]["kind"]), (&Value::from("low"), &Value::from("flag")));
}

#[test]
fn it_narrows_the_audit_of_every_account_and_is_kept_with_the_state() {
    let aws = organization::organization(4);
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state").display().to_string();
    let run = organization::audit(&aws).args(["-f", "json", "--severity", "critical", "--state", &state]).run();
    let report = organization::json_of(&run);
    assert_eq!(report["accounts"].as_array().unwrap().len(), 4);
    assert!(checks(&report).iter().all(|(_, severity)| *severity == "critical"), "{:?}", checks(&report));
    assert!(aws.calls().iter().all(|call| call.name() != "account:GetAlternateContact"));
    let other = organization::audit(&aws).args(["--resume", &state]).run();
    assert_eq!(other.code, 2, "{}", other.stderr);
    assert!(other.stderr.contains("--severity critical"), "{}", other.stderr);
}

#[test]
fn nothing_left_and_no_such_severity_are_refused() {
    let refused = |flags: &[&str], word: &str| {
        let run = Probity::alone().args(["demo"]).args(flags).run();
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(word), "{}", run.stderr);
    };
    refused(&["--severity", "grave"], "grave");
    refused(&["--severity", "critical", "--only", "account-alias"], "no check is left to run");
}
