//! Everything that ends the program early, with its exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use probity_checks::SettingsError;
use probity_history::HistoryError;
use probity_model::snapshot::SnapshotError;

/// Wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;
/// The audit could not be completed as asked.
pub(crate) const INCOMPLETE: u8 = 3;

/// Why the program ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A check, family, parameter or value that does not exist.
    #[error("{0}")]
    Settings(SettingsError),
    /// A configuration, or a file of exceptions, that cannot be used.
    #[error(transparent)]
    Configuration(#[from] probity_configuration::ConfigurationError),
    /// A configured value that cannot be used.
    #[error("{place}: {message}")]
    Value {
        /// The line of the file, the variable or the flag.
        place: String,
        /// What is wrong with it.
        message: String,
    },
    /// A snapshot that cannot be used.
    #[error("{file}: {error}", file = .file.display())]
    Snapshot {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        error: SnapshotError,
    },
    /// A file that cannot be read.
    #[error("cannot read {file}: {error}", file = .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write {file}: {error}{kept}", file = .file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
        /// What became of what was collected; empty where nothing was.
        kept: String,
    },
    /// A report that cannot be written.
    #[error("cannot write the {format} report to {to}: {error}")]
    Report {
        /// The format.
        format: probity_reports::Format,
        /// Where it should have gone.
        to: String,
        /// Why.
        error: probity_reports::ReportError,
    },
    /// Findings that could not be sent.
    #[error("the findings could not be sent to {to}: {gap}")]
    Send {
        /// Where they should have gone.
        to: probity_model::Destination,
        /// Which call failed, and why.
        gap: probity_model::Gap,
    },
    /// Findings that were not taken.
    #[error("{to} did not take {refused} of {all} findings: see above")]
    NotTaken {
        /// Where they should have gone.
        to: probity_model::Destination,
        /// How many were not taken.
        refused: usize,
        /// How many there were.
        all: usize,
    },
    /// A format that is no text, on a terminal.
    #[error("{0} is no text and has no place on a terminal: write it to a file with -o FILE.{0}")]
    NoText(probity_reports::Format),
    /// Something that only one account has.
    #[error("{0} is for one account: with several, --state FOLDER keeps what was read of each")]
    OneAccount(&'static str),
    /// A file that is only ever written here.
    #[error("{flag} {file}: this file is written on this machine only. Reports (-o, --output-dir) and --state may lie in a bucket", file = .file.display())]
    HereOnly {
        /// The option.
        flag: &'static str,
        /// What was given.
        file: PathBuf,
    },
    /// Several profiles where one is meant.
    #[error(
        "several profiles name several accounts: only `audit` takes them, and neither with --org nor with --role-arn"
    )]
    OneProfile,
    /// An external id without a role.
    #[error("--external-id goes with --assume-role, --org or --role-arn")]
    ExternalId,
    /// An option that goes with several accounts.
    #[error("{0} goes with several accounts: --org, --role-arn, or --profile more than once")]
    SeveralAccounts(&'static str),
    /// Several accounts cannot be planned.
    #[error(transparent)]
    Plan(#[from] crate::fleet::PlanError),
    /// A state of several accounts that cannot be used.
    #[error(transparent)]
    State(#[from] crate::fleet::StateError),
    /// A bucket that does not take or give what it should.
    #[error(transparent)]
    Bucket(#[from] crate::bucket::BucketError),
    /// Ended before anything was done.
    #[error("the run was ended before any account was read")]
    Ended,
    /// The findings of several accounts cannot be read back.
    #[error(transparent)]
    Findings(#[from] probity_reports::ReportError),
    /// An unknown framework.
    #[error("there is no framework `{given}`{hint} `probity frameworks` lists them all", hint = .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_else(|| ";".to_owned()))]
    Framework {
        /// What was given.
        given: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
    /// Questions about access cannot be answered at all.
    #[error("who can do what cannot be told: {0}")]
    Access(String),
    /// A check says nothing of a resource.
    #[error("{check} says nothing of `{resource}` in this snapshot; it speaks of: {others}")]
    Resource {
        /// The check.
        check: &'static str,
        /// What was given.
        resource: String,
        /// What it speaks of.
        others: String,
    },
    /// A graph of something that is none.
    #[error("only paths can be drawn as a graph: use -f table or -f json here")]
    NoGraph,
    /// No such principal.
    #[error("there is no user or role `{given}` in the account{hint}", hint = .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Principal {
        /// What was given.
        given: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
    /// Several principals of a name.
    #[error("`{given}` names several principals; give the ARN of one: {arns}")]
    Ambiguous {
        /// What was given.
        given: String,
        /// The ARNs.
        arns: String,
    },
    /// Two snapshots of one account.
    #[error("{}: another snapshot of the account {account} was given already; give one for each account", .file.display())]
    SameAccount {
        /// The second one.
        file: PathBuf,
        /// The account.
        account: String,
    },
    /// A resource without an action.
    #[error(
        "`{0}` is no bucket: say with --action what should be done with it, such as --action secretsmanager:GetSecretValue"
    )]
    NoAction(String),
    /// An action that is none.
    #[error("`{0}` is not an action: write SERVICE:NAME without wildcards, such as s3:GetObject")]
    Action(String),
    /// A `--context` that is not `KEY=VALUE`.
    #[error("--context {0}: write it as KEY=VALUE, such as aws:MultiFactorAuthPresent=true")]
    Context(String),
    /// A manifest that cannot be used.
    #[error("{file} is not a manifest of probity: {message}", file = .file.display())]
    Manifest {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Snapshots of different accounts.
    #[error(
        "the snapshots are of different accounts, {old} and {new}: compare two of the same account, or runs (-f json)"
    )]
    TwoAccounts {
        /// The account of the old one.
        old: String,
        /// The account of the new one.
        new: String,
    },
    /// A history that cannot be used.
    #[error(transparent)]
    History(#[from] probity_history::HistoryError),
    /// A question about a history without one.
    #[error("which history? Name it with --history FILE (or a postgres:// URL), PROBITY_HISTORY, or in probity.toml")]
    NoHistory,
    /// A check of one's own that cannot be used.
    #[error(transparent)]
    Rego(#[from] probity_rego::RegoError),
    /// AWS cannot be reached as asked.
    #[error(transparent)]
    Collect(#[from] probity_collect::CollectError),
    /// The sample account cannot be played back.
    #[error("the recorded sample account cannot be read: {0}")]
    Recording(String),
    /// The machine refuses something the program needs.
    #[error("{what}: {error}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        error: std::io::Error,
    },
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

impl Failure {
    /// An unknown framework, with the nearest there is.
    pub(crate) fn unknown_framework(given: &str, nearest: Option<&str>) -> Self {
        Self::Framework { given: given.to_owned(), nearest: nearest.map(str::to_owned) }
    }

    /// The exit code: 3 where the audit could not be completed, 2 for everything that is wrong with what was asked.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Collect(error) if error.is_about_access() => ExitCode::from(INCOMPLETE),
            Self::Access(_) | Self::Ended | Self::Send { .. } | Self::NotTaken { .. } => ExitCode::from(INCOMPLETE),
            Self::Plan(error) if error.is_about_access() => ExitCode::from(INCOMPLETE),
            Self::History(HistoryError::Busy { .. } | HistoryError::Refused { .. } | HistoryError::Damaged(_)) => {
                ExitCode::from(INCOMPLETE)
            }
            _ => ExitCode::from(USAGE),
        }
    }
}
