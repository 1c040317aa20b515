//! Buckets of S3 that reports and states go to: addresses, and a client of its own beside everything that reads accounts.
//!
//! What is written there was asked for by its address. Only a state is read back; nothing is listed and nothing deleted.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredential, resolve_bucket_region};
use object_store::path::Path as Key;
use object_store::{
    ClientOptions, CredentialProvider, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
    WriteMultipart,
};
use probity_collect::{BucketAccess, SessionOptions};

use crate::atomic;
use crate::digest::{Digest, Passing};
use crate::failure::Failure;

/// How an address of S3 begins.
pub(crate) const S3: &str = "s3://";
/// A file that is larger than this is sent in parts, in bytes. S3 takes parts of 5 MiB and more.
const PART: usize = 16 * 1024 * 1024;
/// The longest a part may take.
const TIMEOUT: Duration = Duration::from_secs(300);

/// An object of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, BucketError> {
        let wrong = || BucketError::Address(text.to_owned());
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

/// Why something cannot be written to a bucket or read from it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BucketError {
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
    /// The bucket does not give it.
    #[error(
        "cannot read {from}: {detail}. The credentials that the run begins with need s3:GetObject there, and s3:ListBucket \
         of the bucket to be told what is not there"
    )]
    NotGiven {
        /// The address.
        from: String,
        /// What was said.
        detail: String,
    },
    /// What was written here cannot be read back.
    #[error("cannot send {to}: {error}")]
    Read {
        /// The address.
        to: String,
        /// Why.
        error: io::Error,
    },
    /// What came cannot be kept here.
    #[error("cannot keep {from} here: {error}")]
    Keep {
        /// The address.
        from: String,
        /// Why.
        error: io::Error,
    },
}

impl BucketError {
    fn refused(to: &str, error: &dyn std::error::Error) -> Self {
        Self::Refused { to: to.to_owned(), detail: detail(error) }
    }
}

/// An error with all that led to it, in one line.
fn detail(error: &dyn std::error::Error) -> String {
    let mut detail = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !detail.contains(&text) {
            detail = format!("{detail}: {text}");
        }
        source = error.source();
    }
    probity_reports::plain(&detail)
}

/// The credentials that the run begins with, as the client of a bucket asks for them.
#[derive(Debug)]
struct Credentials(BucketAccess);

impl CredentialProvider for Credentials {
    type Credential = AwsCredential;

    fn get_credential<'life0, 'async_trait>(
        &'life0 self,
    ) -> Pin<Box<dyn Future<Output = object_store::Result<Arc<AwsCredential>>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async {
            let refused = |error| object_store::Error::Generic { store: "S3", source: Box::new(error) };
            let keys = self.0.keys().await.map_err(refused)?;
            Ok(Arc::new(AwsCredential { key_id: keys.id, secret_key: keys.secret, token: keys.token }))
        })
    }
}

/// A bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    name: String,
    store: AmazonS3,
}

impl Bucket {
    /// A client of a bucket, with the credentials that the run begins with. Where S3 itself is asked, it tells the Region of
    /// the bucket.
    pub(crate) async fn open(name: &str, options: &SessionOptions) -> Result<Self, Failure> {
        let access = BucketAccess::find(options).await?;
        // Asked here once, so that credentials that are none are said to be that, and not to lack a permission.
        access.keys().await?;
        let is_plain = access.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let client = ClientOptions::new().with_timeout(TIMEOUT).with_allow_http(is_plain);
        let mut builder = AmazonS3Builder::new().with_bucket_name(name).with_region(&access.region);
        match &access.endpoint {
            Some(endpoint) => builder = builder.with_endpoint(endpoint),
            None => {
                if let Ok(region) = resolve_bucket_region(name, &client).await {
                    builder = builder.with_region(region);
                }
            }
        }
        let store = builder.with_credentials(Arc::new(Credentials(access))).with_client_options(client).build();
        let refused = |error| BucketError::refused(&format!("{S3}{name}"), &error);
        Ok(Self { name: name.to_owned(), store: store.map_err(refused)? })
    }

    fn address(&self, key: &str) -> String {
        format!("{S3}{}/{key}", self.name)
    }

    /// Writes an object of a file, in the place of one that may be there, and tells what was sent.
    pub(crate) async fn put(&self, file: &Path, key: &str) -> Result<Digest, BucketError> {
        send(&self.store, file, key, &self.address(key)).await
    }

    /// Writes a small object unless there is one already. Whether there was none.
    pub(crate) async fn put_new(&self, file: &Path, key: &str) -> Result<bool, BucketError> {
        let place = Key::parse(key).map_err(|error| BucketError::refused(&self.address(key), &error))?;
        let bytes = fs::read(file).map_err(|error| BucketError::Read { to: self.address(key), error })?;
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&place, PutPayload::from(bytes), options).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(BucketError::refused(&self.address(key), &error)),
        }
    }

    /// Reads an object into a file. Whether there is one.
    pub(crate) async fn get(&self, key: &str, into: &Path) -> Result<bool, BucketError> {
        let not_given = |error: &dyn std::error::Error| {
            let from = self.address(key);
            BucketError::NotGiven { from, detail: detail(error) }
        };
        let place = Key::parse(key).map_err(|error| not_given(&error))?;
        let bytes = match self.store.get(&place).await {
            Ok(found) => found.bytes().await.map_err(|error| not_given(&error))?,
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(not_given(&error)),
        };
        let unkept = |error| BucketError::Keep { from: self.address(key), error };
        if let Some(folder) = into.parent() {
            atomic::create_private(folder).map_err(unkept)?;
        }
        atomic::write(into, |to| to.write_all(&bytes)).map_err(unkept)?;
        Ok(true)
    }
}

/// Sends a file to a store, a large one in parts. The digest is of the bytes that were sent.
async fn send(store: &impl ObjectStore, file: &Path, key: &str, to: &str) -> Result<Digest, BucketError> {
    let unread = |error| BucketError::Read { to: to.to_owned(), error };
    let place = Key::parse(key).map_err(|error| BucketError::refused(to, &error))?;
    let mut from = fs::File::open(file).map_err(unread)?;
    let mut sent = Passing::default();
    let mut part = vec![0; PART];
    let first = fill(&mut from, &mut part).map_err(unread)?;
    if first < PART {
        part.truncate(first);
        sent.piece(&part);
        store.put(&place, PutPayload::from(part)).await.map_err(|error| BucketError::refused(to, &error))?;
        return Ok(sent.end());
    }
    let upload = store.put_multipart(&place).await.map_err(|error| BucketError::refused(to, &error))?;
    let mut parts = WriteMultipart::new_with_chunk_size(upload, PART);
    let mut filled = first;
    while filled > 0 {
        parts.wait_for_capacity(2).await.map_err(|error| BucketError::refused(to, &error))?;
        let piece = part.get(..filled).unwrap_or_default();
        sent.piece(piece);
        parts.write(piece);
        filled = fill(&mut from, &mut part).map_err(unread)?;
    }
    parts.finish().await.map_err(|error| BucketError::refused(to, &error))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_bucket_and_a_key() {
        let address = Address::parse("s3://audit-results/2026/run.json").expect("an address");
        assert_eq!((address.bucket.as_str(), address.key.as_str()), ("audit-results", "2026/run.json"));
        assert_eq!(Address::parse("s3://audit-results").expect("a bucket").key, "");
        for wrong in ["audit-results/run.json", "s3://no/run.json", "s3://A_B/x"] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
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
                let sent = send(&store, file.path(), "a/report.csv", "s3://bucket/a/report.csv").await.expect("sent");
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
