//! Judges snapshots with the chosen checks and assembles the run that renderers write.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::run::{self, AccountRun, CheckRun, GapReport, ParameterInForce, Run, Selection};
use probity_model::score::Score;
use probity_model::{Evidence, Finding, Fingerprint, Gap, Outcome, Parameters, Severity, Snapshot, Topic};

use crate::credential_sheet;
use crate::exceptions;
use crate::framework_report;
use crate::frameworks::{controls_of, own_controls_of};
use crate::registry::Entry;
use crate::settings::Settings;

/// How one check is asked to judge: the caller may catch what this crate cannot.
pub type Guard<'g> = &'g dyn Fn(&Entry, &Evidence<'_>, &Parameters) -> Vec<Finding>;

/// Judges the snapshots with the chosen checks.
///
/// The run's times are those of the snapshots and its findings are sorted, so that the same snapshots always give the same
/// run. `None` where there is no snapshot.
#[must_use]
pub fn assemble(
    snapshots: &[Snapshot],
    checks: &[&Entry],
    settings: &Settings,
    selection: Selection,
    guard: Guard<'_>,
) -> Option<Run> {
    let mut snapshots: Vec<&Snapshot> = snapshots.iter().collect();
    snapshots.sort_by_key(|snapshot| (snapshot.account.clone(), snapshot.taken_at));
    let started_at = snapshots.iter().map(|snapshot| snapshot.taken_at).min()?;
    let finished_at = snapshots.iter().map(|snapshot| snapshot.finished_at).max()?;
    let mut findings = Vec::new();
    let mut gaps = Vec::new();
    for snapshot in &snapshots {
        let evidence = Evidence::new(snapshot);
        let first = findings.len();
        for entry in checks {
            let mut judged = guard(entry, &evidence, &settings.parameters(entry));
            shift(&mut judged, entry.meta.severity, settings.severity(entry));
            findings.extend(judged);
        }
        gaps.extend(gap_reports(snapshot, checks, findings.get(first..).unwrap_or_default()));
    }
    let exceptions = exceptions::apply(settings.exceptions(), &mut findings, &snapshots, checks);
    sort(&mut findings);
    let severity_of = |id: &str| checks.iter().find(|entry| entry.meta.id == id).map(|entry| settings.severity(entry));
    let frameworks =
        settings.frameworks().iter().map(|asked| framework_report::answer(asked, checks, &findings)).collect();
    let credentials = credential_sheet::of(&snapshots, checks, &findings);
    Some(Run {
        format: run::FORMAT.to_owned(),
        version: run::VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        id: run_id(&snapshots),
        started_at,
        finished_at,
        selection,
        accounts: snapshots.iter().map(|snapshot| account(snapshot)).collect(),
        score: Score::of(&findings, severity_of),
        checks: checks.iter().map(|entry| check(entry, settings, &findings)).collect(),
        findings,
        gaps,
        exceptions,
        history: None,
        frameworks,
        credentials,
    })
}

/// Worst first: failures by severity, then what asks for attention, then the rest; within that by account and check.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.outcome, core::cmp::Reverse(f.severity), f.exception.is_some());
        key(a)
            .cmp(&key(b))
            .then_with(|| {
                (&a.family, &a.check, &a.account, &a.region).cmp(&(&b.family, &b.check, &b.account, &b.region))
            })
            .then_with(|| (&a.resource, &a.discriminator, &a.message).cmp(&(&b.resource, &b.discriminator, &b.message)))
    });
}

/// Moves findings by as many levels as their check was moved.
fn shift(findings: &mut [Finding], from: Severity, to: Severity) {
    if from == to {
        return;
    }
    let level =
        |severity: Severity| Severity::WORST_FIRST.iter().position(|&other| other == severity).unwrap_or_default();
    for finding in findings {
        let moved = (level(finding.severity) + level(to)).saturating_sub(level(from));
        finding.severity = Severity::WORST_FIRST.get(moved).copied().unwrap_or(Severity::Info);
    }
}

