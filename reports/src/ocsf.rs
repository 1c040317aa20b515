//! OCSF: one Compliance Finding (class 2003) a finding, for security data lakes. `docs/formats/ocsf.md` is its page.
//!
//! The class: <https://schema.ocsf.io/1.4.0/classes/compliance_finding?profiles=cloud>.

use std::collections::BTreeSet;
use std::io::Write;

use probity_model::run::{AccountRun, CheckRun};
use probity_model::{Finding, Outcome, Run, Severity};
use serde::Serializer as _;
use serde_json::ser::PrettyFormatter;
use serde_json::{Map, Value, json};

use crate::json::Escaped;
use crate::words::accepted;
use crate::{Options, ReportError};

/// The version of OCSF that is written.
const VERSION: &str = "1.4.0";
const CATEGORY: u32 = 2;
const CLASS: u32 = 2003;
/// The finding was created: whether it had been seen before, only who keeps the findings can know.
const ACTIVITY: u32 = 1;

/// Writes every finding that the options do not leave out.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let shown = options.select(run, &Outcome::ALL);
    let mut serializer = serde_json::Serializer::with_formatter(&mut *to, Escaped(PrettyFormatter::new()));
    serializer.collect_seq(shown.into_iter().map(|finding| event(run, finding)))?;
    to.write_all(b"\n")?;
    Ok(())
}

fn event(run: &Run, finding: &Finding) -> Value {
    let check = run.check(&finding.check);
    let account = run.accounts.iter().find(|account| account.account == finding.account);
    let time = finding.observed_at.as_millisecond();
    let (severity_id, severity) = severity(finding);
    let region = finding.region.as_ref().map(|region| region.as_str());
    let event = json!({
        "metadata": metadata(run, account, finding),
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "activity_id": ACTIVITY,
        "activity_name": "Create",
        "type_uid": CLASS * 100 + ACTIVITY,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status(finding).map(|(id, _)| id),
        "status": status(finding).map(|(_, name)| name),
        "status_detail": finding.exception.as_ref().map(accepted),
        "message": finding.message,
        "finding_info": {
            "uid": finding.fingerprint.as_str(),
            "title": finding.title,
            "desc": check.map(|check| check.summary.as_str()),
            "types": [finding.family.to_string()],
            "analytic": {
                "uid": finding.check,
                "name": finding.title,
                "type_id": 1,
                "type": "Rule",
                "version": run.tool_version,
            },
            "product_uid": "probity",
        },
        "compliance": compliance(finding, check),
        "remediation": check.filter(|check| !check.fix.trim().is_empty()).map(|check| json!({ "desc": check.fix })),
        "resources": [{
            "uid": finding.resource.as_str(),
            "name": finding.resource.resource(),
            "type": finding.resource_kind.as_str(),
            "region": region,
            "cloud_partition": account.map(|account| account.partition.as_str()),
        }],
        "cloud": {
            "provider": "AWS",
            "region": region,
            "account": {
                "uid": finding.account.as_str(),
                "name": account.and_then(|account| account.alias.as_deref()),
                "type_id": 10,
                "type": "AWS Account",
            },
        },
        "unmapped": unmapped(run, finding),
    });
    without_nulls(event)
}

fn metadata(run: &Run, account: Option<&AccountRun>, finding: &Finding) -> Value {
    let sample = account.and_then(|account| account.request.sample.as_deref());
    json!({
        "version": VERSION,
        "profiles": ["cloud"],
        "product": { "uid": "probity", "name": "probity", "vendor_name": "probity", "version": run.tool_version },
        "correlation_uid": run.id,
        "original_time": finding.observed_at.to_string(),
        "labels": sample.map(|sample| vec![format!("sample data, not a real account: {sample}")]),
    })
}

/// The severity of the event: what is in order is no alarm, however bad the opposite would be.
const fn severity(finding: &Finding) -> (u32, &'static str) {
    match (finding.outcome, finding.severity) {
        (Outcome::Pass | Outcome::NotApplicable, _) | (_, Severity::Info) => (1, "Informational"),
        (_, Severity::Low) => (2, "Low"),
        (_, Severity::Medium) => (3, "Medium"),
        (_, Severity::High) => (4, "High"),
        (_, Severity::Critical) => (5, "Critical"),
    }
}

/// Where a failure stands in the work of those who keep the findings; other findings ask for no work.
const fn status(finding: &Finding) -> Option<(u32, &'static str)> {
    match (finding.outcome, &finding.exception) {
        (Outcome::Fail, Some(_)) => Some((3, "Suppressed")),
        (Outcome::Fail, None) => Some((1, "New")),
        _ => None,
    }
}

/// The result of the check. `Warning` is what OCSF calls a check that "did not yield a result due to missing information".
fn compliance(finding: &Finding, check: Option<&CheckRun>) -> Value {
    let (status_id, status) = match finding.outcome {
        Outcome::Pass => (1, "Pass"),
        Outcome::NotEvaluated => (2, "Warning"),
        Outcome::Fail => (3, "Fail"),
        Outcome::Manual | Outcome::NotApplicable => (99, finding.outcome.as_str()),
    };
    let controls = check.map(|check| check.controls.as_slice()).unwrap_or_default();
    let mut standards: BTreeSet<&str> = controls.iter().map(|control| control.framework.as_str()).collect();
    if standards.is_empty() {
        // The class demands a standard: where no framework asks for it, it is our own list of checks that does.
        standards.insert("probity");
    }
    let requirements: Vec<String> = controls
        .iter()
        .map(|control| {
            let proposed = if control.proposed { " (proposed)" } else { "" };
            format!("{} {}{proposed}", control.framework, control.control)
        })
        .collect();
    json!({
        "control": finding.check,
        "standards": standards,
        "requirements": (!requirements.is_empty()).then_some(requirements),
        "status_id": status_id,
        "status": status,
        "status_code": finding.outcome.as_str(),
        "status_details": [finding.message],
    })
}

/// What the class has no place for.
fn unmapped(run: &Run, finding: &Finding) -> Value {
    json!({
        "run": run.id,
        "severity": finding.severity.as_str(),
        "discriminator": finding.discriminator,
        "evidence": finding.evidence,
        "operations": finding.operations,
        "gap": finding.gap,
        "exception": finding.exception,
        "history": finding.history,
        "endpoint": run
            .accounts
            .iter()
            .find(|account| account.account == finding.account)
            .and_then(|account| account.request.endpoint.as_deref()),
    })
}

/// Leaves out what is not known: OCSF knows absent attributes, not empty ones.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let known = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(known.map(|(name, value)| (name, without_nulls(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}
