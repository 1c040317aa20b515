//! SARIF 2.1.0: one run, for programs that gather the results of analysis tools. `docs/formats/sarif.md` is its page.
//!
//! The standard: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>;
//! section numbers in the comments are its own.

mod model;

use std::collections::BTreeMap;
use std::io::Write;

use probity_model::run::{CheckRun, GapReport};
use probity_model::{Exception, Finding, GapKind, Outcome, Run, Severity};
use serde::{Serialize, Serializer};
use serde_json::ser::PrettyFormatter;
use serde_json::{Value, json};

use self::model::{Location, LogicalLocation, Message, Properties, SarifResult};
use crate::exceptions::exceptions_to_look_at;
use crate::json::Escaped;
use crate::text::plain;
use crate::words::accepted;
use crate::{Options, ReportError};

/// The schema that the document names.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The key of the fingerprint. The version goes up when the fingerprint is made of something else.
const FINGERPRINT: &str = "probity/v1";

/// Writes every finding that the options do not leave out, with every check as a rule and every gap as a notification.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let places: BTreeMap<&str, usize> =
        run.checks.iter().enumerate().map(|(place, check)| (check.id.as_str(), place)).collect();
    let results = Results { findings: options.select(run, &Outcome::ALL), places, has_history: run.history.is_some() };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [LogRun {
            tool: json!({ "driver": {
                "name": "probity",
                "version": run.tool_version,
                "semanticVersion": run.tool_version,
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": run.checks.iter().map(rule).collect::<Vec<_>>(),
            } }),
            automation_details: json!({ "id": format!("probity/{}", run.id) }),
            invocations: json!([{
                "executionSuccessful": true,
                "startTimeUtc": run.started_at.to_string(),
                "endTimeUtc": run.finished_at.to_string(),
                "toolExecutionNotifications": run.gaps.iter().map(notification).chain(exceptions(run)).collect::<Vec<_>>(),
            }]),
            results,
            properties: json!({
                "accounts": run.accounts.iter().map(account).collect::<Vec<_>>(),
                "selection": serde_json::to_value(&run.selection)?,
                "score": serde_json::to_value(&run.score)?,
            }),
        }],
    };
    log.serialize(&mut serde_json::Serializer::with_formatter(&mut *to, Escaped(PrettyFormatter::new())))?;
    to.write_all(b"\n")?;
    Ok(())
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [LogRun<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogRun<'r> {
    tool: Value,
    automation_details: Value,
    invocations: Value,
    results: Results<'r>,
    properties: Value,
}

/// The results, each made when it is written: there may be a hundred thousand.
struct Results<'r> {
    findings: Vec<&'r Finding>,
    /// The place of every check among the rules.
    places: BTreeMap<&'r str, usize>,
    /// Either every result has a state or none has (3.27.24).
    has_history: bool,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = |finding: &Finding| self.places.get(finding.check.as_str()).copied();
        serializer.collect_seq(self.findings.iter().map(|finding| result(finding, place(finding), self.has_history)))
    }
}

/// A text as a message: what a reader would take for a placeholder (3.11.5) or a link (3.11.6) stays text.
fn message(text: &str) -> String {
    if !text.contains(['{', '}', ']']) {
        return text.to_owned();
    }
    let text = text.replace('{', "{{").replace('}', "}}");
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text }
}

fn account(account: &probity_model::run::AccountRun) -> Value {
    json!({
        "account": account.account.as_str(),
        "takenAt": account.taken_at.to_string(),
        "sample": account.request.sample,
        "endpoint": account.request.endpoint,
    })
}

