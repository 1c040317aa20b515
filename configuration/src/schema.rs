//! The published JSON Schemas of what users write, made from the same tables that reading follows.

use probity_checks::{CHECKS, Entry};
use probity_model::ParameterSpec;
use serde_json::{Map, Value, json};

use crate::KEYS;
use crate::checks::SEVERITY;
use crate::keys::SEVERITIES;

/// The JSON Schema of `probity.toml`, for editors.
#[must_use]
pub fn configuration() -> Value {
    let mut audit = Map::new();
    for key in KEYS {
        let mut schema = key.takes.schema();
        schema["description"] = json!(format!("{} Default: {}.", key.about, key.default));
        audit.insert(key.name.to_owned(), schema);
    }
    let checks: Map<String, Value> = CHECKS.iter().map(|entry| (entry.meta.id.to_owned(), check(entry))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "probity.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "audit": {
                "description": "What is read, judged and reported: the flags of probity audit by the same names.",
                "type": "object", "additionalProperties": false, "properties": audit,
            },
            "checks": {
                "description": "Parameters and severities of checks.",
                "type": "object", "additionalProperties": false, "properties": checks,
            },
        },
    })
}

/// The JSON Schema of `exceptions.toml`.
#[must_use]
pub fn exceptions() -> Value {
    crate::exceptions::schema()
}

fn check(entry: &Entry) -> Value {
    let mut properties: Map<String, Value> =
        entry.meta.parameters.iter().map(|spec| (spec.name().to_owned(), parameter(spec))).collect();
    let severity = json!({
        "enum": SEVERITIES,
        "default": entry.meta.severity,
        "description": "The severity of the check; findings whose rule names another move with it.",
    });
    properties.insert(SEVERITY.to_owned(), severity);
    json!({
        "description": entry.meta.title, "type": "object", "additionalProperties": false, "properties": properties,
    })
}

fn parameter(spec: &ParameterSpec) -> Value {
    let mut schema = match spec {
        ParameterSpec::Number(number) => json!({"type": "integer", "minimum": number.min, "maximum": number.max}),
        ParameterSpec::Flag(_) => json!({"type": "boolean"}),
        ParameterSpec::Choice(choice) => json!({"enum": choice.choices}),
        ParameterSpec::List(list) if list.choices.is_empty() => json!({"type": "array", "items": {"type": "string"}}),
        ParameterSpec::List(list) => json!({"type": "array", "items": {"enum": list.choices}}),
    };
    schema["default"] = json!(spec.default_value());
    let source = spec.source().trim_end_matches('.');
    schema["description"] = json!(format!("Takes {}. Source of the default: {source}.", spec.takes()));
    schema
}
