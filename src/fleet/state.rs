//! The state of a run of several accounts, on disk: what is done stays done, whenever the run ends. `docs/organization.md`
//! describes the folder.
//!
//! Every file appears whole or not at all, and the record of an account is written last: where it is, the account is done.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use probity_model::run::part::AccountPart;
use probity_model::{AccountId, GapKind, Snapshot};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::plan::Target;
use super::stored::Piece;
use crate::failure::Failure;
use crate::{atomic, snapshot_file};

/// The name in the `format` field of a state.
const FORMAT: &str = "probity-state";
/// The version of the format that this release writes, and the only one that it reads.
const VERSION: u32 = 1;

const MANIFEST: &str = "state.json";
const LOCK: &str = "lock";
const RECORD: &str = "record.json";
const SNAPSHOT: &str = "snapshot.json.zst";
const FINDINGS: &str = "findings.jsonl.zst";

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
    /// `--detail`, `--last-accessed` and `--regions`, in words.
    pub(crate) evidence: String,
    /// The parameters and severities that differ from the defaults, in words.
    pub(crate) settings: Vec<String>,
}

impl Asked {
    /// What differs from another, in words.
    fn difference(&self, found: &Self) -> Option<String> {
        let differ = |name: &str, found: &[String]| {
            format!("{name} {}", if found.is_empty() { "none".to_owned() } else { found.join(",") })
        };
        if self.only != found.only {
            return Some(differ("--only", &found.only));
        }
        if self.skip != found.skip {
            return Some(differ("--skip", &found.skip));
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

/// What is kept of an account beside its snapshot and its findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What the whole is assembled from.
    pub(crate) part: AccountPart,
    /// Where its findings are.
    pub(crate) pieces: Vec<Piece>,
}

impl Record {
    /// Whether there is nothing left to try: the account was read, and neither an end of the credentials nor of the run cut
    /// it short.
    pub(crate) fn is_final(&self) -> bool {
        let cut = |kind| matches!(kind, GapKind::Credentials | GapKind::Interrupted);
        self.part.failure.is_none() && !self.part.gaps.iter().any(|report| cut(report.gap.kind))
    }
}

/// The folder of a run.
pub(crate) struct State {
    folder: PathBuf,
    pub(crate) manifest: Manifest,
    _lock: File,
    /// Keeps a folder that nobody asked for until the run is over.
    _temporary: Option<TempDir>,
}

impl State {
    /// Begins a state in a folder that is empty or not there, or in one that lasts as long as the run.
    pub(crate) fn create(folder: Option<&Path>, manifest: Manifest) -> Result<Self, StateError> {
        let failed = |file: &Path| {
            let file = file.to_owned();
            |error| StateError::Io { file, error }
        };
        let temporary = match folder {
            Some(_) => None,
            None => {
                let place = std::env::temp_dir();
                Some(tempfile::Builder::new().prefix("probity-").tempdir().map_err(failed(&place))?)
            }
        };
        let folder = match (folder, &temporary) {
            (None, Some(temporary)) => temporary.path().to_owned(),
            (given, _) => given.unwrap_or(Path::new(".")).to_owned(),
        };
        atomic::create_private(&folder).map_err(failed(&folder))?;
        let lock = lock(&folder)?;
        let others = fs::read_dir(&folder).map_err(failed(&folder))?.filter_map(Result::ok);
        if others.into_iter().any(|entry| entry.file_name() != LOCK) {
            return Err(StateError::NotEmpty(folder));
        }
        let state = Self { folder, manifest, _lock: lock, _temporary: temporary };
        state.write_json(&state.folder.join(MANIFEST), &state.manifest)?;
        Ok(state)
    }

    /// Opens the state of a run that ended.
    pub(crate) fn open(folder: &Path) -> Result<Self, StateError> {
        #[derive(Deserialize)]
        struct Head {
            format: Option<String>,
            version: Option<u32>,
            tool_version: Option<String>,
        }
        let foreign = || StateError::Foreign(folder.to_owned());
        let bytes = fs::read(folder.join(MANIFEST)).map_err(|_| foreign())?;
        let head: Head = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
        match (head.format.as_deref(), head.version) {
            (Some(FORMAT), Some(VERSION)) => {}
            (Some(FORMAT), Some(found)) => return Err(StateError::Version { folder: folder.to_owned(), found }),
            _ => return Err(foreign()),
        }
        if let Some(found) = head.tool_version.filter(|found| found != env!("CARGO_PKG_VERSION")) {
            return Err(StateError::Release { folder: folder.to_owned(), found });
        }
        let lock = lock(folder)?;
        let manifest = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
        let state = Self { folder: folder.to_owned(), manifest, _lock: lock, _temporary: None };
        state.tidy();
        Ok(state)
    }

    /// Refuses a run that asks for something else.
    pub(crate) fn check(&self, asked: &Asked) -> Result<(), StateError> {
        match asked.difference(&self.manifest.asked) {
            Some(what) => Err(StateError::Options { folder: self.folder.clone(), what }),
            None => Ok(()),
        }
    }

    /// Refuses a run of other accounts.
    pub(crate) fn refuse(&self, asked: String) -> StateError {
        let found = Manifest::whose(self.manifest.organization.as_deref());
        StateError::Other { folder: self.folder.clone(), found, asked }
    }

    /// Whether the folder is still there when the run is over.
    pub(crate) fn is_kept(&self) -> bool {
        self._temporary.is_none()
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The record of an account, or of the organization; none where it is not done.
    pub(crate) fn record(&self, account: Option<&AccountId>) -> Result<Option<Record>, StateError> {
        self.read_json(&self.place(account).join(RECORD))
    }

    /// Keeps what was read of an account, or of the organization.
    pub(crate) fn keep_snapshot(&self, account: Option<&AccountId>, snapshot: &Snapshot) -> Result<(), StateError> {
        let folder = self.prepare(account)?;
        let file = folder.join(SNAPSHOT);
        snapshot_file::write(&file, snapshot).map_err(|error| StateError::Io { file, error })
    }

    /// What was read of an account, or of the organization.
    pub(crate) fn snapshot(&self, account: Option<&AccountId>) -> Result<Snapshot, Failure> {
        snapshot_file::read(&self.place(account).join(SNAPSHOT))
    }

    /// Keeps findings and record: from then on, the account is done.
    pub(crate) fn keep(
        &self,
        account: Option<&AccountId>,
        part: AccountPart,
        findings: &[probity_model::Finding],
    ) -> Result<(), StateError> {
        let folder = self.prepare(account)?;
        let file = folder.join(FINDINGS);
        let pieces = super::stored::write(&file, findings).map_err(|error| StateError::Io { file, error })?;
        self.write_json(&folder.join(RECORD), &Record { part, pieces })
    }

    /// The file with the findings of an account, or of the organization.
    pub(crate) fn findings(&self, account: Option<&AccountId>) -> PathBuf {
        self.place(account).join(FINDINGS)
    }

    fn place(&self, account: Option<&AccountId>) -> PathBuf {
        match account {
            Some(account) => self.folder.join("accounts").join(account.as_str()),
            None => self.folder.join("organization"),
        }
    }

    fn prepare(&self, account: Option<&AccountId>) -> Result<PathBuf, StateError> {
        let folder = self.place(account);
        atomic::create_private(&folder).map_err(|error| StateError::Io { file: folder.clone(), error })?;
        Ok(folder)
    }

    fn write_json(&self, file: &Path, value: &impl Serialize) -> Result<(), StateError> {
        let written = atomic::write(file, |to| {
            serde_json::to_writer(&mut *to, value)?;
            to.write_all(b"\n")
        });
        written.map_err(|error| StateError::Io { file: file.to_owned(), error })
    }

    fn read_json<T: DeserializeOwned>(&self, file: &Path) -> Result<Option<T>, StateError> {
        let failed = |error| StateError::Io { file: file.to_owned(), error };
        match fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| failed(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Takes away what a run that was killed had begun to write.
    fn tidy(&self) {
        let accounts = fs::read_dir(self.folder.join("accounts")).into_iter().flatten().filter_map(Result::ok);
        let folders = accounts.map(|entry| entry.path()).chain([self.folder.clone(), self.folder.join("organization")]);
        for folder in folders {
            for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
                if entry.file_name().to_string_lossy().starts_with(atomic::PREFIX) {
                    // What cannot be taken away disturbs nobody.
                    let _ = fs::remove_file(entry.path());
                }
            }
        }
    }
}

/// Keeps a second run out; the lock ends with the process, however that ends.
fn lock(folder: &Path) -> Result<File, StateError> {
    let file = folder.join(LOCK);
    let failed = |error| StateError::Io { file: file.clone(), error };
    let lock = File::options().create(true).truncate(false).write(true).open(&file).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StateError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked { only: Vec::new(), skip: Vec::new(), evidence: "--detail standard".to_owned(), settings: Vec::new() }
    }

    fn manifest() -> Manifest {
        Manifest::new(Some("o-1".to_owned()), asked(), Vec::new())
    }

    fn error(result: Result<State, StateError>) -> String {
        result.map(|_| ()).expect_err("an error").to_string()
    }

    #[test]
    fn a_state_is_found_again_and_a_second_run_is_kept_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("state");
        let state = State::create(Some(&place), manifest()).expect("a state");
        assert!(error(State::open(&place)).contains("another run"));
        drop(state);
        assert!(error(State::create(Some(&place), manifest())).contains("not empty"));
        let state = State::open(&place).expect("a state");
        assert_eq!(state.manifest, manifest());
        assert!(state.check(&asked()).is_ok());
        let other = Asked { only: vec!["family:root".to_owned()], ..asked() };
        assert!(state.check(&other).expect_err("other options").to_string().contains("--only none"));
        assert!(state.refuse("the organization o-2".to_owned()).to_string().contains("o-1"));
    }

    #[test]
    fn what_is_no_state_of_this_format_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(error(State::open(folder.path())).contains("not the state of a run"));
        let write = |text: &str| fs::write(folder.path().join(MANIFEST), text).expect("written");
        write("{}");
        assert!(error(State::open(folder.path())).contains("not the state of a run"));
        write(r#"{"format": "probity-state", "version": 2}"#);
        assert!(error(State::open(folder.path())).contains("version 2"));
        write(r#"{"format": "probity-state", "version": 1, "tool_version": "0.0.9"}"#);
        assert!(error(State::open(folder.path())).contains("0.0.9"));
    }

    #[test]
    fn a_temporary_state_is_gone_when_the_run_is_over() {
        let state = State::create(None, manifest()).expect("a state");
        let folder = state.folder().to_owned();
        assert!(folder.is_dir() && !state.is_kept());
        drop(state);
        assert!(!folder.exists());
    }
}
