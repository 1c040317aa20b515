//! `probity config`: the values in force, and where each came from.

use comfy_table::{ContentArrangement, Table};
use probity_checks::CHECKS;
use probity_configuration::{Effective, Origin, Setting};
use probity_reports::plain;
use serde_json::{Value, json};

use crate::explain::show;
use crate::history::shown;

/// For people: every key, and what was set of checks.
pub(crate) fn table(effective: &Effective, width: u16) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(["Key", "Value", "From"]);
    for (key, Setting { value, origin }) in effective.audit() {
        let value = value.map_or_else(|| key.default.to_owned(), |value| shown(key.name, value).to_string());
        table.add_row([format!("audit.{}", key.name), plain(&value), plain(&origin.to_string())]);
    }
    for (check, key, setting) in effective.checks() {
        table.add_row([format!("checks.{check}.{key}"), show(&setting.value), plain(&setting.origin.to_string())]);
    }
    let text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    format!("{text}\nParameters of checks that nobody set have their defaults: `probity explain CHECK` lists them.\n")
}

/// For programs: every key, parameters and severities of all checks among them.
pub(crate) fn json(effective: &Effective) -> Value {
    let audit = effective.audit().map(|(key, Setting { value, origin })| {
        json!({
            "key": format!("audit.{}", key.name), "value": value.map(|value| shown(key.name, value).json()), "default": key.default,
            "takes": key.takes.in_words(), "variable": key.variable(), "from": from(&origin),
        })
    });
    let checks = CHECKS.iter().flat_map(|entry| {
        let parameters = effective.settings.parameters(entry);
        let of_parameters =
            entry.meta.parameters.iter().map(move |spec| {
                (spec.name(), json!(parameters.value(spec)), json!(spec.default_value()), spec.takes())
            });
        let severities = probity_model::Severity::WORST_FIRST.map(probity_model::Severity::as_str).join(", ");
        let severity = (
            "severity",
            json!(effective.settings.severity(entry)),
            json!(entry.meta.severity),
            format!("one of {severities}"),
        );
        of_parameters.chain([severity]).map(move |(key, value, default, takes)| {
            let set = effective.checks().find(|(check, name, _)| *check == entry.meta.id && *name == key);
            let origin = set.map_or(Origin::Default, |(_, _, setting)| setting.origin.clone());
            let variable = probity_configuration::page::variable_of_parameter(entry.meta.id, key);
            json!({
                "key": format!("checks.{}.{key}", entry.meta.id), "value": value, "default": default, "takes": takes,
                "variable": variable, "from": from(&origin),
            })
        })
    });
    Value::Array(audit.chain(checks).collect())
}

fn from(origin: &Origin) -> Value {
    match origin {
        Origin::Default => json!({"kind": origin.kind()}),
        Origin::File { name, line } => json!({"kind": origin.kind(), "name": name, "line": line}),
        Origin::Environment(name) | Origin::Flag(name) => json!({"kind": origin.kind(), "name": name}),
    }
}
