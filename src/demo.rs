//! `probity demo`: the whole audit of a sample account, its collectors included, answered from a recording compiled in.
//!
//! The recording holds the raw responses an emulated AWS gave, and the moment that is "now" in it. It is made by
//! `cargo run --example record_sample`.

use std::io::Read;
use std::process::ExitCode;

use probity_collect::{Recording, SessionOptions};

use crate::audit::Job;
use crate::cli::{Cli, DemoArgs};
use crate::failure::Failure;

/// The recording: JSON lines, compressed with Zstandard.
static RECORDING: &[u8] = include_bytes!("sample/recording.jsonl.zst");

/// Runs the audit of the sample account.
pub(crate) fn run(cli: &Cli, args: &DemoArgs) -> Result<ExitCode, Failure> {
    let job = Job::new(&args.select, &args.evidence, &args.report, args.save_snapshot.as_deref())?;
    let recording = recording()?;
    let now = Some(recording.head().now);
    job.run(cli, SessionOptions { recording: Some(recording), now, ..SessionOptions::default() })
}

fn recording() -> Result<Recording, Failure> {
    let mut text = String::new();
    let failed = |error: std::io::Error| Failure::Recording(error.to_string());
    zstd::Decoder::new(RECORDING).and_then(|mut from| from.read_to_string(&mut text)).map_err(failed)?;
    Recording::parse(&text).map_err(|error| Failure::Recording(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_small_and_readable() {
        assert!(RECORDING.len() < 1024 * 1024, "{} bytes", RECORDING.len());
        assert!(recording().is_ok());
    }
}
