//! Which source wins, where a value came from, and what is said of a mistake.

#![allow(clippy::expect_used, missing_docs, reason = "a test that cannot go on should stop")]

use probity_configuration::{ConfigurationError, Effective, File, Input, KEYS, Origin, Takes, Value, page};
use probity_model::Severity;
use probity_model::parameter::ParameterValue;

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn of(file: &str, environment: &[(&str, &str)], flags: Vec<(&'static str, Value)>) -> Effective {
    try_of(file, environment, flags).expect("a configuration")
}

fn try_of(
    file: &str,
    environment: &[(&str, &str)],
    flags: Vec<(&'static str, Value)>,
) -> Result<Effective, ConfigurationError> {
    let file = File { name: "probity.toml", text: file };
    Effective::of(&Input { file: Some(file), environment: variables(environment), flags, set: &[] })
}

const FILE: &str = "[audit]\ndetail = \"full\"\nfail-on = \"low\"\nskip = [\"root-recovery-and-custody\"]\n";

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_that_over_the_default() {
    let text = |value: &str| Value::Text(value.to_owned());
    let environment = [("PROBITY_FAIL_ON", "medium"), ("PROBITY_DETAIL", "standard"), ("HOME", "/root")];
    let effective = of(FILE, &environment, vec![("fail-on", text("never"))]);
    assert_eq!((effective.text("fail-on"), effective.origin("fail-on").kind()), (Some("never"), "flag"));
    assert_eq!(effective.text("detail"), Some("standard"));
    assert_eq!(effective.origin("detail"), Origin::Environment("PROBITY_DETAIL".to_owned()));
    assert_eq!(effective.list("skip"), ["root-recovery-and-custody"]);
    assert_eq!(effective.origin("skip"), Origin::File { name: "probity.toml".to_owned(), line: 4 });
    assert_eq!((effective.text("min-severity"), effective.origin("min-severity")), (None, Origin::Default));
}

/// For every key: the variable sets it, and an empty one leaves it alone.
#[test]
fn every_key_has_a_variable() {
    for key in KEYS {
        let (written, value) = match key.takes {
            Takes::Flag => ("true".to_owned(), Value::Flag(true)),
            Takes::Number { min, .. } => (min.to_string(), Value::Number(min)),
            Takes::Word(words) => (words[0].to_owned(), Value::Text(words[0].to_owned())),
            Takes::Words(words) => (words.join(","), Value::List(words.iter().map(|&word| word.to_owned()).collect())),
            Takes::Text(_) => ("x".to_owned(), Value::Text("x".to_owned())),
            Takes::List(_) => ("a, b".to_owned(), Value::List(vec!["a".to_owned(), "b".to_owned()])),
        };
        let variable = key.variable();
        let effective = of("", &[(&variable, &written)], Vec::new());
        let setting = effective.audit().find(|(other, _)| other.name == key.name).expect("the key").1;
        assert_eq!((setting.value, setting.origin), (Some(value), Origin::Environment(variable.clone())), "{variable}");
        assert_eq!(of("", &[(&variable, " ")], Vec::new()).origin(key.name), Origin::Default);
    }
}

#[test]
fn parameters_and_severities_come_from_every_source() {
    let file = "[checks.user-access-key-rotation]\nmax_age_days = 60\nseverity = \"low\"\n";
    let variable = page::variable_of_parameter("user-access-key-rotation", "max_age_days").expect("a parameter");
    assert_eq!(variable, "PROBITY_CHECKS__USER_ACCESS_KEY_ROTATION__MAX_AGE_DAYS");
    let entry = probity_checks::registry::find("user-access-key-rotation").expect("the check");
    let days = |effective: &Effective| effective.settings.parameters(entry).value(&entry.meta.parameters[0]);
    let from_file = of(file, &[], Vec::new());
    assert_eq!(days(&from_file), ParameterValue::Number(60));
    assert_eq!(from_file.settings.severity(entry), Severity::Low);
    let from_environment = of(file, &[(&variable, "45")], Vec::new());
    assert_eq!(days(&from_environment), ParameterValue::Number(45));
    let set = ["user-access-key-rotation.max_age_days=30".to_owned()];
    let input = Input {
        file: Some(File { name: "probity.toml", text: file }),
        environment: variables(&[(&variable, "45")]),
        flags: Vec::new(),
        set: &set,
    };
    let from_flag = Effective::of(&input).expect("a configuration");
    assert_eq!(days(&from_flag), ParameterValue::Number(30));
    let origins: Vec<String> =
        from_flag.checks().map(|(_, key, setting)| format!("{key} {}", setting.origin)).collect();
    assert_eq!(origins, ["max_age_days --set", "severity probity.toml:3"]);
}

#[test]
fn a_mistake_names_its_place_and_the_nearest_key() {
    for (file, words) in [
        ("[audit]\nregion = [\"eu-central-1\"]\n", &["probity.toml:2:1", "audit.region", "did you mean `regions`"][..]),
        ("[audits]\n", &["probity.toml:1:2", "did you mean `audit`"]),
        ("[audit]\nfail-on = \"always\"\n", &["probity.toml:2:11", "audit.fail-on", "never"]),
        ("[audit]\nregions = [\"eu-central-1\", 3]\n", &["probity.toml:2:28", "whole number"]),
        ("[audit]\nwidth = 9999999999999999999999\n", &["probity.toml:2:9", "audit.width"]),
        ("[audit]\nrequire-complete = 1\n", &["audit.require-complete", "true or false"]),
        ("audit = 3\n", &["probity.toml:1:9", "not a table"]),
        ("[audit\n", &["probity.toml:1:"]),
        ("\n[checks.user-access-key-rotation]\nmax_age_days = 0\n", &["probity.toml:3:16", "between"]),
        ("[checks.user-access-key-rotaton]\nmax_age_days = 1\n", &["probity.toml:1:9", "did you mean"]),
        ("[checks.user-access-key-rotation]\nseverity = \"awful\"\n", &["probity.toml:2:12", "severity"]),
        ("[checks]\nuser-access-key-rotation = 1\n", &["probity.toml:2:28", "not a table"]),
    ] {
        let message = try_of(file, &[], Vec::new()).expect_err(file).to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message} lacks one of {words:?}");
    }
    for (name, value, words) in [
        ("PROBITY_FAILON", "high", &["PROBITY_FAILON", "did you mean PROBITY_FAIL_ON"][..]),
        ("PROBITY_FAIL_ON", "always", &["PROBITY_FAIL_ON: ", "never"]),
        ("PROBITY_WIDTH", "wide", &["PROBITY_WIDTH: ", "columns"]),
        ("PROBITY_CHECKS__USER_ACCESS_KEY_ROTATION__MAX_AGE_DAYS", "0", &["between"]),
    ] {
        let message = try_of("", &[(name, value)], Vec::new()).expect_err(name).to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message} lacks one of {words:?}");
    }
}

#[test]
fn what_kubernetes_sets_is_left_alone() {
    let environment =
        [("PROBITY_SERVICE_HOST", "10.0.0.1"), ("PROBITY_PORT", "tcp://10.0.0.1:80"), ("PROBITY_CONFIG", "x")];
    assert!(try_of("", &environment, Vec::new()).is_ok());
}
