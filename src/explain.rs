//! `probity explain CHECK`: everything about a check, for people.

use std::fmt::Write as _;

use probity_checks::frameworks::controls_of;
use probity_checks::{Entry, FRAMEWORKS, Settings};
use probity_model::parameter::ParameterValue;
use probity_model::{Evidence, Finding, Snapshot};
use probity_reports::plain;

use crate::failure::Failure;

/// The text, wrapped to a width in columns.
pub(crate) fn text(entry: &Entry, settings: &Settings, width: u16) -> String {
    let mut page = Page { out: String::new(), width: usize::from(width.min(100)) };
    let meta = &entry.meta;
    page.line(&format!("{}  ({}, family {}, since {})", meta.id, settings.severity(entry), meta.family, meta.since));
    page.line(meta.title);
    page.paragraphs(entry.docs.summary);
    page.section("Why", entry.docs.why);
    page.section("Passes when", entry.docs.pass);
    page.section("Fails when", entry.docs.fail);
    page.section("Does not apply to", entry.docs.not_applicable);
    page.section("Good to know", entry.docs.notes);
    parameters(&mut page, entry, settings);
    evidence(&mut page, entry);
    controls(&mut page, entry);
    page.section("Fix", entry.docs.fix);
    if !entry.docs.command.is_empty() {
        page.heading("Command");
        for line in entry.docs.command.lines() {
            page.line(&format!("  {line}"));
        }
    }
    page.out
}

/// Resources that are named where the one that was asked for is not among them.
const OTHERS: usize = 10;

/// What a check says of one resource of a snapshot, with every value it looked at. JSON among these, such as a policy that
/// it proposes, is laid out.
pub(crate) fn on_resource(
    entry: &Entry,
    settings: &Settings,
    snapshot: &Snapshot,
    resource: &str,
) -> Result<String, Failure> {
    let findings = entry.judge(&Evidence::new(snapshot).in_full(), &settings.parameters(entry));
    let meant = |finding: &&Finding| {
        let arn = finding.resource.as_str();
        arn == resource || arn.strip_suffix(resource).is_some_and(|rest| rest.ends_with([':', '/']))
    };
    let found: Vec<&Finding> = findings.iter().filter(meant).collect();
    if found.is_empty() {
        let mut others: Vec<&str> = findings.iter().map(|finding| finding.resource.as_str()).collect();
        others.dedup();
        let more = if others.len() > OTHERS { format!(" and {} more", others.len() - OTHERS) } else { String::new() };
        others.truncate(OTHERS);
        let others = format!("{}{more}", others.join(", "));
        return Err(Failure::Resource { check: entry.meta.id, resource: resource.to_owned(), others });
    }
    let mut out = String::new();
    for finding in found {
        let _ = writeln!(out, "{} {}: {}", finding.outcome, plain(finding.resource.as_str()), plain(&finding.message));
        for item in &finding.evidence {
            match serde_json::from_str::<serde_json::Value>(&item.value) {
                Ok(value) if value.is_object() => {
                    let _ = writeln!(out, "  {}:\n{value:#}", item.key);
                }
                _ => {
                    let _ = writeln!(out, "  {} = {}", item.key, plain(&item.value));
                }
            }
        }
        let _ = writeln!(out, "  read by {} at {}", finding.operations.join(", "), finding.observed_at);
    }
    Ok(out)
}

fn parameters(page: &mut Page, entry: &Entry, settings: &Settings) {
    if entry.meta.parameters.is_empty() {
        return;
    }
    page.heading("Parameters");
    let values = settings.parameters(entry);
    for spec in entry.meta.parameters {
        let (value, default) = (values.value(spec), spec.default_value());
        let unit = match value {
            ParameterValue::Number(_) => format!(" {}", spec.unit().label()),
            _ => String::new(),
        };
        page.item(&format!("{} = {}{unit}", spec.name(), show(&value)));
        let set = if value == default { String::new() } else { format!(" The default is {}.", show(&default)) };
        page.detail(&format!("Takes {}.{set} Source: {}.", spec.takes(), spec.source().trim_end_matches('.')));
    }
    page.detail("Set one with --set CHECK.PARAMETER=VALUE, or under [checks.CHECK] in probity.toml.");
}

/// A value as it would be written in a configuration.
pub(crate) fn show(value: &ParameterValue) -> String {
    match value {
        ParameterValue::Flag(flag) => flag.to_string(),
        ParameterValue::Number(number) => number.to_string(),
        ParameterValue::Text(text) => text.clone(),
        ParameterValue::List(items) if items.is_empty() => "none".to_owned(),
        ParameterValue::List(items) => items.join(", "),
    }
}

fn evidence(page: &mut Page, entry: &Entry) {
    page.heading("Evidence");
    let needs = entry.needs();
    if needs.is_empty() {
        page.detail("No API answers this: a person must look.");
    }
    for need in needs {
        let optional = if need.optional { " (optional: sharpens the verdict)" } else { "" };
        page.item(&format!("{}{optional}", need.topic));
        for operation in need.topic.operations() {
            let actions: Vec<&str> = operation.actions().collect();
            let permission = if actions.is_empty() {
                "no permission needed".to_owned()
            } else {
                format!("permission {}", actions.join(", "))
            };
            page.detail(&format!("{operation}, {permission}"));
        }
    }
}

fn controls(page: &mut Page, entry: &Entry) {
    let controls = controls_of(entry.meta.id);
    if controls.is_empty() {
        return;
    }
    page.heading("Controls");
    for framework in FRAMEWORKS {
        let ids: Vec<String> = controls
            .iter()
            .filter(|reference| reference.framework == framework.id)
            .map(|reference| format!("{}{}", reference.control, if reference.proposed { " (proposed)" } else { "" }))
            .collect();
        if !ids.is_empty() {
            page.item(&format!("{} {}: {}", framework.title, framework.version, ids.join(", ")));
        }
    }
}

/// A text that grows by wrapped paragraphs.
struct Page {
    out: String,
    width: usize,
}

impl Page {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}", text.trim_end());
    }

    fn heading(&mut self, title: &str) {
        let _ = writeln!(self.out, "\n{title}");
    }

    fn section(&mut self, title: &str, text: &str) {
        if !text.is_empty() {
            self.heading(title);
            self.wrapped(text, "  ", "  ");
        }
    }

    fn paragraphs(&mut self, text: &str) {
        self.out.push('\n');
        self.wrapped(text, "", "");
    }

    fn item(&mut self, text: &str) {
        self.wrapped(text, "  - ", "    ");
    }

    fn detail(&mut self, text: &str) {
        self.wrapped(text, "    ", "    ");
    }

    fn wrapped(&mut self, text: &str, first: &str, rest: &str) {
        let options = textwrap::Options::new(self.width).initial_indent(first).subsequent_indent(rest);
        let options = options.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation);
        for paragraph in text.lines() {
            if paragraph.is_empty() {
                self.out.push('\n');
            }
            for line in textwrap::wrap(paragraph, &options).iter().filter(|_| !paragraph.is_empty()) {
                self.line(line);
            }
        }
    }
}
