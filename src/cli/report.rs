//! What comes of an audit: reports, where they go, and when the program fails.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use probity_model::{Destination, Outcome, Severity};
use probity_reports::Format;

use crate::output::Target;

/// Where to send findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SendTo {
    /// AWS Security Hub CSPM of the session's Region, through BatchImportFindings.
    Securityhub,
}

impl From<SendTo> for Destination {
    fn from(to: SendTo) -> Self {
        match to {
            SendTo::Securityhub => Self::SecurityHub,
        }
    }
}

/// What to write, where, and when to fail.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// Mark the failures that this file excepts [default: exceptions.toml in the current directory, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) exceptions: Option<PathBuf>,
    /// Keep the run in this history, an SQLite file or a postgres:// URL, and say what is new, fixed and aging.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) history: Option<String>,
    /// Write the SHA-256 of every file of the run, and of its snapshot, to this file; `probity verify` checks it.
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Replace account ids, names and addresses, the same ones alike, so that reports can be shared.
    #[arg(long)]
    pub(crate) redact: bool,
    /// The secret that keeps replacements the same from run to run [default: another one in every run].
    #[arg(long, value_name = "TEXT", requires = "redact")]
    pub(crate) redact_salt: Option<String>,
    /// The format on standard output [default: table].
    #[arg(short = 'f', long = "output-format", value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Write a report to a file; the format follows from the ending unless given. May be repeated.
    #[arg(short = 'o', long = "output", value_name = "[FORMAT=]FILE")]
    pub(crate) outputs: Vec<Target>,
    /// Exit with 1 when an open finding is at least this bad: critical, high, medium, low, info or never; new-critical to
    /// new-info count only what is new in the history [default: high].
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// Show only findings at least this bad; score and counts stay those of the whole run.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,
    /// Show only findings with one of these statuses: fail, not-evaluated, manual, pass, not-applicable.
    #[arg(long, value_name = "STATUS,…", value_delimiter = ',')]
    pub(crate) status: Vec<Outcome>,
    /// Exit with 3 when anything that was asked for could not be read.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// The width of the table in columns [default: the terminal's, or 100].
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=500))]
    pub(crate) width: Option<u16>,
}

impl ReportArgs {
    /// Whether a report in this format is asked for.
    pub(crate) fn wants(&self, format: Format) -> bool {
        self.format == Some(format) || self.outputs.iter().any(|target| target.format == format)
    }
}

/// The least severity that fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailOn {
    /// An open finding at least this bad.
    Severity(Severity),
    /// An open finding at least this bad that is new in the history.
    New(Severity),
    /// Nothing.
    Never,
}

impl std::str::FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self::Never);
        }
        if let Some(Ok(severity)) = text.strip_prefix("new-").map(str::parse) {
            return Ok(Self::New(severity));
        }
        text.parse().map(Self::Severity).map_err(|_| format!("`{text}` is neither a severity nor `never`"))
    }
}

impl std::fmt::Display for FailOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Severity(severity) => severity.fmt(f),
            Self::New(severity) => write!(f, "new-{severity}"),
            Self::Never => f.write_str("never"),
        }
    }
}
