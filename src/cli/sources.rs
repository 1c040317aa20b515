//! What an audit reads, from where, and which checks judge it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use probity_model::Severity;

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
    /// How much to read that costs a call a user or resource: access-key ids, SSH keys, device models, user data, secrets,
    /// policies of resources [default: standard].
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
    /// Run only checks at least this severe; collection narrows with it.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) severity: Option<Severity>,
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
