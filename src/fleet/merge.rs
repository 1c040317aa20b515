//! From the records of all accounts to one report. Accounts are gone through one after the other, twice: first for what only
//! all of them together show, then to count them. What was found in them stays on disk, but for the worst findings.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use probity_checks::framework_report::Answers;
use probity_checks::run::{Assembly, compose};
use probity_checks::whole::{self, Crossings, Picture};
use probity_checks::{Entry, Settings, exceptions};
use probity_model::run::organization::CrossAccountChain;
use probity_model::run::part::{AccountPart, Footprint};
use probity_model::run::{AccountRun, CallCount};
use probity_model::{AccountId, Evidence, ExceptionReport, Finding, Gap, Run, Severity, SmolStr, Snapshot};

use probity_reports::{Format, ReportError};

use super::kept::Kept;
use super::run::Outcome;
use super::state::{Record, State};
use super::stored::Stored;
use crate::audit::Job;
use crate::cli::{Cli, FailOn, ReportArgs};
use crate::failure::{Failure, INCOMPLETE};
use crate::{manifest, output};

/// How many findings a run lists at most, the worst first: what a table, a page or a comment can hold by far. CSV, JSON and
/// JSON Lines have all of them, however many there are.
const LISTED: usize = 20_000;

/// The check that chains of roles across accounts are findings of.
const CHAINS: &str = "privesc-assume-chain";

/// Assembles the whole and writes every report that was asked for.
pub(crate) fn report(cli: &Cli, job: &Job, outcome: Outcome) -> Result<ExitCode, Failure> {
    let Outcome { state, organization, targets, interrupted, began } = outcome;
    let accounts: Vec<AccountId> = targets.into_iter().map(|target| target.account).collect();
    let Some((run, kept)) = merge(&state, organization.as_ref(), &accounts, job)? else {
        return Err(Failure::Ended);
    };
    if !cli.quiet {
        let _ = writeln!(std::io::stderr(), "{}", summary(&run, began.elapsed()));
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
    let of_account = |account: &AccountRun| Ok(kept.of_account(&account.account)?);
    let written = output::write_all(&run, &kept, &of_account, &job.report, cli.color, &job.reach);
    if let Some(sending) = &job.sending {
        let (limit, found) = (run.findings.len(), run.total());
        if limit < found {
            return Err(ReportError::TooMany { format: Format::Asff, limit, found }.into());
        }
        sending.deliver(cli, &run, &job.report)?;
    }
    let reports = written?;
    if let Some(manifest) = &job.report.manifest {
        // What each account said lies in the state, which the next run writes on: it is not among the files of this one.
        manifest::write(manifest, &run, &reports, &[])?;
    }
    Ok(ExitCode::from(if interrupted { INCOMPLETE } else { exit_code(&run, &job.report) }))
}

/// Reads every record, judges what only the whole shows, and assembles the run. Nothing where no account is done.
fn merge<'s>(
    state: &'s State,
    organization: Option<&Snapshot>,
    accounts: &[AccountId],
    job: &Job,
) -> Result<Option<(Run, Kept<'s>)>, Failure> {
    let mut findings = Stored::default();
    let mut crossings = Crossings::new(organization);
    let mut done: BTreeSet<&AccountId> = BTreeSet::new();
    for account in accounts {
        let Some(Record { part, pieces, .. }) = state.record(Some(account))? else { continue };
        findings.add(account, state.findings(Some(account)), pieces);
        crossings.add(&part);
        done.insert(account);
    }
    if done.is_empty() {
        return Ok(None);
    }
    let about = match (organization, state.record(None)?) {
        (Some(snapshot), Some(Record { part, pieces, .. })) => {
            findings.add(&snapshot.account, state.findings(None), pieces);
            Some(part)
        }
        _ => None,
    };
    let Crossed { chains, unjudged, mut found, accepted } = cross(state, organization, crossings, job)?;
    let mut sum = Sum::new(organization, job);
    let everyone: BTreeSet<&AccountId> =
        done.iter().copied().chain(about.iter().map(|part| &part.account.account)).collect();
    for account in everyone {
        let here = about.as_ref().filter(|part| part.account.account == *account);
        let mut part = match (done.contains(account), here) {
            (true, here) => {
                let mut part = state.done(account)?.part;
                sum.exceptions.add(account, &sum.of_account, &part.exceptions);
                here.into_iter().for_each(|about| add_organization(&mut part, about));
                part
            }
            (false, Some(about)) => alone(about),
            (false, None) => continue,
        };
        let across = found.remove(account).unwrap_or_default();
        part.count_all(&across);
        across.into_iter().for_each(|finding| findings.add_finding(finding));
        sum.add(part);
    }
    if let Some(part) = about {
        sum.exceptions.add(&part.account.account, &sum.about_organization, &part.exceptions);
    }
    let run = sum.run(&findings, chains, unjudged, accepted)?;
    let accounts = done.into_iter().cloned().collect();
    Ok(run.map(|run| (run, Kept { findings, state, accounts })))
}

