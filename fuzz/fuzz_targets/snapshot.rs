//! A snapshot is a file somebody hands over: reading it ends, and what was read is written so that it reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probity_model::Snapshot;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(snapshot) = Snapshot::from_json(bytes) {
        let mut written = Vec::new();
        snapshot.to_json(&mut written).expect("memory takes every byte");
        let again = Snapshot::from_json(&written).expect("what was written can be read");
        assert_eq!(snapshot, again);
    }
});
