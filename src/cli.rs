//! The command line: what can be asked, in the words people know from the AWS CLI.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use probity_model::{Destination, Outcome, Severity};
use probity_reports::Format;

use crate::delivery::Folder;
use crate::output::Target;

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
    /// Print the least IAM policy that the audit needs; --only and --skip narrow it.
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

/// How to reach AWS.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub(crate) struct AwsArgs {
    /// The profile of the AWS configuration to use; of `audit` several, one an account.
    #[arg(long, global = true, value_name = "NAME", action = clap::ArgAction::Append)]
    pub(crate) profile: Vec<String>,
    /// The Region to begin in; global services follow its partition.
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Ask this endpoint instead of AWS's own.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Use endpoints that are validated under FIPS 140.
    #[arg(long, global = true)]
    pub(crate) use_fips: bool,
    /// Assume this role first.
    #[arg(long, global = true, value_name = "ARN")]
    pub(crate) assume_role: Option<String>,
    /// The external id that the trust policies of the roles to assume demand.
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// The time to take for now, so that an emulated or recorded account gives the same ages for ever.
    #[arg(long, global = true, value_name = "TIMESTAMP", hide = true)]
    pub(crate) now: Option<probity_model::Timestamp>,
}

/// What to read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Evidence")]
pub(crate) struct EvidenceArgs {
    /// Read Regional evidence only in these Regions [default: every enabled Region].
    #[arg(long, value_name = "REGION,…", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,
    /// How much to read that costs a call a user or resource: access-key ids, SSH keys, device models, user data, policies of resources [default: standard].
    #[arg(long, value_name = "LEVEL")]
    pub(crate) detail: Option<DetailLevel>,
    /// Whose service last accessed data to read [default: all, above 1,000 principals privileged].
    #[arg(long, value_name = "WHOSE")]
    pub(crate) last_accessed: Option<LastAccessedLevel>,
}

/// How much to read that costs a call a user or resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DetailLevel {
    /// Nothing that costs a call a user or resource.
    Standard,
    /// Everything.
    Full,
}

/// Whose service last accessed data to read: one job a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LastAccessedLevel {
    /// Nobody's.
    None,
    /// That of principals with administrative policies.
    Privileged,
    /// Everyone's.
    All,
}

/// Which checks to run, and how.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Checks")]
pub(crate) struct SelectArgs {
    /// Run only these checks, or `family:NAME`; collection narrows with it.
    #[arg(long, value_name = "CHECK,…", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Leave these checks out, or `family:NAME`.
    #[arg(long, value_name = "CHECK,…", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
    /// Run only the checks that answer this framework, such as cis-7.0, and report its controls. May be repeated.
    #[arg(long = "framework", value_name = "FRAMEWORK")]
    pub(crate) frameworks: Vec<String>,
    /// The same with a framework of your own, from a TOML file. May be repeated.
    #[arg(long = "framework-file", value_name = "FILE")]
    pub(crate) framework_files: Vec<PathBuf>,
    /// Judge with the checks of your own in this folder too: Rego, one file a check.
    #[arg(long, value_name = "DIR")]
    pub(crate) checks_dir: Option<PathBuf>,
    /// Set a parameter of a check; lists are separated by commas.
    #[arg(long = "set", value_name = "CHECK.PARAMETER=VALUE")]
    pub(crate) set: Vec<String>,
    /// Read this configuration [default: probity.toml in the current directory, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

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

/// `probity completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}
