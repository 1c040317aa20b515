//! A whole audit of a large account over HTTP: 2,000 users, 1,000 roles and 500 policies, against the emulated AWS.
//!
//! ```sh
//! cargo bench --bench whole_run
//! ```
//!
//! Prints the API calls by operation, the time of the run, and the time until the first line of progress.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use support::{ACCESS_KEY, Emulator, Probity, SECRET_KEY, SESSION_TOKEN};

/// Calls beyond those that every Region costs: the bound that the project set itself.
const CALLS: usize = 60;
/// Calls a Region.
const CALLS_A_REGION: usize = 6;

fn main() {
    let aws = Emulator::start("scale");
    first_line(&aws);
    aws.forget();
    let run = Probity::against(&aws).args(["audit", "--quiet", "--last-accessed", "none", "-f", "json"]).run();
    let report = run.json();
    let mut by_operation: BTreeMap<String, usize> = BTreeMap::new();
    for call in aws.calls() {
        *by_operation.entry(call.name()).or_default() += 1;
    }
    for (operation, calls) in &by_operation {
        println!("{calls:6}  {operation}");
    }
    let calls: usize = by_operation.values().sum();
    let regions = report["accounts"][0]["regions"].as_array().unwrap().len();
    let bound = CALLS + CALLS_A_REGION * regions;
    println!("{calls:6}  in all; the bound is {bound} for {regions} Regions");
    println!("{:6.1}  seconds for {} findings", run.took.as_secs_f32(), report["findings"].as_array().unwrap().len());
}

/// How long a person waits for the first sign of life.
fn first_line(aws: &Emulator) {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_probity"))
        .args(["audit", "--only", "root-mfa-enabled", "--endpoint-url", aws.endpoint()])
        .env_clear()
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut String::new()).unwrap();
    println!("{:6.3}  seconds until the first line of progress", began.elapsed().as_secs_f32());
    std::io::copy(&mut stderr, &mut std::io::sink()).unwrap();
    child.wait().unwrap();
}
