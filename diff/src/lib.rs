//! What changed between two snapshots or two runs: findings that came and went, and the changes behind them.
//!
//! Findings are compared by their fingerprints. Snapshots are compared as the trees that they are, so that no topic is
//! forgotten; what people have a word for (a key created, a trust opened) gets that word. Mere use, such as the time of the
//! last sign-in, is no change. Runs of several accounts are compared account by account.

mod accounts;
mod changes;
mod credentials;
mod documents;
mod findings;
mod tree;

pub use accounts::{AccountChange, AccountChangeKind};
pub use changes::{Change, ChangeKind, between};
pub use findings::{Compared, FindingChange, FindingChangeKind, findings};
