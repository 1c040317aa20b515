//! A credential report is CSV that a service made: whatever it is, reading it ends, and no cell is taken for what it is not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probity_model::facts::CredentialReport;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(report) = CredentialReport::parse(bytes, jiff::Timestamp::UNIX_EPOCH) {
        let rows = report.users.len() + usize::from(report.root.is_some());
        let lines = bytes.iter().filter(|&&byte| byte == b'\n' || byte == b'\r').count() + 1;
        assert!(rows <= lines, "more rows than lines");
    }
});
