//! Histories on SQLite and PostgreSQL: the same story told to both.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::print_stdout, reason = "a test should stop")]

mod crash;
mod fixture;
mod postgres;
mod story;
mod writers;

use probity_history::{History, Place};

/// Runs asynchronous work to its end.
fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// A history in a new folder, which lives as long as it is kept.
fn in_folder() -> (tempfile::TempDir, Place) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("history of #1.db"));
    (folder, place)
}

async fn open(place: &Place) -> History {
    History::open(place).await.expect("a history")
}