fn rule(check: &CheckRun) -> Value {
    let sections = [("Why", &check.why), ("Pass", &check.pass), ("Fail", &check.fail), ("Fix", &check.fix)];
    let sections: Vec<(&str, &str)> =
        sections.into_iter().map(|(name, text)| (name, text.trim())).filter(|(_, text)| !text.is_empty()).collect();
    let join = |heading: fn(&str) -> String| {
        let paragraphs: Vec<String> =
            sections.iter().map(|(name, text)| format!("{}\n\n{text}", heading(name))).collect();
        message(&paragraphs.join("\n\n"))
    };
    let controls = check.controls.iter().map(|control| {
        let proposed = if control.proposed { " (proposed)" } else { "" };
        format!("{} {}{proposed}", control.framework, control.control)
    });
    let tags: Vec<String> = ["security".to_owned(), check.family.to_string()].into_iter().chain(controls).collect();
    json!({
        "id": check.id,
        "shortDescription": { "text": message(&check.title) },
        "fullDescription": { "text": message(&check.summary) },
        "help": { "text": join(|name| format!("{name}:")), "markdown": join(|name| format!("## {name}")) },
        "defaultConfiguration": { "level": level(check.severity) },
        "properties": {
            "tags": tags,
            "security-severity": security_severity(check.severity),
            "severity": check.severity.as_str(),
        },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A number that viewers turn back into the same word: above 9.0 is critical, from 7.0 high, from 4.0 medium, from 0.1
/// low. It is not a CVSS score.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

/// The kind (3.27.9) and the level (3.27.10), which is `none` wherever the kind is not `fail`.
const fn kind_and_level(finding: &Finding) -> (&'static str, &'static str) {
    match finding.outcome {
        Outcome::Fail => ("fail", level(finding.severity)),
        Outcome::NotEvaluated => ("open", "none"),
        Outcome::Manual => ("review", "none"),
        Outcome::Pass => ("pass", "none"),
        Outcome::NotApplicable => ("notApplicable", "none"),
    }
}

fn result(finding: &Finding, rule: Option<usize>, has_history: bool) -> SarifResult<'_> {
    let (kind, level) = kind_and_level(finding);
    SarifResult {
        rule_id: &finding.check,
        kind,
        level,
        message: Message { text: message(&plain(&finding.message)) },
        locations: [Location {
            logical_locations: [LogicalLocation {
                name: plain(finding.resource.resource()),
                fully_qualified_name: finding.resource.as_str(),
                kind: "resource",
            }],
        }],
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, finding.fingerprint.as_str())]),
        suppressions: finding.exception.as_deref().into_iter().map(suppression).collect(),
        properties: Properties {
            status: finding.outcome.as_str(),
            severity: finding.severity.as_str(),
            account: finding.account.as_str(),
            region: finding.region.as_ref().map(|region| region.as_str()),
            resource_type: finding.resource_kind.as_str(),
            discriminator: &finding.discriminator,
            evidence: &finding.evidence,
            operations: &finding.operations,
            observed_at: finding.observed_at,
            history: has_history.then_some(finding.history.as_deref()),
        },
        rule_index: rule,
        baseline_state: has_history.then_some(if finding.is_new() { "new" } else { "unchanged" }),
    }
}

fn suppression(exception: &Exception) -> Value {
    json!({
        "kind": "external",
        "status": "accepted",
        "justification": plain(&accepted(exception)),
        "properties": {
            "reason": exception.reason,
            "owner": exception.owner,
            "ticket": exception.ticket,
            "expires": exception.expires,
        },
    })
}

/// What could not be read, whether or not it takes a verdict down.
fn notification(report: &GapReport) -> Value {
    let level = if report.gap.kind == GapKind::NotRequested { "note" } else { "warning" };
    json!({
        "level": level,
        "message": { "text": message(&plain(&report.gap.to_string())) },
        "properties": {
            "account": report.account.as_str(),
            "region": report.gap.region.as_ref().map(|region| region.as_str()),
            "operation": report.gap.operation,
            "code": report.gap.code,
            "checks": report.checks,
        },
    })
}

/// Exceptions that have expired or are not needed.
fn exceptions(run: &Run) -> impl Iterator<Item = Value> {
    let said = exceptions_to_look_at(run).into_iter();
    said.map(|sentence| json!({ "level": "warning", "message": { "text": message(&sentence) } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_no_placeholder_and_no_link() {
        assert_eq!(message("{0} of [x](1)"), "{{0}} of \\[x\\](1)");
        assert_eq!(message("a[0] stays (as it is)"), "a[0] stays (as it is)");
    }
}
