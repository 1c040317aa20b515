//! `probity access`: who can do what.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::AwsArgs;

/// `probity access`.
#[derive(Debug, Args)]
pub(crate) struct AccessArgs {
    /// The question.
    #[command(subcommand)]
    pub(crate) command: AccessCommand,
    #[command(flatten)]
    pub(crate) aws: AwsArgs,
    /// Answer from this snapshot instead of live AWS.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) snapshot: Option<PathBuf>,
    /// The form of the answer.
    #[arg(short = 'f', long = "output-format", value_name = "FORMAT", default_value = "table", global = true)]
    pub(crate) format: AnswerFormat,
}

/// The form of answers about access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// Paths as a graph for Graphviz.
    Dot,
    /// Paths as a graph for Mermaid.
    Mermaid,
}

/// A question about access.
#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// May this principal do this action on this resource? Exit code 0 when it may for sure, 1 otherwise.
    Can {
        /// The user or role: its ARN, its name, user/NAME or role/NAME.
        #[arg(value_name = "PRINCIPAL")]
        principal: String,
        #[command(flatten)]
        question: QuestionArgs,
    },
    /// Who may do this action on this resource?
    WhoCan {
        #[command(flatten)]
        question: QuestionArgs,
    },
    /// Who is an administrator, by effect and not by name?
    Admins,
    /// Who can become administrator or another principal, or reach a resource, through which steps?
    Paths(PathsArgs),
    /// What may this principal do, by service and access level?
    Summary {
        /// The user or role: its ARN, its name, user/NAME or role/NAME.
        #[arg(value_name = "PRINCIPAL")]
        principal: String,
    },
}

/// `probity access paths`.
#[derive(Debug, Args)]
pub(crate) struct PathsArgs {
    /// Answer from these snapshots instead of live AWS: one for each account, with the ways between them.
    #[arg(value_name = "SNAPSHOT", conflicts_with = "snapshot")]
    pub(crate) snapshots: Vec<PathBuf>,
    /// Only paths from this user or role, or from `outside`: identity providers and other accounts that roles trust.
    #[arg(long, value_name = "PRINCIPAL|outside")]
    pub(crate) from: Option<String>,
    /// Paths to `admin`, any administrator; to this user or role; or to whoever may use the resource with this ARN.
    #[arg(long, value_name = "admin|PRINCIPAL|ARN", default_value = "admin")]
    pub(crate) to: String,
    /// What should be done with the resource [default: s3:GetObject on the objects of a bucket].
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<String>,
}

/// An action on a resource.
#[derive(Debug, Clone, Args)]
pub(crate) struct QuestionArgs {
    /// The action, such as s3:GetObject.
    #[arg(value_name = "ACTION")]
    pub(crate) action: String,
    /// The resource's ARN; with wildcards, all that match it; `*` for actions that have no resource.
    #[arg(value_name = "RESOURCE", default_value = "*")]
    pub(crate) resource: String,
    /// A condition key of the request; keys that are not given stay open.
    #[arg(long, value_name = "KEY=VALUE,…")]
    pub(crate) context: Vec<String>,
}
