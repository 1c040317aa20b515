//! What earlier runs left: `diff`, `verify` and `history`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ListFormat, SelectArgs};

/// `probity diff`. Exit code 0 where nothing changed, 1 where something did.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The older snapshot, or run as JSON.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The newer one.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Mark the failures that this file excepts [default: exceptions.toml in the current directory, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) exceptions: Option<String>,
    /// The form of the answer.
    #[arg(short = 'f', long = "output-format", value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
}

/// `probity verify`. Exit code 0 where every file is as it was written, 1 where one is not.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The manifest.
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: PathBuf,
}

/// `probity history`.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// What to do with it [default: list the runs].
    #[command(subcommand)]
    pub(crate) command: Option<HistoryCommand>,
    /// The history: an SQLite file or a postgres:// URL.
    #[arg(long, value_name = "FILE|URL", global = true)]
    pub(crate) history: Option<String>,
    /// Read this configuration [default: probity.toml in the current directory, where there is one].
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The form of the list.
    #[arg(short = 'f', long = "output-format", value_name = "FORMAT", default_value = "table", global = true)]
    pub(crate) format: ListFormat,
}

/// What to do with a history.
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Show the failures of a kept run, with their ages.
    Show {
        /// The run's id, or how it begins.
        #[arg(value_name = "RUN")]
        run: String,
    },
    /// Forget old runs and what was fixed in them; what is open keeps its age.
    Prune {
        /// Forget what is older than so many days before the newest run.
        #[arg(long, value_name = "DAYS")]
        older_than: u32,
    },
}
