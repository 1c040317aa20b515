//! Judges cases that others published, from any folder, and says how often the engine agrees.
//!
//! ```sh
//! cargo run --release -p probity-policy --example conformance -- [--show] PATH…
//! ```
//!
//! A path is a file of JSON lines or a folder of such files; their form is described in `policy/conformance/README.md`.
//! Kinds that ask about the escalation of a whole account are left to the example `conformance_accounts` of `probity-access`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

#[path = "../tests/conformance/account.rs"]
mod account;
#[path = "../tests/conformance/judge.rs"]
mod judge;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

const HELP: &str = "usage: conformance [--show] PATH…\n\n\
    Judges the cases in JSON-lines files (or all *.jsonl of a folder) and prints, for each file and kind, how many agree,\n\
    disagree and are not supported. --show prints each disagreement. Exit code 1 on any disagreement, 2 on wrong usage.\n\
    Kinds about the escalation of whole accounts (privesc, privesc-scenario) are judged by the example\n\
    conformance_accounts of the crate probity-access.";

/// How the cases of one kind in one file went.
#[derive(Default)]
struct Tally {
    agreed: usize,
    not_supported: usize,
    disagreed: Vec<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let show = arguments.iter().any(|argument| argument == "--show");
    let paths: Vec<&String> = arguments.iter().filter(|argument| *argument != "--show").collect();
    if paths.is_empty() || paths.iter().any(|path| path.starts_with('-')) {
        eprintln!("{HELP}");
        return ExitCode::from(2);
    }
    let mut disagreements = 0;
    for path in paths {
        match files(Path::new(path))
            .and_then(|files| files.iter().map(|file| judge_file(file, show)).sum::<Result<usize, String>>())
        {
            Ok(count) => disagreements += count,
            Err(message) => {
                eprintln!("error: {message}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::from(u8::from(disagreements > 0))
}

/// Prints a line; a reader that has seen enough is no failure.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The file itself, or the files of a folder in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|extension| extension == "jsonl")).collect();
    files.sort();
    Ok(files)
}

/// Prints a line a kind, and gives the number of disagreements.
fn judge_file(file: &Path, show: bool) -> Result<usize, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |message: &dyn std::fmt::Display| format!("{}:{}: {message}", file.display(), number + 1);
        let case: Value = serde_json::from_str(line).map_err(|error| wrong(&error))?;
        let kind = case.get("kind").and_then(Value::as_str).ok_or_else(|| wrong(&"the case has no `kind`"))?;
        let tally = tallies.entry(kind.to_owned()).or_default();
        match judge::judge(&case) {
            None => tally.not_supported += 1,
            Some(Ok(())) => tally.agreed += 1,
            Some(Err(reason)) => {
                let id = case.get("id").and_then(Value::as_str).unwrap_or("?");
                tally.disagreed.push(format!("{id}: {reason}"));
            }
        }
    }
    for (kind, tally) in &tallies {
        let Tally { agreed, not_supported, disagreed } = tally;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        say(&format!(
            "{name:32} {kind:20} {agreed:5} agreed {:5} disagreed {not_supported:5} not supported",
            disagreed.len()
        ));
        for reason in disagreed.iter().filter(|_| show) {
            say(&format!("    {reason}"));
        }
    }
    Ok(tallies.values().map(|tally| tally.disagreed.len()).sum())
}
