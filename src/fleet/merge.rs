//! From the records of all accounts to one report. What is held is small and the same for every account: findings stay on
//! disk, but for the worst of them.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use probity_checks::framework_report::Answers;
use probity_checks::run::{Assembly, compose};
use probity_checks::whole::{self, Crossings, Whole};
use probity_checks::{Entry, Settings, exceptions};
use probity_model::run::AccountRun;
use probity_model::run::organization::CrossAccountChain;
use probity_model::run::part::AccountPart;
use probity_model::{AccountId, Evidence, ExceptionReport, ExceptionState, Finding, Run, Severity, Snapshot};

use probity_reports::{Format, ReportError};

use super::run::Outcome;
use super::state::{Record, State};
use super::stored::Stored;
use crate::audit::Job;
use crate::cli::{Cli, FailOn, ReportArgs};
use crate::failure::{Failure, INCOMPLETE};
use crate::output;

/// How many findings a run lists at most, the worst first: what a table, a page or a comment can hold by far. CSV, JSON and
/// JSON Lines have all of them, however many there are.
const LISTED: usize = 20_000;

/// The check that chains of roles across accounts are findings of.
const CHAINS: &str = "privesc-assume-chain";

/// Everything that was found, on disk, and the run without it.
pub(crate) struct Merged {
    pub(crate) run: Run,
    pub(crate) findings: Stored,
}

/// Assembles the whole and writes every report that was asked for.
pub(crate) fn report(cli: &Cli, job: &Job, outcome: Outcome) -> Result<ExitCode, Failure> {
    let Outcome { state, organization, targets, interrupted, began } = outcome;
    let accounts: Vec<AccountId> = targets.into_iter().map(|target| target.account).collect();
    let Some(merged) = merge(&state, organization.as_ref(), &accounts, job)? else {
        return Err(Failure::Ended);
    };
    if !cli.quiet {
        let _ = writeln!(std::io::stderr(), "{}", summary(&merged.run, began.elapsed()));
    }
    let ended = |state: &State| {
        let again = if state.is_kept() {
            format!("--resume {} goes on from here", state.name().display())
        } else {
            "what was read is lost; --state FOLDER keeps it".to_owned()
        };
        let _ = writeln!(std::io::stderr(), "The run was ended before all accounts were read: {again}.");
    };
    if interrupted && !cli.quiet {
        ended(&state);
    }
    let of_account = |account: &AccountRun| {
        let mut found = Vec::new();
        merged.findings.visit(Some(&account.account), &mut |finding| {
            found.push(finding.clone());
            Ok(true)
        })?;
        Ok(found)
    };
    let written = output::write_all(&merged.run, &merged.findings, &of_account, &job.report, cli.color, &job.reach);
    if let Some(sending) = &job.sending {
        let (limit, found) = (merged.run.findings.len(), merged.run.total());
        if limit < found {
            return Err(ReportError::TooMany { format: Format::Asff, limit, found }.into());
        }
        sending.deliver(cli, &merged.run, &job.report)?;
    }
    written?;
    Ok(ExitCode::from(if interrupted { INCOMPLETE } else { exit_code(&merged.run, &job.report) }))
}

