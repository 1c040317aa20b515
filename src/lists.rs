//! `probity checks` and `probity frameworks`: what there is, for people and for programs.

use comfy_table::{ContentArrangement, Table};
use probity_checks::frameworks::{self, controls_of};
use probity_checks::{Control, Entry, FRAMEWORKS, Framework, Settings};
use serde_json::{Value, json};

use crate::failure::Failure;

/// The checks as a table.
pub(crate) fn checks_table(entries: &[&Entry], settings: &Settings, width: u16) -> String {
    let rows = entries
        .iter()
        .map(|entry| [entry.meta.id.to_owned(), settings.severity(entry).to_string(), entry.meta.title.to_owned()]);
    let count = format!("{} checks; `probity explain CHECK` tells all about one.\n", entries.len());
    format!("{}\n{count}", table(width, &["Check", "Severity", "Passes when"], rows))
}

/// The checks with everything that is known of them.
pub(crate) fn checks_json(entries: &[&Entry], settings: &Settings) -> Value {
    entries.iter().map(|entry| check_json(entry, settings)).collect()
}

fn check_json(entry: &Entry, settings: &Settings) -> Value {
    let (meta, docs) = (&entry.meta, &entry.docs);
    let values = settings.parameters(entry);
    let parameters: Vec<Value> = meta
        .parameters
        .iter()
        .map(|spec| {
            json!({
                "name": spec.name(), "value": values.value(spec), "default": spec.default_value(), "unit": spec.unit(),
                "takes": spec.takes(), "source": spec.source(),
            })
        })
        .collect();
    let evidence: Vec<Value> = entry
        .needs()
        .iter()
        .map(|need| {
            let call = |operation: &probity_model::Operation| {
                let all: Vec<&str> = operation.actions().collect();
                json!({"operation": operation.to_string(), "permission": operation.action, "permissions": all})
            };
            let calls: Vec<Value> = need.topic.operations().iter().map(call).collect();
            json!({"topic": need.topic, "optional": need.optional, "calls": calls})
        })
        .collect();
    json!({
        "id": meta.id, "family": meta.family, "title": meta.title, "severity": settings.severity(entry), "scope": meta.scope,
        "resource": meta.resource, "automation": meta.automation, "since": meta.since, "summary": docs.summary,
        "why": docs.why, "pass": docs.pass, "fail": docs.fail, "not_applicable": docs.not_applicable, "notes": docs.notes,
        "fix": docs.fix, "command": docs.command, "parameters": parameters, "evidence": evidence,
        "controls": controls_of(meta.id),
    })
}

/// The frameworks as a table.
pub(crate) fn frameworks_table(width: u16) -> String {
    let rows = FRAMEWORKS.iter().map(|framework| {
        let count = |wanted: fn(&Control) -> bool| framework.controls.iter().filter(|control| wanted(control)).count();
        let title = format!("{} {}", framework.title, framework.version);
        let [answered, partly] = [count(is_answered), count(is_answered_in_part)];
        [framework.id.to_owned(), title, framework.controls.len().to_string(), answered.to_string(), partly.to_string()]
    });
    table(width, &["Framework", "Title", "Controls", "Answered", "In part"], rows)
}

fn has_checks(control: &Control) -> bool {
    !control.checks.is_empty() || !control.proposed.is_empty()
}

fn is_answered(control: &Control) -> bool {
    has_checks(control) && control.planned.is_empty()
}

/// Some of the checks that answer the control are not written yet.
fn is_answered_in_part(control: &Control) -> bool {
    has_checks(control) && !control.planned.is_empty()
}

/// The controls of a framework as a table.
pub(crate) fn framework_table(id: &str, width: u16) -> Result<String, Failure> {
    let framework = frameworks::find(id).map_err(|nearest| Failure::unknown_framework(id, nearest))?;
    let rows =
        framework.controls.iter().map(|control| [control.id.to_owned(), control.title.to_owned(), answer(control)]);
    Ok(format!("{}\n{}", heading(framework), table(width, &["Control", "Demands", "Answered by"], rows)))
}

fn heading(framework: &Framework) -> String {
    let Framework { title, version, publisher, source, .. } = framework;
    format!("{title} {version} ({publisher})\n{source}\n")
}

fn answer(control: &Control) -> String {
    let published = control.checks.iter().map(|&check| check.to_owned());
    let checks: Vec<String> =
        published.chain(control.proposed.iter().map(|check| format!("{check} (proposed)"))).collect();
    match () {
        () if !checks.is_empty() && !control.planned.is_empty() => {
            format!("{}\nin part: {} more checks are planned", checks.join("\n"), control.planned.len())
        }
        () if !checks.is_empty() => checks.join("\n"),
        () if !control.manual.is_empty() => format!("by hand: {}", control.manual),
        () if !control.out_of_scope.is_empty() => format!("out of scope: {}", control.out_of_scope),
        () => "no check of this release".to_owned(),
    }
}

fn table<const N: usize>(width: u16, header: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width).set_header(header);
    table.add_rows(rows);
    let text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    text
}
