//! Where reports go beside files and standard output: a folder with a file an account and format, and buckets of S3.
//!
//! What is written to S3 was asked for by its address, and is no part of the audit: it goes through a client of its own, and
//! nothing is read there, listed or deleted.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, resolve_bucket_region};
use object_store::path::Path as Key;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use probity_collect::{Keys, SessionOptions};
use probity_model::run::AccountRun;
use probity_model::{Finding, Run};
use probity_reports::Format;

use crate::atomic;
use crate::cli::ReportArgs;
use crate::digest::{Digest, Passing};
use crate::failure::Failure;
use crate::output::{self, Written};

/// How an address of S3 begins.
const S3: &str = "s3://";
/// A file that is larger than this is sent in parts, in bytes. S3 takes parts of 5 MiB and more.
const PART: usize = 16 * 1024 * 1024;
/// The longest a part may take.
const TIMEOUT: Duration = Duration::from_secs(300);

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

/// An object of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    bucket: String,
    key: String,
}

impl Address {
    fn parse(text: &str) -> Result<Self, DeliveryError> {
        let wrong = || DeliveryError::Address(text.to_owned());
        let (bucket, key) =
            text.strip_prefix(S3).and_then(|rest| rest.split_once('/').or(Some((rest, "")))).ok_or_else(wrong)?;
        // Amazon S3 User Guide, "General purpose bucket naming rules".
        let of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(of_name) {
            return Err(wrong());
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

/// Why something could not be delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliveryError {
    /// Not the address of an object.
    #[error("`{0}` is no address of S3: write it as s3://BUCKET/KEY")]
    Address(String),
    /// The bucket does not take it.
    #[error("cannot write {to}: {detail}. The credentials that the run begins with need s3:PutObject there")]
    Refused {
        /// The address.
        to: String,
        /// What was said.
        detail: String,
    },
    /// What was rendered cannot be read back.
    #[error("cannot send {to}: {error}")]
    Read {
        /// The address.
        to: String,
        /// Why.
        error: io::Error,
    },
}

/// Whether a report goes to a bucket.
pub(crate) fn is_remote(file: &Path) -> bool {
    file.to_str().is_some_and(|text| text.starts_with(S3))
}

/// Whether that can be an address, before anything is read.
pub(crate) fn check(file: &Path) -> Result<(), Failure> {
    let address = Address::parse(file.to_str().unwrap_or_default())?;
    if address.key.is_empty() { Err(DeliveryError::Address(file.display().to_string()).into()) } else { Ok(()) }
}

/// Sends a file to a bucket, with the credentials that the run begins with, and tells what was sent.
pub(crate) fn send(file: &Path, to: &str, options: &SessionOptions) -> Result<Digest, Failure> {
    let address = Address::parse(to)?;
    let failed = |error| Failure::System { what: "cannot start the asynchronous runtime", error };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let keys = probity_collect::keys(options).await?;
        let store = store(&address.bucket, &keys).await.map_err(|error| refused(to, &error))?;
        put(&store, file, &address.key, to).await.map_err(Failure::from)
    })
}

fn refused(to: &str, error: &dyn std::error::Error) -> DeliveryError {
    let mut detail = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !detail.contains(&text) {
            detail = format!("{detail}: {text}");
        }
        source = error.source();
    }
    DeliveryError::Refused { to: to.to_owned(), detail: probity_reports::plain(&detail) }
}

/// A client of a bucket. Where S3 itself is asked, it tells the Region of the bucket.
async fn store(bucket: &str, keys: &Keys) -> Result<AmazonS3, object_store::Error> {
    let is_plain = keys.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let client = ClientOptions::new().with_timeout(TIMEOUT).with_allow_http(is_plain);
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_access_key_id(&keys.id)
        .with_secret_access_key(&keys.secret)
        .with_region(&keys.region);
    if let Some(token) = &keys.token {
        builder = builder.with_token(token);
    }
    match &keys.endpoint {
        Some(endpoint) => {
            builder = builder.with_endpoint(endpoint);
        }
        None => {
            if let Ok(region) = resolve_bucket_region(bucket, &client).await {
                builder = builder.with_region(region);
            }
        }
    }
    builder.with_client_options(client).build()
}

