//! Judges snapshots with the chosen checks and assembles the run that renderers write.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::{Ordering, Reverse};

use probity_model::credentials::UserCredentials;
use probity_model::framework::FrameworkRun;
use probity_model::run::organization::OrganizationRun;
use probity_model::run::{self, AccountRun, CheckRun, GapReport, ParameterInForce, Run, Selection};
use probity_model::score::Tallies;
use probity_model::{
    Evidence, ExceptionReport, Finding, Fingerprint, Gap, Outcome, Severity, SmolStr, Snapshot, Topic,
};

use crate::credential_sheet;
use crate::exceptions;
use crate::framework_report::Answers;
use crate::frameworks::{controls_of, own_controls_of};
use crate::registry::Entry;
use crate::settings::Settings;

/// How checks are asked to judge: it gives the findings of each, in the order of the checks. The caller may ask several at
/// once, and catch what this crate can not.
pub type Ask<'a> = &'a dyn Fn(&[&Entry], &Evidence<'_>, &Settings) -> Vec<Vec<Finding>>;

/// Asks one check after the other.
#[must_use]
pub fn in_turn(checks: &[&Entry], evidence: &Evidence<'_>, settings: &Settings) -> Vec<Vec<Finding>> {
    checks.iter().map(|entry| entry.judge(evidence, &settings.parameters(entry))).collect()
}

/// An account that was judged.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The account and how it was read.
    pub account: AccountRun,
    /// Its findings, worst first.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub gaps: Vec<GapReport>,
    /// What became of each exception in this account.
    pub exceptions: Vec<ExceptionReport>,
    /// The credentials of its users.
    pub credentials: Vec<UserCredentials>,
}

/// Everything that a run is assembled from once its accounts were judged.
#[derive(Debug, Clone, Default)]
pub struct Assembly {
    /// The accounts.
    pub accounts: Vec<AccountRun>,
    /// What could not be read, account by account.
    pub gaps: Vec<GapReport>,
    /// The findings that the run lists, in their order.
    pub findings: Vec<Finding>,
    /// How many findings of each check had which outcome, those included that are not listed.
    pub outcomes: BTreeMap<String, BTreeMap<Outcome, u64>>,
    /// What the score is made of.
    pub tallies: Tallies,
    /// What became of the exceptions.
    pub exceptions: Vec<ExceptionReport>,
    /// The frameworks that were asked for, answered.
    pub frameworks: Vec<FrameworkRun>,
    /// The credentials of every user.
    pub credentials: Vec<UserCredentials>,
    /// The accounts as one picture.
    pub organization: Option<OrganizationRun>,
}

/// Judges a snapshot with the chosen checks.
#[must_use]
pub fn judge(snapshot: &Snapshot, checks: &[&Entry], settings: &Settings, ask: Ask<'_>) -> Judged {
    judge_evidence(&Evidence::new(snapshot), checks, settings, ask)
}

/// The same, where the evidence goes on to be used for something else.
#[must_use]
pub fn judge_evidence(evidence: &Evidence<'_>, checks: &[&Entry], settings: &Settings, ask: Ask<'_>) -> Judged {
    let snapshot = evidence.snapshot();
    let mut asked = ask(checks, evidence, settings);
    for (entry, judged) in checks.iter().zip(&mut asked) {
        shift(judged, entry.meta.severity, settings.severity(entry));
    }
    let gaps = gap_reports(snapshot, checks, &asked);
    let mut findings = arranged(asked);
    let exceptions = exceptions::apply(settings.exceptions(), &mut findings, &[snapshot], checks);
    if !settings.exceptions().is_empty() {
        findings.sort_by(order);
    }
    let credentials = credential_sheet::of(snapshot, checks, &findings);
    Judged { account: account(snapshot), findings, gaps, exceptions, credentials }
}

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
    ask: Ask<'_>,
) -> Option<Run> {
    let mut assembly = Assembly::default();
    let mut exceptions = exceptions::Merged::new(settings.exceptions());
    let mut answers = Answers::new(checks);
    let is_framework_asked = !settings.frameworks().is_empty();
    let mut snapshots: Vec<&Snapshot> = snapshots.iter().collect();
    snapshots.sort_by_key(|snapshot| (snapshot.account.clone(), snapshot.taken_at));
    for snapshot in snapshots {
        let judged = judge(snapshot, checks, settings, ask);
        if is_framework_asked {
            judged.findings.iter().for_each(|finding| answers.add(finding));
        }
        assembly.tallies.count_all(&judged.findings);
        count(&judged.findings, &mut assembly.outcomes);
        exceptions.add(&judged.account.account, checks, &judged.exceptions);
        assembly.accounts.push(judged.account);
        assembly.gaps.extend(judged.gaps);
        if assembly.findings.is_empty() {
            assembly.findings = judged.findings;
        } else {
            assembly.findings.extend(judged.findings);
            assembly.findings.sort_by(order);
        }
        assembly.credentials.extend(judged.credentials);
    }
    assembly.frameworks = answers.of(settings.frameworks());
    assembly.exceptions = exceptions.reports();
    compose(assembly, checks, settings, selection)
}

