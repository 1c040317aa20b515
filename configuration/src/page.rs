//! The tables of the page of documentation, made from the same tables that reading follows.

use std::fmt::Write as _;

use probity_checks::CHECKS;
use probity_model::parameter::ParameterValue;

use crate::exceptions::FIELDS;
use crate::{KEYS, checks};

/// The keys of `[audit]`, as a table in Markdown.
#[must_use]
pub fn keys() -> String {
    let mut out =
        String::from("| key | environment | takes | default | what it is for |\n| --- | --- | --- | --- | --- |\n");
    for key in KEYS {
        let (variable, takes) = (key.variable(), key.takes.in_words());
        let _ = writeln!(out, "| `{}` | `{variable}` | {takes} | {} | {} |", key.name, key.default, key.about);
    }
    out
}

/// The parameters of checks, as a table in Markdown.
#[must_use]
pub fn parameters() -> String {
    let mut out = String::from("| check | parameter | takes | default |\n| --- | --- | --- | --- |\n");
    for entry in CHECKS {
        for spec in entry.meta.parameters {
            let default = shown(&spec.default_value());
            let _ = writeln!(out, "| `{}` | `{}` | {} | {default} |", entry.meta.id, spec.name(), spec.takes());
        }
    }
    out
}

/// The keys of an exception, as a table in Markdown.
#[must_use]
pub fn exceptions() -> String {
    let mut out = String::from("| key | takes | default | what it is for |\n| --- | --- | --- | --- |\n");
    for (name, takes, default, about) in FIELDS {
        let _ = writeln!(out, "| `{name}` | {takes} | {default} | {about} |");
    }
    out
}

/// The environment variable of a parameter of a check.
#[must_use]
pub fn variable_of_parameter(check: &str, parameter: &str) -> Option<String> {
    let entry = CHECKS.iter().find(|entry| entry.meta.id == check)?;
    checks::keys_of(entry).find(|key| *key == parameter).map(|key| checks::variable(entry, key))
}

fn shown(value: &ParameterValue) -> String {
    match value {
        ParameterValue::Flag(flag) => flag.to_string(),
        ParameterValue::Number(number) => number.to_string(),
        ParameterValue::Text(text) => text.clone(),
        ParameterValue::List(items) if items.is_empty() => "none".to_owned(),
        ParameterValue::List(items) => items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", "),
    }
}
