//! JSON and JSON Lines against the published schema.

use std::path::Path;

use probity_model::{Finding, Outcome, Run, Severity};
use probity_reports::{Format, Options};
use serde_json::Value;

use crate::{fixture, written};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/run.schema.json");

/// The schema of what is written, out of the types it is written from.
fn generated() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Run>();
    serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
}

fn published() -> Value {
    serde_json::from_str(&std::fs::read_to_string(SCHEMA).expect("the schema")).expect("JSON")
}

fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// `UPDATE=1 cargo test -p probity-reports schema` writes it anew.
#[test]
fn the_published_schema_is_that_of_the_types() {
    let generated = generated();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(Path::new(SCHEMA).parent().expect("a folder")).expect("a folder");
        std::fs::write(SCHEMA, &generated).expect("the schema is written");
    }
    let published = std::fs::read_to_string(SCHEMA).unwrap_or_default();
    assert!(published == generated, "the types have changed: UPDATE=1 cargo test -p probity-reports schema");
}

#[test]
fn the_whole_run_keeps_to_the_schema() {
    for run in [fixture::run(), fixture::with_history(), fixture::sample(), fixture::many(3)] {
        let value: Value = serde_json::from_str(&written(Format::Json, &run, &Options::default())).expect("JSON");
        assert_eq!(problems(&published(), &value), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_what_is_not_a_run() {
    let mut value = serde_json::to_value(fixture::run()).expect("JSON");
    value["findings"][0]["outcome"] = "fine".into();
    value.as_object_mut().expect("an object").remove("score");
    let problems = problems(&published(), &value);
    assert!(problems.iter().any(|problem| problem.starts_with("/findings/0/outcome")), "{problems:?}");
    assert!(problems.iter().any(|problem| problem.contains("score")), "{problems:?}");
}

#[test]
fn json_is_the_whole_run_whatever_is_filtered() {
    let options =
        Options { statuses: vec![Outcome::Pass], min_severity: Some(Severity::Critical), ..Options::default() };
    let read: Run = serde_json::from_str(&written(Format::Json, &fixture::run(), &options)).expect("a run");
    assert_eq!(read, fixture::run(), "what was escaped comes back as it was");
}

#[test]
fn json_lines_holds_one_finding_a_line() {
    let text = written(Format::JsonLines, &fixture::run(), &Options::default());
    let read: Vec<Finding> = text.lines().map(|line| serde_json::from_str(line).expect("a finding")).collect();
    assert_eq!(read, fixture::run().findings);
    let mut schema = published();
    schema["$ref"] = "#/$defs/Finding".into();
    for name in ["type", "properties", "required"] {
        schema.as_object_mut().expect("an object").remove(name);
    }
    for line in text.lines() {
        assert_eq!(problems(&schema, &serde_json::from_str(line).expect("JSON")), Vec::<String>::new());
    }
}

#[test]
fn filters_apply_to_json_lines() {
    let options = Options { statuses: vec![Outcome::Manual], ..Options::default() };
    assert_eq!(written(Format::JsonLines, &fixture::run(), &options).lines().count(), 1);
}
