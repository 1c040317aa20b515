//! Judges snapshots, and keeps one check that goes wrong from taking the others with it.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use probity_checks::{Entry, Settings, assemble};
use probity_model::run::Selection;
use probity_model::{Evidence, Finding, Findings, Gap, GapKind, Parameters, Run, Severity, Snapshot};

use crate::cli::{FailOn, ReportArgs};
use crate::failure::INCOMPLETE;

/// What comes of snapshots; `None` where there is none.
pub(crate) fn run(snapshots: &[Snapshot], checks: &[&Entry], settings: &Settings, selection: Selection) -> Option<Run> {
    assemble(snapshots, checks, settings, selection, &at_once)
}

/// How much stack a thread has for checks, in bytes.
const STACK: usize = 16 << 20;

/// Asks as many checks at once as the machine has cores; a check that goes wrong takes no other with it.
fn at_once(checks: &[&Entry], evidence: &Evidence<'_>, settings: &Settings) -> Vec<Vec<Finding>> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(checks.len())));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = checks.get(number) else { break };
            let findings = guarded(entry, evidence, &settings.parameters(entry));
            found.lock().unwrap_or_else(PoisonError::into_inner).push((number, findings));
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(checks.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no thread left, this one does all of it.
            let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
        work();
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, findings)| findings).collect()
}

/// Asks one check after the other, each as [`guarded`]: for many accounts, which are judged at the same time.
pub(crate) fn in_turn(checks: &[&Entry], evidence: &Evidence<'_>, settings: &Settings) -> Vec<Vec<Finding>> {
    checks.iter().map(|entry| guarded(entry, evidence, &settings.parameters(entry))).collect()
}

/// Asks a check to judge, and catches what it must not do.
fn guarded(entry: &Entry, evidence: &Evidence<'_>, parameters: &Parameters) -> Vec<Finding> {
    guard(entry, evidence, || entry.judge(evidence, parameters))
}

/// A check that panics has not been evaluated: neither its verdicts so far nor those of other checks are touched by it.
fn guard(entry: &Entry, evidence: &Evidence<'_>, judge: impl FnOnce() -> Vec<Finding>) -> Vec<Finding> {
    catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|_| {
        let mut out = Findings::new(entry.meta, &entry.needs(), evidence);
        out.whole_account().not_evaluated(&Gap {
            kind: GapKind::Unexpected,
            operation: None,
            region: None,
            code: None,
            message: format!("the check {} itself failed on this evidence: please report it", entry.meta.id),
        });
        out.finish()
    })
}

/// The exit code of a finished run.
pub(crate) fn exit_code(run: &Run, args: &ReportArgs) -> u8 {
    let missing = || run.gaps.iter().filter(|report| report.gap.is_unread()).map(|report| report.gap.kind);
    // Credentials that ran out and a run that was ended leave an audit that nobody asked for in this form.
    let ended_early = missing().any(|kind| matches!(kind, GapKind::Credentials | GapKind::Interrupted));
    if ended_early || (args.require_complete && missing().next().is_some()) {
        return INCOMPLETE;
    }
    let fails = match args.fail_on.unwrap_or(FailOn::Severity(Severity::High)) {
        FailOn::Never => false,
        FailOn::New(least) => run.findings.iter().any(|finding| finding.is_new() && finding.severity >= least),
        FailOn::Severity(least) => run.findings.iter().any(|finding| finding.is_open() && finding.severity >= least),
    };
    u8::from(fails)
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_checks::CHECKS;
    use probity_model::builder::Account;
    use probity_model::facts::AccountSummary;
    use probity_model::{Outcome, Topic};

    fn judged(account: Account) -> Run {
        let checks: Vec<&Entry> = CHECKS.iter().filter(|entry| entry.meta.id.starts_with("root-mfa")).collect();
        run(&[account.build()], &checks, &Settings::default(), Selection::default()).expect("a run")
    }

    #[test]
    fn an_open_finding_at_the_threshold_fails_the_run() {
        let bad = judged(Account::new().summary(AccountSummary::PASSWORD_PRESENT, 1));
        let code = |fail_on| exit_code(&bad, &ReportArgs { fail_on, ..ReportArgs::default() });
        assert_eq!(code(None), 1);
        assert_eq!(code(Some(FailOn::Severity(Severity::Critical))), 1);
        assert_eq!(code(Some(FailOn::Never)), 0);
    }

    #[test]
    fn a_gap_counts_only_where_completeness_is_asked_for() {
        let denied = judged(Account::new().deny(Topic::AccountSummary));
        assert_eq!(exit_code(&denied, &ReportArgs::default()), 0);
        assert_eq!(exit_code(&denied, &ReportArgs { require_complete: true, ..ReportArgs::default() }), INCOMPLETE);
    }

    #[test]
    fn at_once_or_in_turn_the_findings_are_the_same() {
        let account = (0..20).fold(Account::new(), |account, number| {
            account.user(&format!("user-{number}"), |user| user.console_password().key(1, |key| key))
        });
        let snapshot = account.build();
        let checks: Vec<&Entry> = CHECKS.iter().collect();
        let settings = Settings::default();
        let turn = in_turn(&checks, &Evidence::new(&snapshot), &settings);
        for _ in 0..5 {
            assert_eq!(at_once(&checks, &Evidence::new(&snapshot), &settings), turn);
        }
    }

    #[test]
    fn a_check_that_panics_is_not_evaluated() {
        let snapshot = Account::new().build();
        let evidence = Evidence::new(&snapshot);
        let checks: Vec<&Entry> = CHECKS.iter().take(1).collect();
        let findings = guard(checks[0], &evidence, || panic!("broken"));
        assert_eq!(findings.iter().map(|finding| finding.outcome).collect::<Vec<_>>(), [Outcome::NotEvaluated]);
    }
}
