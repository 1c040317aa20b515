//! One writer at a time, and files for their owner alone.

use std::thread;

use probity_history::{History, HistoryError, Place};
use probity_model::{Outcome, Timestamp};

use crate::fixture::{day, finding, run};
use crate::postgres::Server;
use crate::{in_folder, open, wait};

/// Four writers begin at once on a history that does not exist yet; each writes runs of its own time, and those that come
/// too late for theirs are told so. Nothing is lost and nothing is doubled.
fn many_writers(place: &Place) {
    let begin: Timestamp = day(1);
    let writers: Vec<_> = (0..4)
        .map(|writer: i64| {
            let place = place.clone();
            thread::spawn(move || {
                wait(async {
                    let mut history = open(&place).await;
                    let mut kept = 0;
                    for turn in 0..5_i64 {
                        let at = begin + jiff::SignedDuration::from_secs(turn * 4 + writer);
                        match history.keep(&run(at, vec![finding("anna", Outcome::Fail)])).await {
                            Ok(_) => kept += 1,
                            Err(HistoryError::Order { .. }) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                    kept
                })
            })
        })
        .collect();
    let kept: usize = writers.into_iter().map(|writer| writer.join().expect("a writer")).sum();
    wait(async {
        let mut history = open(place).await;
        let runs = history.runs().await.expect("runs");
        assert_eq!(runs.len(), kept);
        assert_eq!(runs.iter().map(|run| run.point.new).sum::<u64>(), 1, "one failure, new once");
        let last = runs.last().expect("a run");
        assert_eq!(history.findings(&last.point.id).await.expect("findings").len(), 1);
    });
}

#[test]
fn writers_of_a_file_wait_for_one_another() {
    let (_folder, place) = in_folder();
    many_writers(&place);
}

#[test]
fn writers_of_a_database_wait_for_one_another() {
    if let Some(server) = Server::start() {
        many_writers(&Place::new(&server.url()));
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, place) = in_folder();
    wait(async { open(&place).await.close().await.expect("closed") });
    for entry in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        assert_eq!(entry.metadata().expect("a file").permissions().mode() & 0o777, 0o600, "{entry:?}");
    }
}

#[test]
fn what_is_no_history_is_refused() {
    let (folder, _) = in_folder();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, and long enough to be looked at as one: ".repeat(40)).expect("written");
    assert!(matches!(
        wait(History::open(&Place::File(text))),
        Err(HistoryError::Open { .. } | HistoryError::Refused { .. })
    ));
    let nowhere = Place::File(folder.path().join("no/such/folder/history.db"));
    assert!(matches!(wait(History::open(&nowhere)), Err(HistoryError::Create { .. })));
    let closed = Place::new("postgres://audit:secret@127.0.0.1:1/audit");
    let error = wait(History::open(&closed)).err().expect("nobody listens").to_string();
    assert!(error.contains("127.0.0.1:1") && !error.contains("secret"), "{error}");
}
