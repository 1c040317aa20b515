//! The state of a run of several accounts, on disk or in a bucket: what is done stays done, whenever the run ends.
//! `docs/organization.md` describes the folder.
//!
//! Every file appears whole or not at all, and the record of an account is written last: where it is, the account is done.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use probity_model::credentials::UserCredentials;
use probity_model::run::part::AccountPart;
use probity_model::{AccountId, GapKind, Snapshot};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::manifest::{Asked, MANIFEST, Manifest, StateError};
use super::plan::Way;
use super::remote::Remote;
use super::stored::Piece;
use crate::failure::Failure;
use crate::{atomic, digest, snapshot_file};

/// The accounts that can be entered, as a JSON array of their ids: what fans an audit out over machines reads.
const ACCOUNTS: &str = "accounts.json";
const LOCK: &str = "lock";
const RECORD: &str = "record.json";
const SNAPSHOT: &str = "snapshot.json.zst";
const FINDINGS: &str = "findings.jsonl.zst";

/// What is kept of an account beside its snapshot and its findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What the whole is assembled from.
    pub(crate) part: AccountPart,
    /// Where its findings are.
    pub(crate) pieces: Vec<Piece>,
    /// The SHA-256 of the file with its findings. In a bucket, the two can be of different runs.
    #[serde(default)]
    findings_sha256: String,
}

impl Record {
    /// Whether there is nothing left to try: the account was read, and neither an end of the credentials nor of the run cut
    /// it short.
    pub(crate) fn is_final(&self) -> bool {
        let cut = |kind| matches!(kind, GapKind::Credentials | GapKind::Interrupted);
        self.part.failure.is_none() && !self.part.gaps.iter().any(|report| cut(report.gap.kind))
    }
}

/// Where a state lies.
pub(crate) enum Place<'p> {
    /// In a folder that lasts as long as the run.
    Temporary,
    /// In this folder.
    Folder(&'p Path),
    /// In a bucket.
    Bucket(Remote),
}

/// The same, with the folder that is worked in.
struct Placed {
    folder: PathBuf,
    /// What the user calls it.
    name: PathBuf,
    temporary: Option<TempDir>,
    remote: Option<Remote>,
}

impl Place<'_> {
    fn settle(self) -> Result<Placed, StateError> {
        let remote = match self {
            Self::Folder(folder) => {
                let (folder, name) = (folder.to_owned(), folder.to_owned());
                return Ok(Placed { folder, name, temporary: None, remote: None });
            }
            Self::Temporary => None,
            Self::Bucket(remote) => Some(remote),
        };
        let failed = |error| StateError::Io { file: std::env::temp_dir(), error };
        let temporary = tempfile::Builder::new().prefix("probity-").tempdir().map_err(failed)?;
        let folder = temporary.path().to_owned();
        let name = remote.as_ref().map_or_else(|| folder.clone(), |remote| PathBuf::from(remote.address()));
        Ok(Placed { folder, name, temporary: Some(temporary), remote })
    }
}

/// The folder of a run.
pub(crate) struct State {
    folder: PathBuf,
    /// What the user calls it.
    name: PathBuf,
    pub(crate) manifest: Manifest,
    _lock: File,
    /// Keeps a folder that nobody asked for until the run is over.
    _temporary: Option<TempDir>,
    /// Where the state lies, where that is not the folder.
    remote: Option<Remote>,
}

