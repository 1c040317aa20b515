//! OCSF: one Compliance Finding (class 2003) a finding, for security data lakes. `docs/formats/ocsf.md` is its page.
//!
//! The class: <https://schema.ocsf.io/1.4.0/classes/compliance_finding?profiles=cloud>.

mod model;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use probity_model::run::{AccountRun, CheckRun, ControlReference};
use probity_model::{Finding, Outcome, Run, Severity};
use serde::{Serialize, Serializer as _};
use serde_json::ser::PrettyFormatter;
use serde_json::{Map, Value};

use self::model::{
    Account, Analytic, Cloud, Compliance, Event, FindingInfo, Metadata, Product, Remediation, Resource, Unmapped,
};
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
    let checks: BTreeMap<&str, Asked<'_>> =
        run.checks.iter().map(|check| (check.id.as_str(), Asked::of(Some(check)))).collect();
    let none = Asked::of(None);
    let of = |finding: &Finding| checks.get(finding.check.as_str()).unwrap_or(&none);
    let mut serializer = serde_json::Serializer::with_formatter(&mut *to, Escaped(PrettyFormatter::new()));
    serializer.collect_seq(shown.into_iter().map(|finding| event(run, of(finding), finding)))?;
    to.write_all(b"\n")?;
    Ok(())
}

/// A check, with what its findings share.
struct Asked<'r> {
    check: Option<&'r CheckRun>,
    standards: Vec<&'r str>,
    requirements: Vec<String>,
}

impl<'r> Asked<'r> {
    fn of(check: Option<&'r CheckRun>) -> Self {
        let controls = check.map(|check| check.controls.as_slice()).unwrap_or_default();
        let mut standards: BTreeSet<&str> = controls.iter().map(|control| control.framework.as_str()).collect();
        if standards.is_empty() {
            // The class demands a standard: where no framework asks for it, it is our own list of checks that does.
            standards.insert("probity");
        }
        let requirement = |control: &ControlReference| {
            let proposed = if control.proposed { " (proposed)" } else { "" };
            format!("{} {}{proposed}", control.framework, control.control)
        };
        Self {
            check,
            standards: standards.into_iter().collect(),
            requirements: controls.iter().map(requirement).collect(),
        }
    }
}

fn event<'r>(run: &'r Run, asked: &'r Asked<'_>, finding: &'r Finding) -> Event<'r> {
    let account = run.accounts.iter().find(|account| account.account == finding.account);
    let (severity_id, severity) = severity(finding);
    let region = finding.region.as_ref().map(|region| region.as_str());
    let fix = asked.check.map(|check| check.fix.as_str()).filter(|fix| !fix.trim().is_empty());
    Event {
        metadata: metadata(run, account, finding),
        category_uid: CATEGORY,
        category_name: "Findings",
        class_uid: CLASS,
        class_name: "Compliance Finding",
        activity_id: ACTIVITY,
        activity_name: "Create",
        type_uid: CLASS * 100 + ACTIVITY,
        type_name: "Compliance Finding: Create",
        time: finding.observed_at.as_millisecond(),
        severity_id,
        severity,
        status_id: status(finding).map(|(id, _)| id),
        status: status(finding).map(|(_, name)| name),
        status_detail: finding.exception.as_deref().map(accepted),
        message: &finding.message,
        finding_info: FindingInfo {
            uid: finding.fingerprint.as_str(),
            title: &finding.title,
            desc: asked.check.map(|check| check.summary.as_str()),
            types: [finding.family.to_string()],
            analytic: Analytic {
                uid: &finding.check,
                name: &finding.title,
                type_id: 1,
                r#type: "Rule",
                version: &run.tool_version,
            },
            product_uid: "probity",
        },
        compliance: compliance(finding, asked),
        remediation: fix.map(|desc| Remediation { desc }),
        resources: [Resource {
            uid: finding.resource.as_str(),
            name: finding.resource.resource(),
            r#type: finding.resource_kind.as_str(),
            region,
            cloud_partition: account.map(|account| account.partition.as_str()),
        }],
        cloud: Cloud {
            provider: "AWS",
            region,
            account: Account {
                uid: finding.account.as_str(),
                name: account.and_then(|account| account.alias.as_deref()),
                type_id: 10,
                r#type: "AWS Account",
            },
        },
        unmapped: Unmapped {
            run: &run.id,
            severity: finding.severity.as_str(),
            discriminator: &finding.discriminator,
            evidence: &finding.evidence,
            operations: &finding.operations,
            gap: finding.gap.as_ref().map(known),
            exception: finding.exception.as_deref().map(known),
            history: finding.history.as_deref(),
            endpoint: account.and_then(|account| account.request.endpoint.as_deref()),
        },
    }
}

fn metadata<'r>(run: &'r Run, account: Option<&AccountRun>, finding: &Finding) -> Metadata<'r> {
    let sample = account.and_then(|account| account.request.sample.as_deref());
    Metadata {
        version: VERSION,
        profiles: ["cloud"],
        product: Product { uid: "probity", name: "probity", vendor_name: "probity", version: &run.tool_version },
        correlation_uid: &run.id,
        original_time: finding.observed_at,
        labels: sample.map(|sample| [format!("sample data, not a real account: {sample}")]),
    }
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
fn compliance<'r>(finding: &'r Finding, asked: &'r Asked<'_>) -> Compliance<'r> {
    let (status_id, status) = match finding.outcome {
        Outcome::Pass => (1, "Pass"),
        Outcome::NotEvaluated => (2, "Warning"),
        Outcome::Fail => (3, "Fail"),
        Outcome::Manual | Outcome::NotApplicable => (99, finding.outcome.as_str()),
    };
    Compliance {
        control: &finding.check,
        standards: &asked.standards,
        requirements: &asked.requirements,
        status_id,
        status,
        status_code: finding.outcome.as_str(),
        status_details: [&finding.message],
    }
}

/// What few findings have, as a tree without what is not known. Texts and lists of them can always be said in JSON.
fn known(value: &impl Serialize) -> Value {
    without_nulls(serde_json::to_value(value).unwrap_or_default())
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
