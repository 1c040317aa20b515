//! What the end-to-end tests stand on: an emulated AWS that they start themselves, and the `probity` binary run
//! against it with nothing of the machine's own AWS configuration.
//!
//! ```no_run
//! let aws = Emulator::start("small-company");
//! aws.faults([Fault::deny("iam:GetAccountSummary")]);
//! let run = Probity::against(&aws).args(["audit", "--output-format", "json"]).run();
//! assert_eq!(run.code, 1);
//! ```

// Every test binary includes this module whole and uses a part of it; a test that cannot be set up has failed.
#![allow(dead_code, unused_imports)]
#![allow(clippy::unwrap_used, clippy::panic)]

mod bucket;
mod emulator;
mod environment;
mod fault;
mod http;
mod ministack;
mod probity;
mod request;

pub(crate) use bucket::Bucket;
pub(crate) use emulator::{Call, Emulator};
pub(crate) use environment::{linter, python};
pub(crate) use fault::Fault;
pub(crate) use http::Answer;
pub(crate) use ministack::Ministack;
pub(crate) use probity::{Probity, Run};
pub(crate) use request::AwsRequest;

/// The credentials that stand for the caller of a scenario; `tests/emulator/principals.py` knows the same.
pub(crate) const ACCESS_KEY: &str = "ASIATESTSCALLERKEY01";
pub(crate) const SECRET_KEY: &str = "caller-secret-of-the-emulated-aws";
pub(crate) const SESSION_TOKEN: &str = "caller-session-of-the-emulated-aws";