impl State {
    /// Begins a state in a place where there is nothing yet.
    pub(crate) fn create(
        place: Place<'_>,
        manifest: Manifest,
        organization: Option<&Snapshot>,
    ) -> Result<Self, StateError> {
        let Placed { folder, name, temporary, remote } = place.settle()?;
        let failed = |error| StateError::Io { file: folder.clone(), error };
        atomic::create_private(&folder).map_err(failed)?;
        let lock = lock(&folder)?;
        if let Some(remote) = &remote
            && remote.get(MANIFEST, &folder.join(MANIFEST))?
        {
            return Err(StateError::NotEmpty(name));
        }
        let others = fs::read_dir(&folder).map_err(failed)?.filter_map(Result::ok);
        if others.into_iter().any(|entry| entry.file_name() != LOCK) {
            return Err(StateError::NotEmpty(name));
        }
        let state = Self { folder, name, manifest, _lock: lock, _temporary: temporary, remote };
        let file = state.folder.join(MANIFEST);
        state.write_json(&file, &state.manifest)?;
        if let Some(snapshot) = organization {
            state.keep_snapshot(None, snapshot)?;
        }
        let enterable = state.manifest.targets.iter().filter(|target| !matches!(target.entry, Way::Closed(_)));
        let accounts: Vec<&AccountId> = enterable.map(|target| &target.account).collect();
        state.write_json(&state.folder.join(ACCOUNTS), &accounts)?;
        state.send(&state.folder.join(ACCOUNTS))?;
        // Last: a beginning that failed midway can be tried again.
        if let Some(remote) = &state.remote
            && !remote.put_new(&file, MANIFEST)?
        {
            return Err(StateError::NotEmpty(state.name));
        }
        Ok(state)
    }

    /// Opens the state of a run that ended, or that was planned.
    pub(crate) fn open(place: Place<'_>) -> Result<Self, StateError> {
        let Placed { folder, name, temporary, remote } = place.settle()?;
        if let Some(remote) = &remote {
            remote.get(MANIFEST, &folder.join(MANIFEST))?;
        }
        let bytes = fs::read(folder.join(MANIFEST)).map_err(|_| StateError::Foreign(name.clone()))?;
        let manifest = Manifest::parse(&bytes, &name)?;
        let lock = lock(&folder)?;
        let state = Self { folder, name, manifest, _lock: lock, _temporary: temporary, remote };
        state.tidy();
        Ok(state)
    }

    /// Refuses a run that asks for something else.
    pub(crate) fn check(&self, asked: &Asked) -> Result<(), StateError> {
        match asked.difference(&self.manifest.asked) {
            Some(what) => Err(StateError::Options { folder: self.name.clone(), what }),
            None => Ok(()),
        }
    }

    /// Refuses a run of other accounts.
    pub(crate) fn refuse(&self, asked: String) -> StateError {
        let found = Manifest::whose(self.manifest.organization.as_deref());
        StateError::Other { folder: self.name.clone(), found, asked }
    }

    /// Whether it is still there when the run is over.
    pub(crate) fn is_kept(&self) -> bool {
        self._temporary.is_none() || self.remote.is_some()
    }

    /// What the user calls it.
    pub(crate) fn name(&self) -> &Path {
        &self.name
    }

