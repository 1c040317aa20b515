//! What a state is of, `state.json`, and why one cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use probity_model::Severity;
use serde::{Deserialize, Serialize};

use super::plan::Target;
use crate::bucket::BucketError;

/// The name in the `format` field of a state.
const FORMAT: &str = "probity-state";
/// The version of the format that this release writes, and the only one that it reads.
const VERSION: u32 = 1;

/// The file of it.
pub(crate) const MANIFEST: &str = "state.json";

/// Why a folder cannot be used as a state.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// There is something already.
    #[error("--state {folder}: the folder is not empty; --resume goes on with a run that ended early", folder = .0.display())]
    NotEmpty(PathBuf),
    /// Not a state.
    #[error("--resume {folder}: this is not the state of a run: it has no {MANIFEST} that says `{FORMAT}`", folder = .0.display())]
    Foreign(PathBuf),
    /// Of another release's format.
    #[error("--resume {folder}: the state has format version {found}, and this release reads {VERSION}", folder = .folder.display())]
    Version {
        /// The folder.
        folder: PathBuf,
        /// What was found.
        found: u32,
    },
    /// Made by another release, whose checks may judge otherwise.
    #[error("--resume {folder}: the state was made by probity {found}, and this is {own}: the two may judge otherwise", folder = .folder.display(), own = env!("CARGO_PKG_VERSION"))]
    Release {
        /// The folder.
        folder: PathBuf,
        /// What was found.
        found: String,
    },
    /// Of other accounts.
    #[error("--resume {folder}: the state is of {found}, and this run would be of {asked}", folder = .folder.display())]
    Other {
        /// The folder.
        folder: PathBuf,
        /// Of what it is.
        found: String,
        /// What was asked for.
        asked: String,
    },
    /// Asked for with other options.
    #[error("--resume {folder}: the run was begun with other options: {what}. Repeat those it was begun with", folder = .folder.display())]
    Options {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        what: String,
    },
    /// Somebody else is at it.
    #[error("{folder}: another run is using this state", folder = .0.display())]
    InUse(PathBuf),
    /// An account that is not of it.
    #[error("--part {account}: the state {folder} has no such account", folder = .folder.display())]
    NoAccount {
        /// The folder.
        folder: PathBuf,
        /// What was given.
        account: String,
    },
    /// The bucket of the state refuses.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The disk refuses.
    #[error("{file}: {error}", file = .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// What a run was asked for: all that decides what an account's record holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// `--only`.
    pub(crate) only: Vec<String>,
    /// `--skip`.
    pub(crate) skip: Vec<String>,
    /// `--severity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<Severity>,
    /// `--detail`, `--last-accessed` and `--regions`, in words.
    pub(crate) evidence: String,
    /// The parameters and severities that differ from the defaults, in words.
    pub(crate) settings: Vec<String>,
}

impl Asked {
    /// What differs from another, in words.
    pub(super) fn difference(&self, found: &Self) -> Option<String> {
        let differ = |name: &str, found: &[String]| {
            format!("{name} {}", if found.is_empty() { "none".to_owned() } else { found.join(",") })
        };
        if self.only != found.only {
            return Some(differ("--only", &found.only));
        }
        if self.skip != found.skip {
            return Some(differ("--skip", &found.skip));
        }
        if self.severity != found.severity {
            return Some(differ("--severity", &Vec::from_iter(found.severity.map(|least| least.to_string()))));
        }
        if self.evidence != found.evidence {
            return Some(found.evidence.clone());
        }
        (self.settings != found.settings).then(|| differ("--set and configuration of checks:", &found.settings))
    }
}

/// What a run is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: String,
    version: u32,
    tool_version: String,
    /// The organization; none where the accounts were named one by one.
    pub(crate) organization: Option<String>,
    /// What was asked for.
    pub(crate) asked: Asked,
    /// The accounts.
    pub(crate) targets: Vec<Target>,
}

impl Manifest {
    pub(crate) fn new(organization: Option<String>, asked: Asked, targets: Vec<Target>) -> Self {
        let tool_version = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT.to_owned(), version: VERSION, tool_version, organization, asked, targets }
    }

    /// Of what it is, in words.
    pub(crate) fn whose(organization: Option<&str>) -> String {
        organization
            .map_or_else(|| "accounts that were named one by one".to_owned(), |id| format!("the organization {id}"))
    }
}

impl Manifest {
    /// Takes bytes for a manifest that this release can go on from.
    pub(crate) fn parse(bytes: &[u8], folder: &Path) -> Result<Self, StateError> {
        #[derive(Deserialize)]
        struct Head {
            format: Option<String>,
            version: Option<u32>,
            tool_version: Option<String>,
        }
        let foreign = || StateError::Foreign(folder.to_owned());
        let head: Head = serde_json::from_slice(bytes).map_err(|_| foreign())?;
        match (head.format.as_deref(), head.version) {
            (Some(FORMAT), Some(VERSION)) => {}
            (Some(FORMAT), Some(found)) => return Err(StateError::Version { folder: folder.to_owned(), found }),
            _ => return Err(foreign()),
        }
        if let Some(found) = head.tool_version.filter(|found| found != env!("CARGO_PKG_VERSION")) {
            return Err(StateError::Release { folder: folder.to_owned(), found });
        }
        serde_json::from_slice(bytes).map_err(|_| foreign())
    }
}
