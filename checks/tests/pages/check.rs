//! The page of one check: the same text as `probity explain`.

use std::fmt::Write as _;

use probity_checks::frameworks::controls_of;
use probity_checks::{Entry, FRAMEWORKS};
use probity_model::ParameterSpec;
use probity_model::parameter::ParameterValue;

/// The page.
pub(crate) fn page(entry: &Entry) -> String {
    let (meta, docs) = (&entry.meta, &entry.docs);
    let mut out = format!("# {}\n\n{}\n\n", meta.id, docs.summary);
    let scope = format!("{:?}", meta.scope).to_lowercase();
    let automation = format!("{:?}", meta.automation).to_lowercase();
    let _ = write!(
        out,
        "| | |\n| --- | --- |\n| Passes when | {} |\n| Family | [{family}](README.md#{family}) |\n| Severity | {} |\n| Judges | {} of the {scope} |\n| Automation | {automation} |\n| Since | {} |\n| Rule | [{file}](../../{file}) |\n",
        cell(meta.title),
        meta.severity,
        meta.resource.as_str(),
        meta.since,
        family = meta.family,
        file = entry.file,
    );
    for (title, text) in [
        ("Why", docs.why),
        ("Pass", docs.pass),
        ("Fail", docs.fail),
        ("Not applicable", docs.not_applicable),
        ("Notes", docs.notes),
        ("Fix", docs.fix),
    ] {
        if !text.is_empty() {
            let _ = write!(out, "\n## {title}\n\n{text}\n");
        }
    }
    if !docs.command.is_empty() {
        let _ = write!(out, "\n## Command\n\n```sh\n{}\n```\n", docs.command);
    }
    parameters(&mut out, entry);
    evidence(&mut out, entry);
    controls(&mut out, entry);
    out
}

/// A text in a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn parameters(out: &mut String, entry: &Entry) {
    if entry.meta.parameters.is_empty() {
        return;
    }
    out.push_str("\n## Parameters\n\n| name | default | takes | source of the default |\n| --- | --- | --- | --- |\n");
    for spec in entry.meta.parameters {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            spec.name(),
            cell(&default(spec)),
            cell(&spec.takes()),
            cell(spec.source())
        );
    }
    let _ = write!(
        out,
        "\nSet one with `--set {id}.NAME=VALUE`, or under `[checks.{id}]` in `probity.toml`.\n",
        id = entry.meta.id
    );
}

fn default(spec: &ParameterSpec) -> String {
    match spec.default_value() {
        ParameterValue::Flag(flag) => flag.to_string(),
        ParameterValue::Number(number) => format!("{number} {}", spec.unit().label()),
        ParameterValue::Text(text) => format!("`{text}`"),
        ParameterValue::List(items) if items.is_empty() => "none".to_owned(),
        ParameterValue::List(items) => items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", "),
    }
}

fn evidence(out: &mut String, entry: &Entry) {
    out.push_str("\n## Evidence\n\n");
    let needs = entry.needs();
    if needs.is_empty() {
        out.push_str("No API answers this: a person must look.\n");
        return;
    }
    out.push_str("| topic | needed | call | permission |\n| --- | --- | --- | --- |\n");
    for need in needs {
        let needed = if need.optional { "sharpens the verdict" } else { "yes" };
        for operation in need.topic.operations() {
            let actions: Vec<String> = operation.actions().map(|action| format!("`{action}`")).collect();
            let permission = if actions.is_empty() { "none".to_owned() } else { actions.join(", ") };
            let _ = writeln!(out, "| {} | {needed} | `{operation}` | {permission} |", need.topic);
        }
    }
}

fn controls(out: &mut String, entry: &Entry) {
    let controls = controls_of(entry.meta.id);
    if controls.is_empty() {
        return;
    }
    out.push_str("\n## Controls\n\n| framework | controls |\n| --- | --- |\n");
    for framework in FRAMEWORKS {
        let ids: Vec<String> = controls
            .iter()
            .filter(|reference| reference.framework == framework.id)
            .map(|reference| format!("{}{}", reference.control, if reference.proposed { " (proposed)" } else { "" }))
            .collect();
        if !ids.is_empty() {
            let _ = writeln!(
                out,
                "| [{} {}](frameworks.md#{}) | {} |",
                framework.title,
                framework.version,
                framework.id,
                ids.join(", ")
            );
        }
    }
}
