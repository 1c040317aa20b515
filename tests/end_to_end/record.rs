//! Makes the recording that `probity demo` plays. Run it when the sample account or what is collected changes:
//!
//! ```sh
//! cargo test --test end_to_end -- --ignored record_the_sample_account
//! ```

use serde_json::{Value, json};

use crate::findings::NOW;
use crate::support::{Emulator, Probity};

/// What the report says of the account.
const NOTICE: &str = "Larkspur Labs is an invented company, recorded from an emulated AWS";

/// The Region the recording begins in.
const REGION: &str = "eu-west-1";

/// The Region and "now" stand in the first line of the recording.
#[test]
#[ignore = "writes src/sample/recording.jsonl.zst"]
fn record_the_sample_account() {
    let folder = tempfile::tempdir().unwrap();
    let calls = folder.path().join("calls.jsonl");
    let snapshot = folder.path().join("snapshot.json");
    let aws = Emulator::of("small-company").now("scenario").record(&calls).start();
    let run = Probity::against(&aws)
        .args(["collect", "--now", NOW, "--region", REGION, "--detail", "full", "--last-accessed", "all"])
        .arg("--output")
        .arg(&snapshot)
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    // Identity Center is found in one Region; a demo that looks into others alone asks there.
    let snapshot: Value = serde_json::from_str(&std::fs::read_to_string(&snapshot).unwrap()).unwrap();
    let regions = snapshot["regions"].as_array().unwrap().iter().map(|region| region.as_str().unwrap());
    let others: Vec<&str> = regions.filter(|region| *region != REGION).collect();
    let run = Probity::against(&aws)
        .args(["collect", "--now", NOW, "--region", REGION, "--regions", &others.join(",")])
        .args(["--only", "identity-center-mfa-required", "--output", "more.json"])
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    drop(aws);
    let head = json!({"now": NOW, "region": REGION, "notice": NOTICE});
    let lines = std::fs::read_to_string(&calls).unwrap();
    let text = format!("{head}\n{lines}");
    let to = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sample/recording.jsonl.zst");
    std::fs::write(to, zstd::encode_all(text.as_bytes(), 19).unwrap()).unwrap();
}