async fn put(store: &impl ObjectStore, file: &Path, key: &str, to: &str) -> Result<Digest, DeliveryError> {
    let unread = |error| DeliveryError::Read { to: to.to_owned(), error };
    let key = Key::parse(key).map_err(|error| refused(to, &error))?;
    let mut from = fs::File::open(file).map_err(unread)?;
    let mut sent = Passing::default();
    let mut part = vec![0; PART];
    let first = fill(&mut from, &mut part).map_err(unread)?;
    if first < PART {
        part.truncate(first);
        sent.piece(&part);
        store.put(&key, PutPayload::from(part)).await.map_err(|error| refused(to, &error))?;
        return Ok(sent.end());
    }
    let upload = store.put_multipart(&key).await.map_err(|error| refused(to, &error))?;
    let mut parts = WriteMultipart::new_with_chunk_size(upload, PART);
    let mut filled = first;
    while filled > 0 {
        parts.wait_for_capacity(2).await.map_err(|error| refused(to, &error))?;
        let piece = part.get(..filled).unwrap_or_default();
        sent.piece(piece);
        parts.write(piece);
        filled = fill(&mut from, &mut part).map_err(unread)?;
    }
    parts.finish().await.map_err(|error| refused(to, &error))?;
    Ok(sent.end())
}

/// Reads until the buffer is full or nothing is left.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// Writes a file an account and format, and tells which. `of` gives the findings of an account.
pub(crate) fn write(
    folder: &Folder,
    run: &Run,
    args: &ReportArgs,
    options: &SessionOptions,
    of: &dyn Fn(&AccountRun) -> Result<Vec<Finding>, Failure>,
) -> Result<Vec<Written>, Failure> {
    let mut written = Vec::new();
    let standard = args.format.unwrap_or(Format::Csv);
    let formats = if folder.formats.is_empty() { std::slice::from_ref(&standard) } else { &folder.formats };
    for account in &run.accounts {
        let of_account = probity_checks::run::of_account(run, account, of(account)?);
        for format in formats {
            let to = format!("{}/{}", folder.place, name(*format, account));
            let to = PathBuf::from(to);
            if !is_remote(&to) {
                let parent = to.parent().unwrap_or(Path::new("."));
                let failed = |error| Failure::Write { file: parent.to_owned(), error, kept: String::new() };
                atomic::create_private(parent).map_err(failed)?;
            }
            written.push(output::to_place(&to, *format, &of_account, &of_account.findings, args, options)?);
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
    fn an_address_has_a_bucket_and_a_key() {
        let address = Address::parse("s3://audit-results/2026/run.json").expect("an address");
        assert_eq!((address.bucket.as_str(), address.key.as_str()), ("audit-results", "2026/run.json"));
        assert!(check(Path::new("s3://audit-results/run.json")).is_ok());
        for wrong in ["s3://audit-results", "s3://audit-results/", "s3:///run.json", "s3://no/run.json"] {
            assert!(check(Path::new(wrong)).is_err(), "{wrong}");
        }
        assert!(is_remote(Path::new("s3://a/b")) && !is_remote(Path::new("s3/b")));
    }

    /// In one piece and in parts, the digest is that of what then lies in the bucket.
    #[test]
    fn what_was_sent_is_what_the_digest_says() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for length in [0, 1_000, PART + 17] {
            let content: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
            let file = tempfile::NamedTempFile::new().expect("a file");
            fs::write(file.path(), &content).expect("written");
            let store = object_store::memory::InMemory::new();
            let there = async {
                let sent = put(&store, file.path(), "a/report.csv", "s3://bucket/a/report.csv").await.expect("sent");
                let object = store.get(&Key::from("a/report.csv")).await.expect("the object");
                (sent, object.bytes().await.expect("its bytes"))
            };
            let (sent, object) = runtime.block_on(there);
            let mut passing = Passing::default();
            passing.piece(&object);
            assert!(object == content, "{length} bytes came whole");
            assert_eq!(sent, passing.end(), "{length} bytes");
        }
    }
}
