//! The commands that read and judge: `audit`, `collect`, `check` and `demo`.

use std::path::PathBuf;

use clap::Args;

use super::{AwsArgs, EvidenceArgs, ReportArgs, SelectArgs, SendTo};
use crate::delivery::Folder;

/// Which accounts to audit, where there are several, and how.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Several accounts")]
pub(crate) struct FleetArgs {
    /// Audit every account of the organization, from its management account or a delegated administrator.
    #[arg(long, conflicts_with = "role_arn")]
    pub(crate) org: bool,
    /// The role to assume in each account of the organization [default: probity-audit].
    #[arg(long, value_name = "NAME", requires = "org")]
    pub(crate) org_role: Option<String>,
    /// Audit only these accounts of the organization: ids, or files with one a line.
    #[arg(long, value_name = "ID|FILE,…", value_delimiter = ',', requires = "org")]
    pub(crate) accounts: Vec<String>,
    /// Audit only the accounts in and below these organizational units: ids or names.
    #[arg(long, value_name = "UNIT,…", value_delimiter = ',', requires = "org")]
    pub(crate) ou: Vec<String>,
    /// Leave out these accounts and organizational units.
    #[arg(long, value_name = "ID|UNIT,…", value_delimiter = ',', requires = "org")]
    pub(crate) exclude: Vec<String>,
    /// Audit the accounts of these roles, which are assumed: ARNs, or files with one a line.
    #[arg(long, value_name = "ARN|FILE,…", value_delimiter = ',')]
    pub(crate) role_arn: Vec<String>,
    /// How many accounts to audit at once.
    #[arg(long, value_name = "COUNT", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: u16,
    /// Give an account up that takes longer than so many seconds.
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) account_timeout: u64,
    /// Keep each account here as it is done: what was read and what was found. The folder is made anew, or the state lies
    /// below s3://BUCKET/PREFIX.
    #[arg(long, value_name = "FOLDER", conflicts_with = "resume")]
    pub(crate) state: Option<PathBuf>,
    /// Go on with a run that ended early, from its state in a folder or below s3://BUCKET/PREFIX.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) resume: Option<PathBuf>,
    /// Only begin: write the state with the list of its accounts, audit none, and report nothing.
    #[arg(long, requires = "state", conflicts_with_all = ["outputs", "output_dir", "send"])]
    pub(crate) plan_only: bool,
    /// Audit only these accounts of the state, and report nothing: ids, or files with one a line.
    #[arg(long, value_name = "ID|FILE,…", value_delimiter = ',', requires = "resume", conflicts_with_all = ["outputs", "output_dir", "send"])]
    pub(crate) part: Vec<String>,
}

/// `probity audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) aws: AwsArgs,
    #[command(flatten)]
    pub(crate) fleet: FleetArgs,
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    /// Keep what was read, to judge it again: FILE.json or FILE.json.zst.
    #[arg(long, value_name = "FILE", help_heading = "Evidence")]
    pub(crate) save_snapshot: Option<PathBuf>,
    /// Write a file an account and format into this folder, or below s3://BUCKET/PREFIX.
    #[arg(long, value_name = "[FORMAT,…=]FOLDER", help_heading = "Report")]
    pub(crate) output_dir: Option<Folder>,
    /// Send the findings there, too: the only thing that probity ever writes in AWS, and only when asked.
    #[arg(long, value_name = "WHERE", help_heading = "Report")]
    pub(crate) send: Option<SendTo>,
}

/// `probity collect`.
#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    #[command(flatten)]
    pub(crate) aws: AwsArgs,
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// The snapshot to write: FILE.json or FILE.json.zst.
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Exit with 3 when anything that was asked for could not be read.
    #[arg(long)]
    pub(crate) require_complete: bool,
}

/// `probity check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The snapshots to judge.
    #[arg(required = true, value_name = "SNAPSHOT")]
    pub(crate) snapshots: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// `probity demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    /// Keep what was read, to judge it again: FILE.json or FILE.json.zst.
    #[arg(long, value_name = "FILE", help_heading = "Evidence")]
    pub(crate) save_snapshot: Option<PathBuf>,
}
