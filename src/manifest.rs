//! `--manifest` and `probity verify`: which files belong to a run, and whether they are still what was written.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use probity_model::{Run, Timestamp};
use probity_reports::plain;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::{atomic, output};

/// The name in the `format` field of a manifest.
const FORMAT: &str = "probity-manifest";
/// The version of the format that this release writes, and the newest that it reads.
const VERSION: u32 = 1;

/// The files of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: String,
    version: u32,
    /// The release that wrote the files.
    tool_version: String,
    /// The run's id.
    run: String,
    /// When the files were written.
    written_at: Timestamp,
    accounts: Vec<Account>,
    files: Vec<Listed>,
}

/// An account of the run.
#[derive(Debug, Serialize, Deserialize)]
struct Account {
    account: String,
    /// The principal the audit ran as.
    caller: Option<String>,
    taken_at: Timestamp,
    finished_at: Timestamp,
}

/// A file.
#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    /// Where it is: from the folder of the manifest, or from the root where it lies elsewhere.
    file: String,
    /// `snapshot`, or the format of a report.
    holds: String,
    bytes: u64,
    sha256: String,
}

/// Writes the manifest of a run, as it is shown in its reports.
pub(crate) fn write(manifest: &Path, run: &Run, files: &[(PathBuf, String)]) -> Result<(), Failure> {
    let listed = files
        .iter()
        .map(|(file, holds)| {
            let (bytes, sha256) = digest(file).map_err(|error| Failure::Read { file: file.clone(), error })?;
            Ok(Listed { file: relative(manifest, file), holds: holds.clone(), bytes, sha256 })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let accounts = run.accounts.iter().map(|account| Account {
        account: account.account.to_string(),
        caller: account.caller.as_ref().map(ToString::to_string),
        taken_at: account.taken_at,
        finished_at: account.finished_at,
    });
    let content = Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        run: run.id.clone(),
        written_at: Timestamp::now(),
        accounts: accounts.collect(),
        files: listed,
    };
    let written = atomic::write(manifest, |to| {
        serde_json::to_writer_pretty(&mut *to, &content)?;
        to.write_all(b"\n")
    });
    written.map_err(|error| Failure::Write { file: manifest.to_owned(), error, kept: String::new() })
}

/// `probity verify`.
pub(crate) fn verify(file: &Path) -> Result<ExitCode, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::Read { file: file.to_owned(), error })?;
    let wrong = |message: String| Failure::Manifest { file: file.to_owned(), message };
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(wrong(format!("it has no `format` field that says `{FORMAT}`")));
    }
    if manifest.version > VERSION {
        return Err(wrong(format!(
            "it has format version {}, and this release reads up to {VERSION}: use a newer probity",
            manifest.version
        )));
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut out = String::new();
    let mut sound = true;
    for listed in &manifest.files {
        let verdict = match digest(&folder.join(&listed.file)) {
            Ok((bytes, sha256)) if bytes == listed.bytes && sha256 == listed.sha256 => "unchanged".to_owned(),
            Ok((_, sha256)) => format!("CHANGED: SHA-256 is {sha256}, was {}", listed.sha256),
            Err(error) if error.kind() == io::ErrorKind::NotFound => "MISSING".to_owned(),
            Err(error) => format!("UNREADABLE: {error}"),
        };
        sound &= verdict == "unchanged";
        out.push_str(&format!("{}: {}\n", plain(&listed.file), plain(&verdict)));
    }
    let count = manifest.files.len();
    out.push_str(&format!(
        "{count} {} of run {}, written {} by probity {}: {}\n",
        if count == 1 { "file" } else { "files" },
        plain(&manifest.run),
        manifest.written_at,
        plain(&manifest.tool_version),
        if sound { "as they were written" } else { "NOT as they were written" },
    ));
    output::print(&out)?;
    Ok(ExitCode::from(u8::from(!sound)))
}

/// Length and SHA-256 of a file, read piece by piece.
pub(crate) fn digest(file: &Path) -> io::Result<(u64, String)> {
    let mut from = File::open(file)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    let mut bytes = 0;
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(piece.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
    Ok((bytes, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// A file as seen from the folder of the manifest, so that the folder can be moved as a whole.
fn relative(manifest: &Path, file: &Path) -> String {
    let full = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = full(manifest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    let file = full(file);
    file.strip_prefix(&folder).unwrap_or(&file).display().to_string()
}
