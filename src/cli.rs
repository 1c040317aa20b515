//! The command line: what can be asked, in the words people know from the AWS CLI.

mod access;
mod audit;
mod kept;
mod lint;
mod lists;
mod report;
mod sources;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use access::{AccessArgs, AccessCommand, AnswerFormat, PathsArgs, QuestionArgs};
pub(crate) use audit::{AuditArgs, CheckArgs, CollectArgs, DemoArgs, FleetArgs};
pub(crate) use kept::{DiffArgs, HistoryArgs, HistoryCommand, VerifyArgs};
pub(crate) use lint::{LintArgs, LintFailOn, LintFormat, PolicyKind};
pub(crate) use lists::{
    CompletionsArgs, ConfigArgs, ExplainArgs, FrameworksArgs, FrameworksCommand, ListArgs, ListFormat, ManArgs,
    PermissionsArgs, PermissionsForm,
};
pub(crate) use report::{FailOn, ReportArgs, SendTo};
pub(crate) use sources::{AwsArgs, DetailLevel, EvidenceArgs, LastAccessedLevel, SelectArgs};

/// Audits the security posture of AWS accounts: it reads, it never writes.
#[derive(Debug, Parser)]
#[command(name = "probity", version, max_term_width = 100, propagate_version = true, args_override_self = true)]
#[command(after_help = "Exit codes: 0 nothing at or above --fail-on; 1 something is; 2 wrong usage or configuration; \
                        3 the audit could not be completed as asked.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// More about what happens, on standard error; twice for every call.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// Nothing on standard error but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// When to use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: ColorWhen,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
pub(crate) enum Command {
    /// Read the evidence from AWS, judge it, report.
    Audit(AuditArgs),
    /// Read the evidence from AWS into a snapshot, and stop there.
    Collect(CollectArgs),
    /// Judge snapshots again, without AWS.
    Check(CheckArgs),
    /// Run the whole audit on a recorded sample account; needs no AWS.
    Demo(DemoArgs),
    /// Answer who can do what, on live AWS or on a snapshot.
    Access(AccessArgs),
    /// Find what is wrong or unwise in policy documents: files, or those of an account.
    Lint(LintArgs),
    /// List the checks.
    Checks(ListArgs),
    /// Tell all about a check: what, why, when it passes and fails, parameters, evidence, controls, fix.
    Explain(ExplainArgs),
    /// List the frameworks, or show the controls of one and the checks that answer them.
    Frameworks(FrameworksArgs),
    /// Print the least IAM policy that the audit needs; --only, --skip and --severity narrow it.
    Permissions(PermissionsArgs),
    /// Show the configuration in force: every value, and where it came from.
    Config(ConfigArgs),
    /// Show what changed between two snapshots, or two runs as JSON: findings, and the changes behind them.
    Diff(DiffArgs),
    /// Check that the files of a run are as they were written.
    Verify(VerifyArgs),
    /// List the runs that a history keeps, with the trend of the score and the mean time to fix.
    History(HistoryArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for every command.
    Man(ManArgs),
}
