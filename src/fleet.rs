//! `probity audit` of several accounts: plan which, audit each by itself, then judge what only the whole shows. Each of the
//! three can be a run of its own, on another machine.

mod account;
mod kept;
mod manifest;
mod merge;
mod plan;
mod progress;
mod remote;
mod run;
mod state;
mod stored;

use std::io::Write;
use std::process::ExitCode;

use probity_collect::SessionOptions;

use crate::audit::{Job, session_options};
use crate::cli::{AuditArgs, Cli};
use crate::failure::{Failure, INCOMPLETE};
use run::Ended;

pub(crate) use manifest::StateError;
pub(crate) use plan::PlanError;

/// The role that is assumed in the accounts of an organization unless another is named.
const ROLE: &str = "probity-audit";

/// The stack of a thread that audits an account, in bytes: that which a single account has.
const STACK: usize = crate::STACK;

/// Whether several accounts are asked for.
pub(crate) fn is_asked_for(args: &AuditArgs) -> bool {
    let fleet = &args.fleet;
    fleet.org || !fleet.role_arn.is_empty() || args.aws.profile.len() > 1 || fleet.resume.is_some()
}

/// Audits several accounts and reports on all of them.
pub(crate) fn audit(cli: &Cli, args: &AuditArgs, job: &Job, options: SessionOptions) -> Result<ExitCode, Failure> {
    let report = &job.report;
    let of_one = [
        ("--save-snapshot", job.save_snapshot.is_some()),
        ("--history", report.history.is_some()),
        ("--redact", report.redact),
        ("--checks-dir", !job.custom.is_empty()),
    ];
    if let Some((flag, _)) = of_one.into_iter().find(|(_, is_given)| *is_given) {
        return Err(Failure::OneAccount(flag));
    }
    let failed = |error| Failure::System { what: "cannot start the asynchronous runtime", error };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime =
        runtime.worker_threads(crate::audit::THREADS).thread_stack_size(STACK).enable_all().build().map_err(failed)?;
    let base = plan::Base { options, profiles: args.aws.profile.clone() };
    match runtime.block_on(run::audit(cli, args, job, &base))? {
        Ended::Whole(outcome) => merge::report(cli, job, *outcome),
        Ended::Planned => Ok(ExitCode::SUCCESS),
        Ended::Part { is_complete: true } => Ok(ExitCode::SUCCESS),
        Ended::Part { is_complete: false } => {
            if !cli.quiet {
                let said = "Not every account of the part could be read: the same command, or --resume without --part, goes on.";
                let _ = writeln!(std::io::stderr(), "{said}");
            }
            Ok(ExitCode::from(INCOMPLETE))
        }
    }
}

/// How to reach AWS before any role of an account is assumed.
pub(crate) fn session_options_of(args: &AuditArgs) -> Result<SessionOptions, Failure> {
    let mut aws = args.aws.clone();
    if aws.profile.len() > 1 {
        if args.fleet.org || !args.fleet.role_arn.is_empty() {
            return Err(Failure::OneProfile);
        }
        aws.profile.truncate(1);
    }
    // The external id is that of the roles of the accounts, and of the one on the way to them.
    let external_id = aws.external_id.take();
    let mut options = session_options(&aws)?;
    options.enters_roles = args.fleet.org || !args.fleet.role_arn.is_empty();
    if let Some(role) = &mut options.assume_role {
        role.external_id = external_id;
    }
    Ok(options)
}