/// The run while its accounts are added. It grows by how an account stands, not by what was found there.
struct Sum<'j> {
    job: &'j Job,
    about_organization: Vec<&'static Entry>,
    of_account: Vec<&'static Entry>,
    assembly: Assembly,
    picture: Picture<'j>,
    exceptions: exceptions::Merged<'j>,
    /// Gaps and checks that were met: most accounts lack the same.
    gaps: BTreeSet<Arc<Gap>>,
    checks: BTreeSet<Arc<[SmolStr]>>,
}

impl<'j> Sum<'j> {
    fn new(organization: Option<&'j Snapshot>, job: &'j Job) -> Self {
        let (about_organization, of_account) = match organization {
            Some(_) => whole::divide(&job.checks),
            None => (Vec::new(), job.checks.clone()),
        };
        Self {
            job,
            about_organization,
            of_account,
            assembly: Assembly::default(),
            picture: Picture::new(organization, &job.checks, &job.settings),
            exceptions: exceptions::Merged::new(job.settings.exceptions()),
            gaps: BTreeSet::new(),
            checks: BTreeSet::new(),
        }
    }

    fn add(&mut self, mut part: AccountPart) {
        self.picture.add(&part);
        self.assembly.tallies.add(&part.tallies);
        for (check, came) in part.checks {
            let outcomes = self.assembly.outcomes.entry(check).or_default();
            for (outcome, count) in came.outcomes {
                *outcomes.entry(outcome).or_default() += count;
            }
        }
        for report in &mut part.gaps {
            report.gap = shared(&mut self.gaps, &report.gap);
            report.checks = shared(&mut self.checks, &report.checks);
        }
        self.assembly.gaps.extend(part.gaps);
        lighten(&mut part.account);
        self.assembly.accounts.push(part.account);
    }

    /// `accepted` is what became of the exceptions among the findings of all accounts together.
    fn run(
        mut self,
        findings: &Stored,
        chains: Vec<CrossAccountChain>,
        unjudged: Vec<String>,
        accepted: Vec<ExceptionReport>,
    ) -> Result<Option<Run>, Failure> {
        let settings = &self.job.settings;
        let asked = settings.frameworks();
        let mut answers = Answers::new(&self.job.checks);
        let listed = &mut self.assembly.findings;
        findings.visit(None, &mut |finding| {
            if listed.len() < LISTED {
                listed.push(finding.clone());
            }
            if !asked.is_empty() {
                answers.add(finding);
            }
            Ok(!asked.is_empty() || listed.len() < LISTED)
        })?;
        self.assembly.frameworks = answers.of(asked);
        self.assembly.organization = Some(self.picture.run(chains, unjudged));
        self.assembly.exceptions = self.exceptions.reports();
        exceptions::add_later(&mut self.assembly.exceptions, accepted);
        Ok(compose(self.assembly, &self.job.checks, settings, self.job.selection.clone()))
    }
}

/// The one that was met before, where there is one.
fn shared<T: ?Sized + Ord>(met: &mut BTreeSet<Arc<T>>, one: &Arc<T>) -> Arc<T> {
    if let Some(earlier) = met.get(one) {
        return Arc::clone(earlier);
    }
    met.insert(Arc::clone(one));
    Arc::clone(one)
}

/// Adds calls up over Regions: a thousand accounts have a hundred thousand of them otherwise.
fn lighten(account: &mut AccountRun) {
    let mut calls: BTreeMap<String, CallCount> = BTreeMap::new();
    for count in account.calls.drain(..) {
        let sum = calls
            .entry(count.operation.clone())
            .or_insert_with(|| CallCount { operation: count.operation.clone(), ..CallCount::default() });
        sum.calls += count.calls;
        sum.requests += count.requests;
        sum.throttled += count.throttled;
        sum.failed += count.failed;
    }
    account.calls = calls.into_values().collect();
}

/// What is said of the organization counts with the account that it was read in.
fn add_organization(part: &mut AccountPart, about: &AccountPart) {
    part.tallies.add(&about.tallies);
    part.checks.extend(about.checks.clone());
    part.gaps.extend(about.gaps.iter().cloned());
    part.gaps.dedup();
}

/// The same where that account is not audited.
fn alone(about: &AccountPart) -> AccountPart {
    AccountPart { credentials: Vec::new(), footprint: Footprint::default(), ..about.clone() }
}

/// What only all accounts together show.
struct Crossed {
    chains: Vec<CrossAccountChain>,
    /// What could not be judged of them.
    unjudged: Vec<String>,
    /// The findings that they make, by account.
    found: BTreeMap<AccountId, Vec<Finding>>,
    /// What became of the exceptions among these.
    accepted: Vec<ExceptionReport>,
}

/// Who enters roles of other accounts; each account that may is read from disk for it, one at a time.
fn cross(
    state: &State,
    organization: Option<&Snapshot>,
    mut crossings: Crossings<'_>,
    job: &Job,
) -> Result<Crossed, Failure> {
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
    let mut all = entry.map_or_else(Vec::new, |entry| moved(crossings.findings(&chains, entry), entry, &job.settings));
    let accepted = exceptions::apply(job.settings.exceptions(), &mut all, &[], &job.checks);
    let mut found: BTreeMap<AccountId, Vec<Finding>> = BTreeMap::new();
    for finding in all {
        found.entry(finding.account.clone()).or_default().push(finding);
    }
    Ok(Crossed { chains, unjudged: crossings.unjudged(), found, accepted })
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
