//! Flags, environment, `probity.toml` and `exceptions.toml`, through the real command.

use serde_json::Value;

use crate::support::{Probity, Run};

/// The audit of the sample account, as JSON.
fn demo() -> Probity {
    Probity::alone().args(["demo", "-f", "json", "--only", "user-mfa-console,root-mfa-enabled"])
}

fn failures(run: &Run) -> Vec<Value> {
    let findings = run.json()["findings"].as_array().cloned().unwrap_or_default();
    findings.into_iter().filter(|finding| finding["outcome"] == "fail").collect()
}

#[test]
fn an_excepted_failure_is_marked_and_fails_nothing() {
    let before = demo().run();
    let open = failures(&before);
    assert!(!open.is_empty() && before.code == 1, "{}", before.stderr);
    let file = "[[exception]]\ncheck = \"user-mfa-console\"\nresource = \"user/*\"\nreason = \"a pilot\"\n\
                owner = \"it@example.com\"\nexpires = 2027-12-31\n";
    let after = demo().file("exceptions.toml", file).run();
    assert_eq!(after.code, 0, "{}", after.stderr);
    let marked = failures(&after);
    assert_eq!(marked.len(), open.len(), "a failure stays one");
    assert!(marked.iter().all(|finding| finding["exception"]["owner"] == "it@example.com"), "{marked:#?}");
    assert_eq!(after.json()["exceptions"][0]["state"], "in-force");
    let named = demo().file("elsewhere.toml", file).args(["--exceptions", "elsewhere.toml"]).run();
    assert_eq!(named.stdout, after.stdout);
}

/// The sample account was recorded in November 2026: by its clock, an exception of October has expired.
#[test]
fn expired_and_unneeded_exceptions_are_told() {
    let file = "[[exception]]\ncheck = \"user-mfa-console\"\nresource = \"*\"\nreason = \"a pilot\"\n\
                owner = \"it@example.com\"\nexpires = 2026-10-31\n\n[[exception]]\ncheck = \"root-mfa-enabled\"\n\
                resource = \"root\"\nowner = \"it@example.com\"\n";
    let run = demo().file("exceptions.toml", file).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("ended on 2026-10-31"), "{}", run.stderr);
    let states: Vec<Value> =
        run.json()["exceptions"].as_array().unwrap().iter().map(|exception| exception["state"].clone()).collect();
    assert_eq!(states, ["expired", "unused"]);
    let again = demo().file("exceptions.toml", file).run();
    assert_eq!(run.stdout, again.stdout);
}

#[test]
fn a_mistake_in_the_exceptions_names_file_line_and_field() {
    let run = demo().file("exceptions.toml", "[[exception]]\ncheck = \"user-mfa-consol\"\n").run();
    assert_eq!(run.code, 2);
    for words in ["exceptions.toml:2:", "exception[1].check", "did you mean `user-mfa-console`"] {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    assert_eq!(demo().args(["--exceptions", "nowhere.toml"]).run().code, 2);
}

#[test]
fn config_says_where_each_value_came_from() {
    let file = "[audit]\nfail-on = \"low\"\ndetail = \"full\"\nwidth = 90\n\
                [checks.user-access-key-rotation]\nmax_age_days = 60\n";
    let config = || {
        Probity::alone()
            .file("probity.toml", file)
            .env("PROBITY_FAIL_ON", "medium")
            .env("PROBITY_DETAIL", "standard")
            .args(["config", "--fail-on", "never"])
    };
    let keys = config().arg("--json").run().json();
    let key = |name: &str| keys.as_array().unwrap().iter().find(|key| key["key"] == name).unwrap().clone();
    let from = |name: &str| (key(name)["value"].clone(), key(name)["from"]["kind"].clone());
    assert_eq!(from("audit.fail-on"), ("never".into(), "flag".into()));
    assert_eq!(from("audit.detail"), ("standard".into(), "environment".into()));
    assert_eq!(from("audit.width"), (90.into(), "file".into()));
    assert_eq!(from("audit.min-severity"), (Value::Null, "default".into()));
    assert_eq!(from("checks.user-access-key-rotation.max_age_days"), (60.into(), "file".into()));
    assert_eq!(key("checks.user-access-key-rotation.max_age_days")["from"]["line"], 6);
    let table = config().run();
    assert_eq!(table.code, 0, "{}", table.stderr);
    for words in ["audit.fail-on", "--fail-on", "PROBITY_DETAIL", "probity.toml:4"] {
        assert!(table.stdout.contains(words), "no {words} in\n{}", table.stdout);
    }
}

/// The values are not only shown: they decide.
#[test]
fn environment_and_file_decide() {
    let audit = || Probity::alone().args(["demo", "--quiet", "--only", "user-mfa-console"]);
    assert_eq!(audit().run().code, 1);
    assert_eq!(audit().env("PROBITY_FAIL_ON", "never").run().code, 0);
    let run = audit().env("PROBITY_OUTPUT_FORMAT", "json").env("PROBITY_STATUS", "fail").run();
    assert_eq!(run.json()["format"], "probity-run");
    let wrong = audit().env("PROBITY_OUTPUT_FORMAT", "word").run();
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("PROBITY_OUTPUT_FORMAT: ") && wrong.stderr.contains("jsonl"), "{}", wrong.stderr);
    let wrong = audit().file("probity.toml", "[audit]\noutput = [\"findings.doc\"]\n").run();
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("probity.toml:2: audit.output: "), "{}", wrong.stderr);
    let unknown = audit().env("PROBITY_FAILON", "never").run();
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("did you mean PROBITY_FAIL_ON"), "{}", unknown.stderr);
}
