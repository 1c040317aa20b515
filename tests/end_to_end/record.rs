//! Makes the recording that `probity demo` plays. Run it when the sample account or what is collected changes:
//!
//! ```sh
//! cargo test --test end_to_end -- --ignored record_the_sample_account
//! ```

use serde_json::json;

use crate::findings::NOW;
use crate::support::{Emulator, Probity};

/// What the report says of the account.
const NOTICE: &str = "Larkspur Labs is an invented company, recorded from an emulated AWS";

/// The Region the recording begins in, and "now" in it, stand in its first line.
#[test]
#[ignore = "writes src/sample/recording.jsonl.zst"]
fn record_the_sample_account() {
    let folder = tempfile::tempdir().unwrap();
    let calls = folder.path().join("calls.jsonl");
    let aws = Emulator::of("small-company").now("scenario").record(&calls).start();
    let run = Probity::against(&aws)
        .args(["collect", "--now", NOW, "--region", "eu-west-1", "--detail", "full", "--last-accessed", "all"])
        .args(["--output", "snapshot.json"])
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    drop(aws);
    let head = json!({"now": NOW, "region": "eu-west-1", "notice": NOTICE});
    let lines = std::fs::read_to_string(&calls).unwrap();
    let text = format!("{head}\n{lines}");
    let to = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sample/recording.jsonl.zst");
    std::fs::write(to, zstd::encode_all(text.as_bytes(), 19).unwrap()).unwrap();
}
