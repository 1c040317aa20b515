//! Where reports go beside files and standard output: a folder with a file an account and format, and buckets of S3.
//!
//! What is written to S3 was asked for by its address, and is no part of the audit: it goes through a client of its own
//! (`bucket.rs`).

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use probity_collect::SessionOptions;
use probity_model::Run;
use probity_model::run::AccountRun;
use probity_reports::Format;

use crate::atomic;
use crate::bucket::{Address, Bucket, BucketError, S3};
use crate::cli::ReportArgs;
use crate::digest::Digest;
use crate::failure::Failure;
use crate::output::{self, OfAccount, Written};

/// A folder, here or in a bucket, that gets a file an account and format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    /// The formats; none means that of standard output.
    pub(crate) formats: Vec<Format>,
    /// The folder, or the address of one.
    pub(crate) place: String,
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.formats.is_empty() {
            return f.write_str(&self.place);
        }
        let formats: Vec<&str> = self.formats.iter().map(|format| format.as_str()).collect();
        write!(f, "{}={}", formats.join(","), self.place)
    }
}

impl FromStr for Folder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text.split_once('=').and_then(|(formats, place)| {
            let formats: Result<Vec<Format>, _> = formats.split(',').map(str::parse).collect();
            formats.ok().map(|formats| (formats, place))
        });
        let (formats, place) = named.unwrap_or((Vec::new(), text));
        if place.is_empty() {
            return Err(format!("`{text}` names no folder"));
        }
        if place.starts_with(S3) {
            Address::parse(place).map_err(|error| error.to_string())?;
        }
        Ok(Self { formats, place: place.trim_end_matches('/').to_owned() })
    }
}

/// Whether a report goes to a bucket.
pub(crate) fn is_remote(file: &Path) -> bool {
    file.to_str().is_some_and(|text| text.starts_with(S3))
}

/// Whether that can be an address, before anything is read.
pub(crate) fn check(file: &Path) -> Result<(), Failure> {
    let address = Address::parse(file.to_str().unwrap_or_default())?;
    if address.key.is_empty() { Err(BucketError::Address(file.display().to_string()).into()) } else { Ok(()) }
}

/// Sends a file to a bucket, with the credentials that the run begins with, and tells what was sent.
pub(crate) fn send(file: &Path, to: &str, options: &SessionOptions) -> Result<Digest, Failure> {
    let address = Address::parse(to)?;
    let failed = |error| Failure::System { what: "cannot start the asynchronous runtime", error };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let bucket = Bucket::open(&address.bucket, options).await?;
        bucket.put(file, &address.key).await.map_err(Failure::from)
    })
}

/// Writes a file an account and format, and tells which. `of` gives the findings of an account and the credentials of its users.
pub(crate) fn write(
    folder: &Folder,
    run: &Run,
    args: &ReportArgs,
    options: &SessionOptions,
    of: &OfAccount<'_>,
) -> Result<Vec<Written>, Failure> {
    let mut written = Vec::new();
    let standard = args.format.unwrap_or(Format::Csv);
    let formats = if folder.formats.is_empty() { std::slice::from_ref(&standard) } else { &folder.formats };
    for account in &run.accounts {
        let (findings, credentials) = of(account)?;
        let of_account = probity_checks::run::of_account(run, account, findings, credentials);
        for format in formats {
            let to = format!("{}/{}", folder.place, name(*format, account));
            let to = PathBuf::from(to);
            if !is_remote(&to) {
                let parent = to.parent().unwrap_or(Path::new("."));
                let failed = |error| Failure::Write { file: parent.to_owned(), error, kept: String::new() };
                atomic::create_private(parent).map_err(failed)?;
            }
            written.push(output::to_place(&to, *format, &of_account, &of_account, args, options)?);
        }
    }
    Ok(written)
}

/// The file of an account in a format; Parquet in partitions, as engines of queries want them.
fn name(format: Format, account: &AccountRun) -> String {
    let id = &account.account;
    match format {
        Format::Parquet => {
            let date = account.taken_at.to_string();
            let date = date.split('T').next().unwrap_or_default();
            format!("date={date}/account={id}/findings.parquet")
        }
        other => format!("{id}.{}", other.ending()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_formats() {
        let folder: Folder = "csv,parquet=out/".parse().expect("a folder");
        assert_eq!((folder.formats.as_slice(), folder.place.as_str()), (&[Format::Csv, Format::Parquet][..], "out"));
        assert_eq!(folder.to_string().parse(), Ok(folder));
        let bucket: Folder = "parquet=s3://audit-results/findings".parse().expect("a folder");
        assert_eq!(bucket.place, "s3://audit-results/findings");
        let plain: Folder = "date=out".parse().expect("a folder whose name has an equals sign");
        assert_eq!((plain.formats.len(), plain.place.as_str()), (0, "date=out"));
        for wrong in ["", "csv=", "csv=s3://", "s3://A_B/x"] {
            assert!(wrong.parse::<Folder>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_report_needs_a_key() {
        assert!(check(Path::new("s3://audit-results/run.json")).is_ok());
        for wrong in ["s3://audit-results", "s3://audit-results/", "s3:///run.json", "s3://no/run.json"] {
            assert!(check(Path::new(wrong)).is_err(), "{wrong}");
        }
        assert!(is_remote(Path::new("s3://a/b")) && !is_remote(Path::new("s3/b")));
    }
}