    /// Brings here what is kept of these accounts, where the state lies in a bucket. Two runs may have written an account at
    /// the same time: where its record is not of its findings, it is not done.
    pub(crate) fn fetch(&self, accounts: &[AccountId]) -> Result<(), StateError> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let files =
            accounts.iter().flat_map(|account| [FINDINGS, RECORD].map(|name| format!("accounts/{account}/{name}")));
        remote.get_all(&self.folder, files.collect())?;
        for account in accounts {
            let Some(record) = self.record(Some(account))? else { continue };
            if !digest::of_file(&self.findings(Some(account))).is_ok_and(|found| found.sha256 == record.findings_sha256)
            {
                let file = self.place(Some(account)).join(RECORD);
                fs::remove_file(&file).map_err(|error| StateError::Io { file, error })?;
            }
        }
        Ok(())
    }

    /// Brings a file that was written here to the bucket, where the state lies in one.
    fn send(&self, file: &Path) -> Result<(), StateError> {
        if let Some(remote) = &self.remote {
            remote.put(file, &self.relative(file))?;
        }
        Ok(())
    }

    /// A file's name in the state, which has slashes everywhere.
    fn relative(&self, file: &Path) -> String {
        let parts = file.strip_prefix(&self.folder).unwrap_or(file).components();
        let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    /// The record of an account, or of the organization; none where it is not done.
    pub(crate) fn record(&self, account: Option<&AccountId>) -> Result<Option<Record>, StateError> {
        self.read_json(&self.place(account).join(RECORD))
    }

    /// The record of an account that is done.
    pub(crate) fn done(&self, account: &AccountId) -> Result<Record, StateError> {
        self.record(Some(account))?.ok_or_else(|| self.lost(account))
    }

    /// The credentials of the users of an account that is done.
    pub(crate) fn credentials(&self, account: &AccountId) -> Result<Vec<UserCredentials>, StateError> {
        /// A record of which nothing else is looked at.
        #[derive(Deserialize)]
        struct Glance {
            part: Part,
        }
        #[derive(Deserialize)]
        struct Part {
            credentials: Vec<UserCredentials>,
        }
        let glance: Option<Glance> = self.read_json(&self.place(Some(account)).join(RECORD))?;
        glance.map(|glance| glance.part.credentials).ok_or_else(|| self.lost(account))
    }

    /// The record of an account is gone since it was seen.
    fn lost(&self, account: &AccountId) -> StateError {
        let file = self.place(Some(account)).join(RECORD);
        StateError::Io { file, error: io::Error::new(io::ErrorKind::NotFound, "it was there when the run began") }
    }

    /// Keeps what was read of an account, or of the organization.
    pub(crate) fn keep_snapshot(&self, account: Option<&AccountId>, snapshot: &Snapshot) -> Result<(), StateError> {
        let folder = self.prepare(account)?;
        let file = folder.join(SNAPSHOT);
        snapshot_file::write(&file, snapshot).map_err(|error| StateError::Io { file: file.clone(), error })?;
        self.send(&file)
    }

    /// What was read of an account, or of the organization.
    pub(crate) fn snapshot(&self, account: Option<&AccountId>) -> Result<Snapshot, Failure> {
        let file = self.place(account).join(SNAPSHOT);
        if let Some(remote) = self.remote.as_ref().filter(|_| !file.exists()) {
            remote.get(&self.relative(&file), &file)?;
        }
        snapshot_file::read(&file)
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
        let failed = |error| StateError::Io { file: file.clone(), error };
        let pieces = super::stored::write(&file, findings).map_err(failed)?;
        let findings_sha256 = digest::of_file(&file).map_err(failed)?.sha256;
        self.send(&file)?;
        let record = folder.join(RECORD);
        self.write_json(&record, &Record { part, pieces, findings_sha256 })?;
        self.send(&record)
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
        Asked {
            only: Vec::new(),
            skip: Vec::new(),
            severity: None,
            evidence: "--detail standard".to_owned(),
            settings: Vec::new(),
        }
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
        let state = State::create(Place::Folder(&place), manifest(), None).expect("a state");
        assert!(error(State::open(Place::Folder(&place))).contains("another run"));
        drop(state);
        assert!(error(State::create(Place::Folder(&place), manifest(), None)).contains("not empty"));
        let state = State::open(Place::Folder(&place)).expect("a state");
        assert_eq!(state.manifest, manifest());
        assert!(state.check(&asked()).is_ok());
        let other = Asked { only: vec!["family:root".to_owned()], ..asked() };
        assert!(state.check(&other).expect_err("other options").to_string().contains("--only none"));
        let severe = Asked { severity: Some(probity_model::Severity::High), ..asked() };
        assert!(state.check(&severe).expect_err("other options").to_string().contains("--severity none"));
        assert!(state.refuse("the organization o-2".to_owned()).to_string().contains("o-1"));
    }

    #[test]
    fn what_is_no_state_of_this_format_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(error(State::open(Place::Folder(folder.path()))).contains("not the state of a run"));
        let write = |text: &str| fs::write(folder.path().join(MANIFEST), text).expect("written");
        write("{}");
        assert!(error(State::open(Place::Folder(folder.path()))).contains("not the state of a run"));
        write(r#"{"format": "probity-state", "version": 2}"#);
        assert!(error(State::open(Place::Folder(folder.path()))).contains("version 2"));
        write(r#"{"format": "probity-state", "version": 1, "tool_version": "0.0.9"}"#);
        assert!(error(State::open(Place::Folder(folder.path()))).contains("0.0.9"));
    }

    #[test]
    fn a_temporary_state_is_gone_when_the_run_is_over() {
        let state = State::create(Place::Temporary, manifest(), None).expect("a state");
        let folder = state.folder.clone();
        assert!(folder.is_dir() && !state.is_kept());
        drop(state);
        assert!(!folder.exists());
    }
}
