//! `--manifest` and `probity verify`: which files belong to a run, and whether they are still what was written.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use probity_model::{Run, Timestamp};
use probity_reports::plain;
use serde::{Deserialize, Serialize};

use crate::digest::{self, Digest};
use crate::failure::Failure;
use crate::output::Written;
use crate::{atomic, delivery, output};

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
    /// Where it is: from the folder of the manifest, from the root where it lies elsewhere, or its address in a bucket.
    file: String,
    /// `snapshot`, or the format of a report.
    holds: String,
    bytes: u64,
    sha256: String,
}

/// Writes the manifest of a run, as it is shown in its reports.
///
/// What lies here is read back. What was sent to a bucket is not: its digest is that of the bytes that were sent.
pub(crate) fn write(manifest: &Path, run: &Run, reports: &[Written], snapshots: &[PathBuf]) -> Result<(), Failure> {
    let here = |file: &Path, holds: &str| {
        let Digest { bytes, sha256 } =
            digest::of_file(file).map_err(|error| Failure::Read { file: file.to_owned(), error })?;
        Ok(Listed { file: relative(manifest, file), holds: holds.to_owned(), bytes, sha256 })
    };
    let report = |report: &Written| match &report.sent {
        None => here(&report.place, report.format.as_str()),
        Some(Digest { bytes, sha256 }) => Ok(Listed {
            file: report.place.display().to_string(),
            holds: report.format.to_string(),
            bytes: *bytes,
            sha256: sha256.clone(),
        }),
    };
    let snapshots = snapshots.iter().map(|file| here(file, "snapshot"));
    let listed = reports.iter().map(report).chain(snapshots).collect::<Result<Vec<_>, Failure>>()?;
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
    let (mut sound, mut unseen) = (true, 0);
    for listed in &manifest.files {
        if delivery::is_remote(Path::new(&listed.file)) {
            unseen += 1;
            out.push_str(&format!(
                "{}: NOT LOOKED AT, for it lies in a bucket: {} bytes with SHA-256 {} were sent\n",
                plain(&listed.file),
                listed.bytes,
                plain(&listed.sha256)
            ));
            continue;
        }
        let verdict = match digest::of_file(&folder.join(&listed.file)) {
            Ok(found) if found.bytes == listed.bytes && found.sha256 == listed.sha256 => "unchanged".to_owned(),
            Ok(found) => format!("CHANGED: SHA-256 is {}, was {}", found.sha256, listed.sha256),
            Err(error) if error.kind() == io::ErrorKind::NotFound => "MISSING".to_owned(),
            Err(error) => format!("UNREADABLE: {error}"),
        };
        sound &= verdict == "unchanged";
        out.push_str(&format!("{}: {}\n", plain(&listed.file), plain(&verdict)));
    }
    let seen = manifest.files.len() - unseen;
    // Where nothing was looked at, nothing was found to be sound either.
    sound &= seen > 0 || unseen == 0;
    out.push_str(&format!(
        "{} of run {}, written {} by probity {}: {}\n",
        counted(manifest.files.len()),
        plain(&manifest.run),
        manifest.written_at,
        plain(&manifest.tool_version),
        conclusion(seen, unseen, sound),
    ));
    output::print(&out)?;
    Ok(ExitCode::from(u8::from(!sound)))
}

/// What was found, of those files only that were looked at.
fn conclusion(seen: usize, unseen: usize, sound: bool) -> String {
    let here = if sound { "as they were written" } else { "NOT as they were written" };
    match (seen, unseen) {
        (_, 0) => here.to_owned(),
        (0, _) => "none was looked at, for all lie in buckets".to_owned(),
        _ => format!("{} here {here}, {} in buckets not looked at", counted(seen), counted(unseen)),
    }
}

fn counted(files: usize) -> String {
    format!("{files} {}", if files == 1 { "file" } else { "files" })
}

/// A file as seen from the folder of the manifest, so that the folder can be moved as a whole.
fn relative(manifest: &Path, file: &Path) -> String {
    let full = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = full(manifest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    let file = full(file);
    file.strip_prefix(&folder).unwrap_or(&file).display().to_string()
}
