//! Checks of one's own, without Rust: a folder of Rego policies over the snapshot.
//!
//! One file is one check. Its package says what the check is in a rule `check`, and what it concludes in a set `findings`;
//! `docs/custom-checks.md` shows both. The promises of the built-in checks hold for these too:
//!
//! - A topic that a policy needs and that could not be read makes the check `not-evaluated` before the policy is asked. A
//!   smaller gap inside a topic (one Region, one bucket) becomes a `not-evaluated` finding beside those of the policy,
//!   unless the policy says with `handles_gaps` that it judges gaps itself.
//! - The policy sees the topics it names and nothing else, and no clock, no network and no chance: builtins that reach for
//!   these are refused when the file is read. `input.now` is the time of the snapshot.
//! - A policy that fails, answers with something else than findings, or runs for more than [`JUDGING_LIMIT`] is
//!   `not-evaluated` with the reason, and takes no other check with it.

mod error;
mod folder;
mod gaps;
mod input;
mod judge;
mod metadata;

pub use error::RegoError;
pub use folder::{CustomCheck, load};
pub use judge::{JUDGING_LIMIT, Prepared};
pub use metadata::Metadata;
