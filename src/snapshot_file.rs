//! Snapshots on disk: JSON, plain or compressed, for the owner's eyes only.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use probity_model::Snapshot;

use crate::atomic;
use crate::failure::Failure;

/// The first bytes of a Zstandard frame (RFC 8878, section 3.1.1).
const ZSTANDARD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A snapshot larger than this when decompressed is refused, in bytes: far beyond the largest account, and small enough
/// that a file made to exhaust memory does not.
const LARGEST: u64 = 4 * 1024 * 1024 * 1024;

/// The level of compression; 3 is Zstandard's own default.
const LEVEL: i32 = 3;

/// Reads a snapshot; whether it is compressed is seen from its first bytes.
pub(crate) fn read(file: &Path) -> Result<Snapshot, Failure> {
    parse(file, &bytes(file)?)
}

/// Takes bytes of a file for a snapshot.
pub(crate) fn parse(file: &Path, bytes: &[u8]) -> Result<Snapshot, Failure> {
    Snapshot::from_json(bytes).map_err(|error| Failure::Snapshot { file: file.to_owned(), error })
}

/// The bytes of a file, decompressed where they are compressed.
pub(crate) fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::Read { file: file.to_owned(), error };
    let mut bytes = fs::read(file).map_err(failed)?;
    if bytes.starts_with(&ZSTANDARD) {
        let mut plain = Vec::new();
        let decoder = zstd::Decoder::new(bytes.as_slice()).map_err(failed)?;
        decoder.take(LARGEST + 1).read_to_end(&mut plain).map_err(failed)?;
        if plain.len() as u64 > LARGEST {
            return Err(failed(io::Error::other("it is larger than 4 GiB when decompressed")));
        }
        bytes = plain;
    }
    Ok(bytes)
}

/// Writes a snapshot, compressed where the file's name ends in `.zst`.
pub(crate) fn write(file: &Path, snapshot: &Snapshot) -> io::Result<()> {
    atomic::write(file, |to| {
        if file.extension().is_some_and(|extension| extension == "zst") {
            let mut encoder = zstd::Encoder::new(to, LEVEL)?;
            snapshot.to_json(io::BufWriter::new(&mut encoder))?;
            encoder.finish().map(|_| ())
        } else {
            snapshot.to_json(to)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::builder::Account;

    #[test]
    fn both_forms_read_back_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let snapshot = Account::new().user("anna", |user| user.mfa()).build();
        for name in ["a.json", "a.json.zst"] {
            let file = folder.path().join(name);
            write(&file, &snapshot).expect("written");
            assert_eq!(read(&file).expect("read"), snapshot, "{name}");
        }
        let size = |name: &str| fs::metadata(folder.path().join(name)).expect("a file").len();
        assert!(size("a.json.zst") < size("a.json"));
    }

    #[test]
    fn a_cut_frame_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.json.zst");
        write(&file, &Account::new().build()).expect("written");
        let bytes = fs::read(&file).expect("read");
        fs::write(&file, &bytes[..bytes.len() / 2]).expect("cut");
        assert!(matches!(read(&file), Err(Failure::Read { .. })));
    }
}
