//! `probity lint`: what is wrong in policy documents.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::AwsArgs;

/// `probity lint`.
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Files with a policy document each; `-` for standard input.
    #[arg(value_name = "FILE", required_unless_present_any = ["snapshot", "account"])]
    pub(crate) files: Vec<PathBuf>,
    /// What the documents are attached to [default: guessed from each].
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<PolicyKind>,
    /// Every policy document in this snapshot.
    #[arg(long, value_name = "FILE")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Every policy document of the live account.
    #[arg(long)]
    pub(crate) account: bool,
    /// The form of the findings.
    #[arg(short = 'f', long = "output-format", value_name = "FORMAT", default_value = "table")]
    pub(crate) format: LintFormat,
    /// Exit with 1 when a finding is at least this grave.
    #[arg(long, value_name = "GRAVITY", default_value = "security-warning")]
    pub(crate) fail_on: LintFailOn,
    #[command(flatten)]
    pub(crate) aws: AwsArgs,
}

/// What a policy document is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyKind {
    /// A policy of a user, group, role or permission set, or a permissions boundary.
    Identity,
    /// A policy of a resource, such as a bucket.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
}

/// The form of lint findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// A line a finding, as compilers write them.
    Table,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// The least gravity that fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFailOn {
    /// The document does not work.
    Error,
    /// It allows more than it seems to.
    SecurityWarning,
    /// It works, but probably not as it was meant.
    Warning,
    /// It could be simpler or clearer.
    Suggestion,
    /// Nothing fails the run.
    Never,
}
