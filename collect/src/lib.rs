//! Reads the evidence from live AWS, and nothing but reads.
//!
//! One collector a topic, in `topics/`. This is the only crate that names the AWS SDK or the asynchronous runtime. What
//! cannot be read becomes a [`Gap`](probity_model::Gap) in the snapshot, with the call, the code and the message.
//!
//! Topics that cost a call a user, and therefore are read only under [`Detail::Full`]: `user-mfa-devices` (users with an MFA
//! device: nothing else tells a security key from a token, or shows a second device), `access-keys` (users for whom the
//! credential report shows a key), `ssh-keys` (every user). The topic `last-accessed` costs at least two calls a principal.
//!
//! Topics whose cost grows with the organization are read whatever the detail as far as a bound in their collector, and beyond
//! it only under [`Detail::Full`]: `permission-sets`, `account-assignments`, `identity-store-groups` and
//! `organization-effective-policies`.

mod classify;
mod clients;
mod collect;
mod embedded;
mod error;
mod fence;
mod jobs;
mod ledger;
mod members;
mod pages;
#[allow(dead_code, reason = "protocols that no collector asks in yet")]
mod plain;
mod progress;
mod reader;
pub mod recording;
mod regions;
mod security_hub;
mod session;
mod session_policy;
mod topics;
mod trust;

pub use collect::{Detail, LastAccessedOf, PER_USER, Request, collect, complete};
pub use error::CollectError;
pub use fence::Refused;
pub use ledger::Ledger;
pub use members::{BucketAccess, Keys};
pub use progress::{Progress, Silent};
pub use recording::{Recording, RecordingError, RecordingHead};
pub use security_hub::{Imported, RefusedFinding};
pub use session::{RoleToAssume, Session, SessionOptions};
