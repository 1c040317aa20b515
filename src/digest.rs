//! Length and SHA-256 of bytes, counted while they pass.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// What tells bytes from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    /// How many there are.
    pub(crate) bytes: u64,
    /// Their SHA-256, in hexadecimal digits.
    pub(crate) sha256: String,
}

/// Bytes on their way.
#[derive(Default)]
pub(crate) struct Passing {
    bytes: u64,
    hash: Sha256,
}

impl Passing {
    /// Counts a piece.
    pub(crate) fn piece(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
    }

    /// When all have passed.
    pub(crate) fn end(self) -> Digest {
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Digest { bytes: self.bytes, sha256 }
    }
}

/// That of a file, read piece by piece.
pub(crate) fn of_file(file: &Path) -> io::Result<Digest> {
    let mut from = File::open(file)?;
    let mut passing = Passing::default();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            return Ok(passing.end());
        }
        passing.piece(piece.get(..read).unwrap_or_default());
    }
}
