//! A state in a bucket of S3: the same files under the same names as in a folder. A run works in a folder of its own, and
//! brings here what it needs and there what is done.

use std::path::Path;
use std::sync::Arc;

use probity_collect::SessionOptions;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::bucket::{Address, Bucket, BucketError, S3};
use crate::failure::Failure;

/// How many objects are read at once.
const AT_ONCE: usize = 16;

/// Where the state of a run lies in a bucket.
#[derive(Debug)]
pub(crate) struct Remote {
    bucket: Arc<Bucket>,
    name: String,
    /// What the keys of its objects begin with, with a slash at its end; empty for the bucket as a whole.
    prefix: String,
    runtime: Handle,
}

impl Remote {
    /// To be called on a runtime, which must last as long as this.
    pub(crate) async fn open(place: &str, options: &SessionOptions) -> Result<Self, Failure> {
        let address = Address::parse(place)?;
        let bucket = Arc::new(Bucket::open(&address.bucket, options).await?);
        let prefix = address.key.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket, name: address.bucket, prefix, runtime: Handle::current() })
    }

    /// The address of the state.
    pub(crate) fn address(&self) -> String {
        format!("{S3}{}/{}", self.name, self.prefix).trim_end_matches('/').to_owned()
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Writes a file of the state.
    pub(crate) fn put(&self, file: &Path, name: &str) -> Result<(), BucketError> {
        self.wait(self.bucket.put(file, &self.key(name))).map(|_| ())
    }

    /// Writes a file that must not be there yet. Whether it was not.
    pub(crate) fn put_new(&self, file: &Path, name: &str) -> Result<bool, BucketError> {
        self.wait(self.bucket.put_new(file, &self.key(name)))
    }

    /// Brings a file of the state here. Whether there is one.
    pub(crate) fn get(&self, name: &str, into: &Path) -> Result<bool, BucketError> {
        self.wait(self.bucket.get(&self.key(name), into))
    }

    /// Brings those of the files here that are there.
    pub(crate) fn get_all(&self, folder: &Path, names: Vec<String>) -> Result<(), BucketError> {
        self.wait(async {
            let mut names = names.into_iter();
            let mut tasks = JoinSet::new();
            loop {
                while tasks.len() < AT_ONCE {
                    let Some(name) = names.next() else { break };
                    let (bucket, key, into) = (Arc::clone(&self.bucket), self.key(&name), folder.join(&name));
                    tasks.spawn(async move { bucket.get(&key, &into).await });
                }
                match tasks.join_next().await {
                    None => return Ok(()),
                    Some(Ok(came)) => came.map(|_| ())?,
                    Some(Err(error)) => {
                        let error = std::io::Error::other(error.to_string());
                        return Err(BucketError::Keep { from: self.address(), error });
                    }
                }
            }
        })
    }

    /// Waits for the bucket on a thread of its own: this is called on threads of the runtime as well, which may not wait.
    fn wait<T: Send>(&self, work: impl Future<Output = Result<T, BucketError>> + Send) -> Result<T, BucketError> {
        let ended = std::thread::scope(|scope| scope.spawn(|| self.runtime.block_on(work)).join());
        ended.unwrap_or_else(|_| {
            let error = std::io::Error::other("the thread that waits for the bucket ended");
            Err(BucketError::Keep { from: self.address(), error })
        })
    }
}