/// The run of accounts that were judged. `None` where there is none.
#[must_use]
pub fn compose(mut assembly: Assembly, checks: &[&Entry], settings: &Settings, selection: Selection) -> Option<Run> {
    assembly.accounts.sort_by(|a, b| (&a.account, a.taken_at).cmp(&(&b.account, b.taken_at)));
    let started_at = assembly.accounts.iter().map(|account| account.taken_at).min()?;
    let finished_at = assembly.accounts.iter().map(|account| account.finished_at).max()?;
    let severity_of = |id: &str| checks.iter().find(|entry| entry.meta.id == id).map(|entry| settings.severity(entry));
    let mut outcomes = assembly.outcomes;
    Some(Run {
        format: run::FORMAT.to_owned(),
        version: run::VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        id: run_id(&assembly.accounts),
        started_at,
        finished_at,
        selection,
        accounts: assembly.accounts,
        organization: assembly.organization,
        score: assembly.tallies.score(severity_of),
        checks: checks
            .iter()
            .map(|entry| check(entry, settings, outcomes.remove(entry.meta.id).unwrap_or_default()))
            .collect(),
        findings: assembly.findings,
        gaps: assembly.gaps,
        exceptions: assembly.exceptions,
        history: None,
        frameworks: assembly.frameworks,
        credentials: assembly.credentials,
    })
}

/// What a run of several accounts says of one of them, with its findings and the credentials of its users.
#[must_use]
pub fn of_account(run: &Run, account: &AccountRun, findings: Vec<Finding>, credentials: Vec<UserCredentials>) -> Run {
    let mut tallies = Tallies::default();
    tallies.count_all(&findings);
    let mut outcomes = BTreeMap::new();
    count(&findings, &mut outcomes);
    let severity_of = |id: &str| run.check(id).map(|check| check.severity);
    let score = tallies.score(severity_of);
    let of_check = |check: &CheckRun| {
        let outcomes = outcomes.get(check.id.as_str()).cloned().unwrap_or_default();
        CheckRun { outcomes, ..check.clone() }
    };
    Run {
        started_at: account.taken_at,
        finished_at: account.finished_at,
        accounts: [account.clone()].into(),
        organization: None,
        score,
        checks: run.checks.iter().map(of_check).collect(),
        gaps: run.gaps.iter().filter(|report| report.account == account.account).cloned().collect(),
        credentials,
        // A framework is answered, and a history kept, for the run as a whole.
        frameworks: Vec::new(),
        history: None,
        findings,
        format: run.format.clone(),
        version: run.version,
        tool_version: run.tool_version.clone(),
        id: run.id.clone(),
        selection: run.selection.clone(),
        exceptions: run.exceptions.clone(),
    }
}

/// The order of findings, worst first: failures by severity, then what asks for attention, then the rest; within that by
/// check and account.
#[must_use]
pub fn order(a: &Finding, b: &Finding) -> Ordering {
    let key = |f: &Finding| (f.outcome, Reverse(f.severity), f.exception.is_some());
    key(a)
        .cmp(&key(b))
        .then_with(|| (&a.family, &a.check, &a.account, &a.region).cmp(&(&b.family, &b.check, &b.account, &b.region)))
        .then_with(|| (&a.resource, &a.discriminator, &a.message).cmp(&(&b.resource, &b.discriminator, &b.message)))
}

