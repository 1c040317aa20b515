//! How long a large account takes, and how much memory: the index, who may do something, administrators and paths.
//!
//! ```sh
//! cargo run --release -p probity-access --example scale -- [PRINCIPALS]
//! ```
//!
//! Half of the principals are users and half roles, with what accounts of that size have; see `tests/scale/account.rs`. The
//! memory is the most that the process ever held, snapshot included, as Linux tells it.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program for the terminal")]

#[path = "../tests/scale/account.rs"]
mod account;

use std::time::Instant;

use probity_access::{Access, Goal};
use probity_policy::Target;

fn main() {
    let principals: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let snapshot = account::large(principals / 2, &account::statement(r#""*""#, "*")).build();
    println!("{principals} principals; the snapshot alone: {}", memory());
    let started = Instant::now();
    let access = Access::of(&snapshot).expect("the authorization details");
    println!("index: {:?}, {}", started.elapsed(), memory());
    let started = Instant::now();
    let who = access.who_can("s3:GetObject", Target::One("arn:aws:s3:::bucket-7/key")).len();
    println!("who can: {:?} ({who})", started.elapsed());
    let started = Instant::now();
    let administrators = access.administrators().len();
    println!("administrators: {:?} ({administrators})", started.elapsed());
    let started = Instant::now();
    let escalations = access.escalations();
    println!("graph: {:?} ({} ways), {}", started.elapsed(), escalations.ways(), memory());
    let started = Instant::now();
    let paths = escalations.paths(&access, None, Goal::Administrator).len();
    println!("paths: {:?} ({paths}), {}", started.elapsed(), memory());
}

/// The most memory that the process ever held.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(str::trim);
    peak.map_or_else(|| "memory is not told here".to_owned(), |peak| format!("at most {peak}"))
}
