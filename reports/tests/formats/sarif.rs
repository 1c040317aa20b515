//! SARIF against the schema that OASIS published.

use probity_model::{Outcome, Severity};
use probity_reports::{Format, Options};
use serde_json::Value;

use crate::{fixture, written};

/// OASIS's own, word for word.
const SCHEMA: &str = include_str!("published/sarif-schema-2.1.0.json");

fn sarif(run: &probity_model::Run, options: &Options) -> Value {
    serde_json::from_str(&written(Format::Sarif, run, options)).expect("JSON")
}

fn problems(value: &Value) -> Vec<String> {
    let mut schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    // Its pattern of languages has a bracket too many, which the validator does not take. No language is written.
    for object in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][object]["properties"]["language"];
        language.as_object_mut().expect("an object").remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().expect("results")
}

fn with_status<'l>(log: &'l Value, status: &str) -> Vec<&'l Value> {
    results(log).iter().filter(|result| result["properties"]["status"] == status).collect()
}

#[test]
fn every_run_keeps_to_the_schema() {
    let mut empty = fixture::many(0);
    empty.accounts.clear();
    empty.checks.clear();
    for run in [fixture::run(), fixture::with_history(), fixture::sample(), fixture::many(3), empty] {
        assert_eq!(problems(&sarif(&run, &Options::default())), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_what_is_not_sarif() {
    let mut log = sarif(&fixture::run(), &Options::default());
    log["runs"][0]["results"][0]["kind"] = "fine".into();
    assert_eq!(problems(&log).len(), 1, "{:?}", problems(&log));
}

/// A level beside a kind other than `fail` would make a viewer count it as a problem, or hide that nobody knows.
#[test]
fn only_failures_have_a_level() {
    let log = sarif(&fixture::run(), &Options::default());
    let kinds =
        [("not-evaluated", "open"), ("manual", "review"), ("pass", "pass"), ("not-applicable", "notApplicable")];
    for (status, kind) in kinds {
        let found = with_status(&log, status);
        assert!(!found.is_empty(), "{status}");
        assert!(found.iter().all(|result| result["kind"] == kind && result["level"] == "none"), "{status}");
    }
    let levels: Vec<&str> = with_status(&log, "fail").iter().filter_map(|result| result["level"].as_str()).collect();
    assert_eq!(levels, ["error", "error", "error", "warning", "warning", "note"]);
}

#[test]
fn every_rule_says_why_and_what_to_do() {
    let log = sarif(&fixture::run(), &Options::default());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), fixture::run().checks.len());
    for (rule, check) in rules.iter().zip(fixture::run().checks) {
        for kind in ["text", "markdown"] {
            let help = rule["help"][kind].as_str().expect("a text");
            assert!(help.contains(check.why.trim()) && help.contains(check.fix.trim()), "{help}");
        }
    }
}

/// A viewer reads above 9.0 as critical, from 7.0 as high, from 4.0 as medium, from 0.1 as low.
#[test]
fn a_viewer_reads_the_severity_back() {
    let log = sarif(&fixture::run(), &Options::default());
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules") {
        let number: f64 = rule["properties"]["security-severity"].as_str().expect("a text").parse().expect("a number");
        let read = match number {
            number if number > 9.0 => Severity::Critical,
            number if number >= 7.0 => Severity::High,
            number if number >= 4.0 => Severity::Medium,
            number if number >= 0.1 => Severity::Low,
            _ => Severity::Info,
        };
        assert_eq!(rule["properties"]["severity"], read.as_str());
    }
}

#[test]
fn a_result_points_at_its_rule_its_resource_and_itself() {
    let (run, log) = (fixture::run(), sarif(&fixture::run(), &Options::default()));
    assert_eq!(results(&log).len(), run.findings.len());
    for (result, finding) in results(&log).iter().zip(&run.findings) {
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(run.checks[rule].id, finding.check);
        assert_eq!(result["ruleId"], finding.check.as_str());
        let place = &result["locations"][0]["logicalLocations"][0];
        assert_eq!(place["fullyQualifiedName"], finding.resource.as_str(), "as AWS wrote it");
        assert_eq!(result["partialFingerprints"]["probity/v1"], finding.fingerprint.as_str());
    }
}

/// Section 3.27.23: either every result has the list or none has.
#[test]
fn an_accepted_failure_is_a_suppressed_failure() {
    let log = sarif(&fixture::run(), &Options::default());
    assert!(results(&log).iter().all(|result| result["suppressions"].is_array()));
    let accepted: Vec<&Value> = results(&log).iter().filter(|result| result["suppressions"].get(0).is_some()).collect();
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["kind"], "fail");
    let why = accepted[0]["suppressions"][0]["justification"].as_str().expect("a text");
    assert!(why.contains("platform@example.com") && why.contains("2027-01-31"), "{why}");
}

#[test]
fn names_make_no_links() {
    let log = sarif(&fixture::run(), &Options::default());
    let texts: Vec<&str> = results(&log).iter().filter_map(|result| result["message"]["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("\\[x\\]")), "the fixture holds a link");
    assert!(texts.iter().all(|text| !text.contains("[x](") && !text.contains('\u{202e}')), "{texts:?}");
}

/// What was not read is said even where it takes down no verdict, and whatever is filtered.
#[test]
fn every_gap_is_a_notification() {
    let log = sarif(&fixture::run(), &Options { statuses: vec![Outcome::Fail], ..Options::default() });
    assert!(with_status(&log, "not-evaluated").is_empty());
    let notifications = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().expect("a list");
    let levels: Vec<&str> = notifications.iter().filter_map(|gap| gap["level"].as_str()).collect();
    let gaps = ["warning", "warning", "warning", "note"];
    let exceptions = ["warning", "warning"];
    assert_eq!(levels, [gaps.as_slice(), &exceptions].concat());
}