fn run_id(snapshots: &[&Snapshot]) -> String {
    let parts: Vec<String> =
        snapshots.iter().flat_map(|snapshot| [snapshot.account.to_string(), snapshot.taken_at.to_string()]).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    Fingerprint::of(&parts).as_str().get(..16).unwrap_or_default().to_owned()
}

fn account(snapshot: &Snapshot) -> AccountRun {
    let facts = &snapshot.facts;
    AccountRun {
        account: snapshot.account.clone(),
        alias: facts.account_alias.get().ok().and_then(|known| known.alias.clone()),
        partition: snapshot.partition.clone(),
        caller: facts.caller.get().ok().map(|caller| caller.arn.clone()),
        regions: snapshot.regions.clone(),
        taken_at: snapshot.taken_at,
        finished_at: snapshot.finished_at,
        request: snapshot.request.clone(),
        calls: snapshot.calls.clone(),
    }
}

fn check(entry: &Entry, settings: &Settings, findings: &[Finding]) -> CheckRun {
    let parameters = settings.parameters(entry);
    let mut outcomes: BTreeMap<Outcome, u64> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.check == entry.meta.id) {
        *outcomes.entry(finding.outcome).or_default() += 1;
    }
    CheckRun {
        id: entry.meta.id.to_owned(),
        family: entry.meta.family,
        title: entry.meta.title.to_owned(),
        severity: settings.severity(entry),
        scope: entry.meta.scope,
        automation: entry.meta.automation,
        summary: entry.docs.summary.to_owned(),
        why: entry.docs.why.to_owned(),
        pass: entry.docs.pass.to_owned(),
        fail: entry.docs.fail.to_owned(),
        fix: entry.docs.fix.to_owned(),
        command: entry.docs.command.to_owned(),
        parameters: entry
            .meta
            .parameters
            .iter()
            .map(|spec| ParameterInForce {
                name: spec.name().to_owned(),
                value: parameters.value(spec),
                unit: spec.unit(),
                changed: parameters.value(spec) != spec.default_value(),
            })
            .collect(),
        operations: entry.operations().iter().map(ToString::to_string).collect(),
        controls: [controls_of(entry.meta.id), own_controls_of(entry.meta.id, settings.frameworks())].concat(),
        outcomes,
    }
}

/// Every topic that a chosen check reads and that is missing, and every smaller gap that took down a finding.
fn gap_reports(snapshot: &Snapshot, checks: &[&Entry], findings: &[Finding]) -> Vec<GapReport> {
    let mut reports: BTreeMap<(Topic, Gap), BTreeSet<String>> = BTreeMap::new();
    for topic in checks.iter().flat_map(|entry| entry.topics()) {
        if let Some(gap) = snapshot.facts.gap(topic) {
            reports.entry((topic, gap.clone())).or_default();
        }
    }
    for finding in findings {
        let (Some(gap), Some(entry)) = (&finding.gap, checks.iter().find(|entry| entry.meta.id == finding.check))
        else {
            continue;
        };
        let topics = entry.topics();
        let whole = topics.iter().copied().find(|&topic| snapshot.facts.gap(topic) == Some(gap));
        let of_call = || {
            topics
                .iter()
                .copied()
                .find(|topic| topic.operations().iter().any(|operation| Some(operation.to_string()) == gap.operation))
        };
        if let Some(topic) = whole.or_else(of_call).or_else(|| topics.first().copied()) {
            reports.entry((topic, gap.clone())).or_default().insert(finding.check.clone());
        }
    }
    let report = |((topic, gap), checks): ((Topic, Gap), BTreeSet<String>)| GapReport {
        account: snapshot.account.clone(),
        topic,
        gap,
        checks: checks.into_iter().collect(),
    };
    reports.into_iter().map(report).collect()
}