/// Reads every record, judges what only the whole shows, and assembles the run. Nothing where no account is done.
fn merge(
    state: &State,
    organization: Option<&Snapshot>,
    accounts: &[AccountId],
    job: &Job,
) -> Result<Option<Merged>, Failure> {
    let settings = &job.settings;
    let mut parts: Vec<AccountPart> = Vec::new();
    let mut findings = Stored::default();
    for account in accounts {
        let Some(Record { part, pieces, .. }) = state.record(Some(account))? else { continue };
        findings.add(account, state.findings(Some(account)), pieces);
        parts.push(lighter(part));
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let (about_organization, of_account) = match organization {
        Some(_) => whole::divide(&job.checks),
        None => (Vec::new(), job.checks.clone()),
    };
    let (chains, unjudged, mut crossed) = cross(state, organization, &parts, job)?;
    let accepted = exceptions::apply(settings.exceptions(), &mut crossed, &[], &job.checks);
    for finding in crossed.drain(..) {
        if let Some(part) = parts.iter_mut().find(|part| part.account.account == finding.account) {
            part.count(&finding);
            findings.add_finding(finding);
        }
    }
    let mut became: Vec<(AccountId, &[&Entry], Vec<ExceptionReport>)> = parts
        .iter_mut()
        .map(|part| (part.account.account.clone(), of_account.as_slice(), std::mem::take(&mut part.exceptions)))
        .collect();
    if let (Some(snapshot), Some(Record { mut part, pieces, .. })) = (organization, state.record(None)?) {
        became.push((snapshot.account.clone(), &about_organization, std::mem::take(&mut part.exceptions)));
        findings.add(&snapshot.account, state.findings(None), pieces);
        add_organization(&mut parts, part);
    }
    let whole = Whole { parts: &parts, organization, chains, unjudged, checks: &job.checks, settings };
    let picture = whole::picture(whole);
    let mut assembly = Assembly { organization: Some(picture), ..Assembly::default() };
    let asked = settings.frameworks();
    let mut answers = Answers::new(&job.checks);
    findings.visit(None, &mut |finding| {
        if assembly.findings.len() < LISTED {
            assembly.findings.push(finding.clone());
        }
        if !asked.is_empty() {
            answers.add(finding);
        }
        Ok(!asked.is_empty() || assembly.findings.len() < LISTED)
    })?;
    assembly.frameworks = answers.of(asked);
    for part in parts {
        assembly.tallies.add(&part.tallies);
        for (check, came) in part.checks {
            let outcomes = assembly.outcomes.entry(check).or_default();
            for (outcome, count) in came.outcomes {
                *outcomes.entry(outcome).or_default() += count;
            }
        }
        assembly.accounts.push(part.account);
        assembly.gaps.extend(part.gaps);
        assembly.credentials.extend(part.credentials);
    }
    let each = became.iter().map(|(account, checks, reports)| (account, *checks, reports.as_slice()));
    assembly.exceptions = exceptions::merge(settings.exceptions(), each);
    for (report, more) in assembly.exceptions.iter_mut().zip(accepted) {
        report.findings += more.findings;
        if more.findings > 0 && report.state != ExceptionState::Expired {
            report.state = ExceptionState::InForce;
        }
    }
    let run = compose(assembly, &job.checks, settings, job.selection.clone());
    Ok(run.map(|run| Merged { run, findings }))
}

/// A part whose calls are added up over Regions: a thousand accounts have a hundred thousand of them otherwise.
fn lighter(mut part: AccountPart) -> AccountPart {
    let mut calls: BTreeMap<String, probity_model::run::CallCount> = BTreeMap::new();
    for count in part.account.calls.drain(..) {
        let sum = calls.entry(count.operation.clone()).or_insert_with(|| probity_model::run::CallCount {
            operation: count.operation.clone(),
            ..probity_model::run::CallCount::default()
        });
        sum.calls += count.calls;
        sum.requests += count.requests;
        sum.throttled += count.throttled;
        sum.failed += count.failed;
    }
    part.account.calls = calls.into_values().collect();
    part
}

/// What is said of the organization counts with the account that it was read in.
fn add_organization(parts: &mut Vec<AccountPart>, of_organization: AccountPart) {
    let mut of_organization = of_organization;
    of_organization.credentials.clear();
    let account = of_organization.account.account.clone();
    let Some(part) = parts.iter_mut().find(|part| part.account.account == account) else {
        let mut alone = of_organization;
        alone.footprint = probity_model::run::part::Footprint::default();
        parts.push(alone);
        parts.sort_by(|a, b| a.account.account.cmp(&b.account.account));
        return;
    };
    part.tallies.add(&of_organization.tallies);
    part.checks.extend(of_organization.checks);
    part.gaps.extend(of_organization.gaps);
    part.gaps.dedup();
}

/// The chains, what could not be judged of them, and the findings that they make.
type Crossed = (Vec<CrossAccountChain>, Vec<String>, Vec<Finding>);

/// Who enters roles of other accounts; each account that may is read from disk for it, one at a time.
fn cross(state: &State, organization: Option<&Snapshot>, parts: &[AccountPart], job: &Job) -> Result<Crossed, Failure> {
    let mut crossings = Crossings::new(parts, organization);
    loop {
        let accounts = crossings.round();
        if accounts.is_empty() {
            break;
        }
        for account in accounts {
            let mut snapshot = state.snapshot(Some(&account))?;
            if let Some(organization) = organization {
                snapshot.take_over_organization(organization);
            }
            crossings.visit(&Evidence::new(&snapshot));
        }
    }
    let chains = crossings.chains();
    let entry = job.checks.iter().copied().find(|entry| entry.meta.id == CHAINS);
    let findings = entry.map_or_else(Vec::new, |entry| moved(crossings.findings(&chains, entry), entry, &job.settings));
    Ok((chains, crossings.unjudged(), findings))
}

/// With the severity that was set for the check.
fn moved(mut findings: Vec<Finding>, entry: &Entry, settings: &Settings) -> Vec<Finding> {
    for finding in &mut findings {
        finding.severity = settings.severity(entry);
    }
    findings
}

/// The exit code of a finished run.
fn exit_code(run: &Run, args: &ReportArgs) -> u8 {
    if args.require_complete && run.gaps.iter().any(|report| report.gap.is_unread()) {
        return INCOMPLETE;
    }
    let is_open = |least: Severity| Severity::WORST_FIRST.into_iter().any(|one| one >= least && run.open(one) > 0);
    match args.fail_on.unwrap_or(FailOn::Severity(Severity::High)) {
        FailOn::Never => 0,
        // Nothing is new without a history, and a run over several accounts has none: what is open counts.
        FailOn::Severity(least) | FailOn::New(least) => u8::from(is_open(least)),
    }
}

/// What became of the accounts, and what it took.
fn summary(run: &Run, took: std::time::Duration) -> String {
    let calls = || run.accounts.iter().flat_map(|account| &account.calls);
    let (made, throttled): (u64, u64) =
        calls().fold((0, 0), |(made, throttled), count| (made + count.calls, throttled + count.throttled));
    let coverage = run.organization.as_ref().map(|whole| whole.coverage).unwrap_or_default();
    let accounts = coverage.complete + coverage.incomplete + coverage.failed;
    let what = [(coverage.incomplete, "read with gaps"), (coverage.failed, "failed")];
    let what = what.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
    let what: String = what.collect();
    format!("{accounts} accounts{what}; {made} calls, {throttled} throttled, {:.1} s.", took.as_secs_f32())
}