/// The findings of all checks in that order. Each check has sorted its own, so that they need only be dealt out: there are
/// very many of them, and each is moved once.
fn arranged(asked: Vec<Vec<Finding>>) -> Vec<Finding> {
    let group = |finding: &Finding| (finding.outcome, Reverse(finding.severity), finding.exception.is_some());
    let check = |findings: &Vec<Finding>| findings.first().map(|first| (first.family, first.check.clone()));
    let mut asked = asked;
    asked.sort_by_cached_key(check);
    let groups: Vec<BTreeSet<_>> = asked.iter().map(|findings| findings.iter().map(group).collect()).collect();
    let mut arranged = Vec::with_capacity(asked.iter().map(Vec::len).sum());
    let mut left: Vec<Vec<Option<Finding>>> =
        asked.into_iter().map(|findings| findings.into_iter().map(Some).collect()).collect();
    for wanted in groups.iter().flatten().copied().collect::<BTreeSet<_>>() {
        for (of_check, _) in left.iter_mut().zip(&groups).filter(|(_, groups)| groups.contains(&wanted)) {
            let is_wanted = |one: &&mut Option<Finding>| one.as_ref().is_some_and(|finding| group(finding) == wanted);
            arranged.extend(of_check.iter_mut().filter(is_wanted).filter_map(Option::take));
        }
    }
    // Where a check has another order, this mends it; else it only looks.
    arranged.sort_by(order);
    arranged
}

/// Counts findings by check and outcome.
fn count(findings: &[Finding], outcomes: &mut BTreeMap<String, BTreeMap<Outcome, u64>>) {
    // Neighbours are most often of one check and one outcome.
    for alike in findings.chunk_by(|a, b| a.outcome == b.outcome && a.check == b.check) {
        let Some(first) = alike.first() else { continue };
        let of_check = match outcomes.get_mut(first.check.as_str()) {
            Some(of_check) => of_check,
            None => outcomes.entry(first.check.to_string()).or_default(),
        };
        *of_check.entry(first.outcome).or_default() += alike.len() as u64;
    }
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

fn run_id(accounts: &[AccountRun]) -> String {
    let parts: Vec<String> =
        accounts.iter().flat_map(|account| [account.account.to_string(), account.taken_at.to_string()]).collect();
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

fn check(entry: &Entry, settings: &Settings, outcomes: BTreeMap<Outcome, u64>) -> CheckRun {
    let parameters = settings.parameters(entry);
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

/// Every topic that a chosen check reads and that is missing, whatever could not be read inside of one, and every gap that
/// took down a finding.
fn gap_reports(snapshot: &Snapshot, checks: &[&Entry], asked: &[Vec<Finding>]) -> Vec<GapReport> {
    let mut reports: BTreeMap<Topic, BTreeMap<Gap, BTreeSet<SmolStr>>> = BTreeMap::new();
    let topics: BTreeSet<Topic> = checks.iter().flat_map(|entry| entry.topics()).collect();
    for topic in topics {
        if let Some(gap) = snapshot.facts.gap(topic) {
            reports.entry(topic).or_default().entry(gap.clone()).or_default();
        } else {
            // A part that was left out on purpose is no news; a part that could not be read is, also where no verdict hangs on it.
            let unread = snapshot.facts.gaps_within(topic).into_iter().filter(Gap::is_unread);
            reports.entry(topic).or_default().extend(unread.map(|gap| (gap, BTreeSet::new())));
        }
    }
    for (entry, findings) in checks.iter().zip(asked) {
        let topics = entry.topics();
        let gaps: BTreeSet<&Gap> = findings.iter().filter_map(|finding| finding.gap.as_deref()).collect();
        for gap in gaps {
            let known = |topic: &Topic| reports.get(topic).is_some_and(|gaps| gaps.contains_key(gap));
            let whole = topics.iter().copied().find(known);
            let of_call = || {
                let asks = |topic: &Topic| {
                    topic.operations().iter().any(|operation| Some(operation.to_string()) == gap.operation)
                };
                topics.iter().copied().find(asks)
            };
            if let Some(topic) = whole.or_else(of_call).or_else(|| topics.first().copied()) {
                let checks = reports.entry(topic).or_default().entry(gap.clone()).or_default();
                checks.insert(SmolStr::new_static(entry.meta.id));
            }
        }
    }
    let report = |topic, gap: Gap, checks: BTreeSet<SmolStr>| GapReport {
        account: snapshot.account.clone(),
        topic,
        gap: gap.into(),
        checks: checks.into_iter().collect(),
    };
    let of_topic = |(topic, gaps): (Topic, BTreeMap<Gap, _>)| {
        gaps.into_iter().map(move |(gap, checks)| report(topic, gap, checks))
    };
    reports.into_iter().flat_map(of_topic).collect()
}

#[cfg(test)]
mod tests;
