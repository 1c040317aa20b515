//! A process that is killed while it writes loses at most the run it was writing.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use probity_history::{History, Place};
use probity_model::{Finding, Outcome};

use crate::fixture::{day, finding, run};
use crate::postgres::Server;
use crate::{in_folder, open, wait};

/// The variable that makes [`writes_until_it_is_killed`] a writer.
const WRITER: &str = "PROBITY_TEST_HISTORY_WRITER";
/// How long a child may take to keep a run, on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);
/// Failures of a run: enough that a kill is likely to meet a half-written one.
const FINDINGS: usize = 400;

/// The child: writes run after run, and says the id of each when it is kept. Without the variable it has nothing to do.
#[test]
fn writes_until_it_is_killed() {
    let Ok(place) = std::env::var(WRITER) else { return };
    wait(async {
        let mut history = open(&Place::new(&place)).await;
        let begun = history.runs().await.expect("runs").len();
        for turn in begun.. {
            let at = day(1) + jiff::SignedDuration::from_secs(turn as i64);
            // Half of the failures are new in each run, and half of the last are gone.
            let users = (0..FINDINGS).map(|n| finding(&format!("user-{}", n + turn * FINDINGS / 2), Outcome::Fail));
            let run = run(at, users.collect::<Vec<Finding>>());
            history.keep(&run).await.expect("kept");
            println!("kept {}", run.id);
        }
    });
}

/// Starts the child, lets it keep so many runs, kills it (SIGKILL) a little later, and gives what it had said until then.
fn killed_after(place: &str, runs: usize, moment: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "crash::writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(WRITER, place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let out = child.stdout.take().expect("its output");
    let (said, heard) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if let Some((_, id)) = line.split_once("kept ") {
                let _ = said.send(id.trim().to_owned());
            }
        }
    });
    let mut kept = Vec::new();
    while kept.len() < runs {
        kept.push(heard.recv_timeout(LIMIT).expect("the child writes"));
    }
    std::thread::sleep(moment);
    child.kill().expect("killed");
    child.wait().expect("gone");
    reader.join().expect("its words");
    kept.extend(heard.try_iter());
    kept
}

fn survives(place: &Place, address: &str) {
    let mut said = Vec::new();
    // Different moments of a write.
    for (children, moment) in [0, 3, 11, 27, 55].into_iter().enumerate() {
        said.extend(killed_after(address, 2, Duration::from_millis(moment)));
        wait(async {
            let mut history: History = open(place).await;
            let runs = history.runs().await.expect("runs");
            let kept: Vec<&str> = runs.iter().map(|run| run.point.id.as_str()).collect();
            for id in &said {
                assert!(kept.contains(&id.as_str()), "a run that was reported as kept is lost");
            }
            // A run can be whole whose report was cut off by the kill: one for each child.
            assert!(kept.len() <= said.len() + children + 1, "{} kept, {} reported", kept.len(), said.len());
            for run in &runs {
                let findings = history.findings(&run.point.id).await.expect("findings");
                assert_eq!(findings.len(), FINDINGS, "a run is whole or not there");
            }
        });
    }
}

#[test]
fn a_killed_writer_of_a_file_loses_at_most_its_own_run() {
    let (_folder, place) = in_folder();
    let Place::File(file) = &place else { unreachable!("a file") };
    survives(&place, &file.display().to_string());
}

#[test]
fn a_killed_writer_of_a_database_loses_at_most_its_own_run() {
    if let Some(server) = Server::start() {
        survives(&Place::new(&server.url()), &server.url());
    }
}
