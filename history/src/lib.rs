//! Runs that are kept, and what they say of the next one.
//!
//! A history is an SQLite file, or a PostgreSQL database that a team shares. Both are spoken to through one driver and one
//! SQL, which names only what both understand: `TEXT` and `BIGINT` columns, numbered parameters, no vendor's upsert.
//!
//! A failure is kept as *episodes*: from the run that first sees it to the run that sees it fixed. That answers every
//! question about age and time to fix, and grows with what changes and not with the number of runs. A failure that could
//! not be evaluated again stays open: it is never taken for fixed.
//!
//! **One writer at a time.** A run is written in one transaction that begins by taking the only write lock there is (SQLite:
//! `BEGIN IMMEDIATE`; PostgreSQL: an advisory lock); a second writer waits, and says so when it has waited long enough.
//! **Safe against a crash.** What a killed process had begun is rolled back by the database: the run it was writing is lost,
//! and no other.

mod annotate;
mod episode;
mod error;
mod keep;
mod listing;
mod migrations;
mod place;
mod runs;
mod store;

pub use error::HistoryError;
pub use listing::{KeptRun, OpenFinding};
pub use place::Place;
pub use store::{History, Kept};
