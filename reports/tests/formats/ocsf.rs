//! OCSF against what its Compliance Finding class demands.

use probity_model::{Outcome, Run};
use probity_reports::{Format, Options};
use serde_json::{Value, json};

use crate::{fixture, written};

fn events(run: &Run, options: &Options) -> Vec<Value> {
    serde_json::from_str(&written(Format::Ocsf, run, options)).expect("a list")
}

/// What OCSF 1.4.0 demands of the class: the required attributes, their types and enumerations, and that there is no
/// attribute that it does not have. Put down by hand, for OCSF publishes no JSON Schema that can be had offline.
const CLASS: &str = include_str!("ocsf-compliance-finding.schema.json");

fn problems(event: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&serde_json::from_str(CLASS).expect("JSON")).expect("a schema");
    validator.iter_errors(event).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_event_is_of_the_class() {
    for run in [fixture::run(), fixture::sample(), fixture::many(3)] {
        let events = events(&run, &Options::default());
        assert_eq!(events.len(), run.findings.len());
        for event in events {
            assert_eq!(problems(&event), Vec::<String>::new());
        }
    }
}

#[test]
fn an_event_without_its_standards_is_refused() {
    let mut event = events(&fixture::run(), &Options::default()).remove(0);
    event["compliance"].as_object_mut().expect("an object").remove("standards");
    assert_eq!(problems(&event).len(), 1, "{:?}", problems(&event));
}

#[test]
fn only_a_pass_is_a_pass() {
    for (event, finding) in events(&fixture::run(), &Options::default()).iter().zip(fixture::run().findings) {
        let status = match finding.outcome {
            Outcome::Pass => 1,
            Outcome::NotEvaluated => 2,
            Outcome::Fail => 3,
            Outcome::Manual | Outcome::NotApplicable => 99,
        };
        assert_eq!(event["compliance"]["status_id"], status, "{}", finding.outcome);
        assert_eq!(event["compliance"]["status_code"], finding.outcome.as_str());
        assert_eq!(event["unmapped"]["gap"].is_object(), finding.outcome == Outcome::NotEvaluated);
    }
}

#[test]
fn what_is_in_order_is_no_alarm() {
    let events = events(&fixture::run(), &Options::default());
    let of = |outcome| {
        let pairs = events.iter().zip(fixture::run().findings);
        pairs.filter(move |(_, finding)| finding.outcome == outcome).map(|(event, _)| event["severity_id"].clone())
    };
    assert_eq!(of(Outcome::Pass).collect::<Vec<_>>(), [1]);
    assert_eq!(of(Outcome::Fail).collect::<Vec<_>>(), [5, 4, 4, 3, 3, 2]);
    assert_eq!(of(Outcome::NotEvaluated).collect::<Vec<_>>(), [4, 4, 4], "what nobody knows weighs what it may be");
}

#[test]
fn an_accepted_failure_is_suppressed_and_fails() {
    let events = events(&fixture::run(), &Options::default());
    let accepted: Vec<&Value> = events.iter().filter(|event| event["status_id"] == 3).collect();
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["compliance"]["status"], "Fail");
    assert!(accepted[0]["status_detail"].as_str().expect("a text").contains("SEC-42"));
}

#[test]
fn standards_are_those_of_the_controls() {
    let events = events(&fixture::run(), &Options::default());
    assert_eq!(events[0]["compliance"]["standards"], json!(["cis-7.0", "nist-800-53"]));
    assert_eq!(events[0]["compliance"]["requirements"], json!(["cis-7.0 2.4", "nist-800-53 IA-2(1) (proposed)"]));
    assert_eq!(events[1]["compliance"]["standards"], json!(["probity"]), "no framework asks for it");
}

/// 2026-11-22T08:00:03Z.
#[test]
fn time_is_in_milliseconds() {
    assert_eq!(events(&fixture::many(1), &Options::default())[0]["time"], 1_795_334_403_000_i64);
}

#[test]
fn names_and_evidence_come_back_as_they_were_and_sample_data_is_said() {
    for (event, finding) in events(&fixture::run(), &Options::default()).iter().zip(fixture::run().findings) {
        assert_eq!(event["resources"][0]["uid"], finding.resource.as_str());
        assert_eq!(event["unmapped"]["evidence"], serde_json::to_value(finding.evidence).expect("JSON"));
    }
    let labelled = |run: &Run| {
        let events = events(run, &Options::default());
        events.iter().filter(|event| event["metadata"]["labels"].is_array()).count()
    };
    assert_eq!(labelled(&fixture::run()), 0);
    assert_eq!(labelled(&fixture::sample()), fixture::sample().findings.len());
}
