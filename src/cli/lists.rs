//! What the program knows: checks, frameworks, permissions, its configuration and its own manual.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{DetailLevel, EvidenceArgs, ReportArgs, SelectArgs};

/// The form of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// `probity checks`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// The form of the list.
    #[arg(short = 'f', long = "output-format", value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
}

/// `probity explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The check's id.
    #[arg(value_name = "CHECK")]
    pub(crate) check: String,
    /// Tell instead what the check says of this resource: an ARN, or the end of one such as user/anna.
    #[arg(long, value_name = "ARN", requires = "snapshot")]
    pub(crate) resource: Option<String>,
    /// The snapshot that the resource is judged in.
    #[arg(long, value_name = "FILE", requires = "resource")]
    pub(crate) snapshot: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `probity frameworks`.
#[derive(Debug, Args)]
pub(crate) struct FrameworksArgs {
    /// What to show [default: the list].
    #[command(subcommand)]
    pub(crate) command: Option<FrameworksCommand>,
}

/// What to show of the frameworks.
#[derive(Debug, Subcommand)]
pub(crate) enum FrameworksCommand {
    /// Show the controls of a framework, and the checks that answer them.
    Show {
        /// The framework's id, such as `cis-7.0`.
        #[arg(value_name = "FRAMEWORK")]
        framework: String,
    },
}

/// `probity permissions`.
#[derive(Debug, Args)]
pub(crate) struct PermissionsArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Leave out what only `--detail full` reads.
    #[arg(long, value_name = "LEVEL", default_value = "full")]
    pub(crate) detail: DetailLevel,
    /// The policy document, or a CloudFormation template of a role that has it.
    #[arg(long = "as", value_name = "FORM", default_value = "policy")]
    pub(crate) form: PermissionsForm,
}

/// The form in which `probity permissions` prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PermissionsForm {
    /// The policy document, as JSON.
    Policy,
    /// A CloudFormation template of a role.
    Cloudformation,
}

/// `probity config`. It takes the flags of `probity audit`, so that a whole command line can be looked at.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    /// Print JSON, parameters and severities of all checks included.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `probity man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for the program and one for each command into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) output_dir: Option<PathBuf>,
}

/// `probity completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}
