//! Findings on disk: one file an account, sorted, in pieces that can be read by themselves.
//!
//! A piece holds the findings of one outcome, severity and check as JSON Lines in a Zstandard frame of its own, so that the
//! file as a whole is JSON Lines too, once decompressed. All findings of all accounts are then read in their order without
//! holding more than a piece: the order asks for outcome, severity and check before it asks for the account.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use probity_checks::run::order;
use probity_model::{AccountId, Family, Finding, Outcome, Severity};
use probity_reports::ReportError;
use serde::{Deserialize, Serialize};

use crate::atomic;

/// The level of compression; 3 is Zstandard's own default.
const LEVEL: i32 = 3;
/// A piece larger than this when decompressed is refused, in bytes: far beyond the largest account.
const LARGEST: usize = 1024 * 1024 * 1024;

/// How many groups of findings are read ahead of whoever goes through them.
const AHEAD: usize = 4;

/// What the findings of a piece have in common, in the order of findings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    outcome: Outcome,
    severity: Reverse<Severity>,
    excepted: bool,
    family: Family,
    check: String,
}

impl Key {
    /// Whether two findings are of one key; asked of every pair of neighbours.
    fn is_shared(a: &Finding, b: &Finding) -> bool {
        let key = |finding: &Finding| (finding.outcome, finding.severity, finding.exception.is_some(), finding.family);
        key(a) == key(b) && a.check == b.check
    }

    fn of(finding: &Finding) -> Self {
        Self {
            outcome: finding.outcome,
            severity: Reverse(finding.severity),
            excepted: finding.exception.is_some(),
            family: finding.family,
            check: finding.check.to_string(),
        }
    }
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Piece {
    key: Key,
    /// Where it begins, in bytes.
    offset: u64,
    /// How long it is, in bytes.
    length: u64,
    /// How many findings it holds.
    count: usize,
}

/// Writes the findings of an account, which are in their order.
pub(crate) fn write(file: &Path, findings: &[Finding]) -> io::Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut offset = 0;
    // An account has two hundred pieces: they share their buffers.
    let (mut compressor, mut lines) = (zstd::bulk::Compressor::new(LEVEL)?, Vec::new());
    atomic::write(file, |to| {
        for group in findings.chunk_by(Key::is_shared) {
            let Some(first) = group.first() else { continue };
            lines.clear();
            for finding in group {
                serde_json::to_writer(&mut lines, finding)?;
                lines.push(b'\n');
            }
            let frame = compressor.compress(&lines)?;
            to.write_all(&frame)?;
            let length = frame.len() as u64;
            pieces.push(Piece { key: Key::of(first), offset, length, count: group.len() });
            offset += length;
        }
        Ok(())
    })?;
    Ok(pieces)
}

/// Reads pieces, which share its buffers.
struct Reader {
    decompressor: zstd::bulk::Decompressor<'static>,
    frame: Vec<u8>,
    lines: Vec<u8>,
}

impl Reader {
    fn new() -> io::Result<Self> {
        Ok(Self { decompressor: zstd::bulk::Decompressor::new()?, frame: Vec::new(), lines: Vec::new() })
    }

    fn read(&mut self, file: &Path, offset: u64, length: u64, into: &mut Vec<Finding>) -> io::Result<()> {
        let mut from = File::open(file)?;
        from.seek(SeekFrom::Start(offset))?;
        self.frame.clear();
        from.take(length).read_to_end(&mut self.frame)?;
        let size = zstd::bulk::Decompressor::upper_bound(&self.frame).filter(|size| *size <= LARGEST);
        let size =
            size.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no piece of findings stands there"))?;
        self.lines.clear();
        self.lines.reserve(size);
        self.decompressor.decompress_to_buffer(&self.frame, &mut self.lines)?;
        for line in self.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let mut finding: Finding = serde_json::from_slice(line)?;
            // A piece is of one check and one account.
            if let Some(last) = into.last().filter(|last| last.head == finding.head) {
                finding.head = Arc::clone(&last.head);
            }
            into.push(finding);
        }
        Ok(())
    }
}

/// Where a piece is.
struct Place {
    /// Which of the files.
    file: usize,
    offset: u64,
    length: u64,
}

/// The findings of several accounts, on disk but for a few.
#[derive(Default)]
pub(crate) struct Stored {
    /// The files, each with the account that its findings are of.
    files: Vec<(AccountId, PathBuf)>,
    pieces: BTreeMap<Key, Vec<Place>>,
    /// Findings that came of all accounts together.
    more: BTreeMap<Key, BTreeMap<AccountId, Vec<Finding>>>,
}

impl Stored {
    /// Adds the file of an account.
    pub(crate) fn add(&mut self, account: &AccountId, file: PathBuf, pieces: Vec<Piece>) {
        let at = self.files.len();
        self.files.push((account.clone(), file));
        for piece in pieces {
            let place = Place { file: at, offset: piece.offset, length: piece.length };
            self.pieces.entry(piece.key).or_default().push(place);
        }
    }

    /// Adds a finding that came of all accounts together.
    pub(crate) fn add_finding(&mut self, finding: Finding) {
        let of_key = self.more.entry(Key::of(&finding)).or_default();
        of_key.entry(finding.account.clone()).or_default().push(finding);
    }

    /// The findings in their order, of one account or of all, until `visit` has seen enough. What comes next is read and
    /// decompressed by another thread meanwhile.
    pub(crate) fn visit(
        &self,
        only: Option<&AccountId>,
        visit: &mut dyn FnMut(&Finding) -> Result<bool, ReportError>,
    ) -> Result<(), ReportError> {
        thread::scope(|scope| {
            let (ahead, read) = mpsc::sync_channel(AHEAD);
            let reader = thread::Builder::new().spawn_scoped(scope, move || {
                self.groups(only, &mut |findings| ahead.send(findings).is_ok());
            });
            reader.map_err(|error| ReportError::Findings(format!("no thread can be begun to read them: {error}")))?;
            for findings in read {
                for finding in &findings? {
                    if !visit(finding)? {
                        return Ok(());
                    }
                }
            }
            Ok(())
        })
    }

    /// The findings in their order, those of a key and an account at a time, for as long as they are wanted.
    fn groups(&self, only: Option<&AccountId>, take: &mut dyn FnMut(Result<Vec<Finding>, ReportError>) -> bool) {
        let is_asked = |account: &AccountId| only.is_none_or(|only| only == account);
        let mut reader = match Reader::new() {
            Ok(reader) => reader,
            Err(error) => {
                take(Err(ReportError::Findings(format!("no memory to decompress them: {error}"))));
                return;
            }
        };
        let keys: BTreeSet<&Key> = self.pieces.keys().chain(self.more.keys()).collect();
        for key in keys {
            let mut by_account: BTreeMap<&AccountId, (Vec<&Place>, &[Finding])> = BTreeMap::new();
            for place in self.pieces.get(key).into_iter().flatten() {
                if let Some((account, _)) = self.files.get(place.file).filter(|(account, _)| is_asked(account)) {
                    by_account.entry(account).or_default().0.push(place);
                }
            }
            for (account, findings) in self.more.get(key).into_iter().flatten().filter(|(account, _)| is_asked(account))
            {
                by_account.entry(account).or_default().1 = findings;
            }
            for (places, more) in by_account.into_values() {
                let read = self.read(&mut reader, &places, more.to_vec());
                let is_last = read.is_err();
                if !take(read) || is_last {
                    return;
                }
            }
        }
    }

    /// These findings and those of the pieces, in their order.
    fn read(
        &self,
        reader: &mut Reader,
        places: &[&Place],
        mut findings: Vec<Finding>,
    ) -> Result<Vec<Finding>, ReportError> {
        for place in places {
            let Some((_, file)) = self.files.get(place.file) else { continue };
            let failed = |error: io::Error| ReportError::Findings(format!("{}: {error}", file.display()));
            reader.read(file, place.offset, place.length, &mut findings).map_err(failed)?;
        }
        findings.sort_by(order);
        Ok(findings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_checks::{CHECKS, Entry, Settings};
    use probity_model::Snapshot;
    use probity_model::builder::Account;

    /// The findings of a small account with another number.
    fn findings(number: &str) -> Vec<Finding> {
        let account = Account::new().user("anna", |user| user.console_password()).user("bert", |user| user.mfa());
        let text = serde_json::to_string(&account.build()).expect("JSON").replace("123456789012", number);
        let snapshot = Snapshot::from_json(text.as_bytes()).expect("a snapshot");
        let checks: Vec<&Entry> = CHECKS.iter().filter(|entry| entry.meta.family == Family::Mfa).collect();
        probity_checks::run::judge(&snapshot, &checks, &Settings::default(), &crate::judge::in_turn).findings
    }

    #[test]
    fn who_has_seen_enough_gets_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut stored = Stored::default();
        for number in 0..20 {
            let number = format!("{:012}", 111_111_111_111_u64 + number);
            let file = folder.path().join(&number);
            let of_account = findings(&number);
            stored.add(
                &AccountId::try_from(number).expect("an id"),
                file.clone(),
                write(&file, &of_account).expect("it"),
            );
        }
        let mut seen = 0;
        let visited = stored.visit(None, &mut |_| {
            seen += 1;
            Ok(seen < 7)
        });
        assert!(visited.is_ok() && seen == 7);
        std::fs::remove_file(folder.path().join("111111111115")).expect("removed");
        let lost = stored.visit(None, &mut |_| Ok(true)).expect_err("a file is gone").to_string();
        assert!(lost.contains("111111111115"), "{lost}");
    }

    #[test]
    fn all_accounts_are_read_in_the_order_of_findings() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut stored = Stored::default();
        let mut expected = Vec::new();
        for number in ["333333333333", "111111111111", "222222222222"] {
            let account = AccountId::try_from(number).expect("an id");
            let mut of_account = findings(number);
            let file = folder.path().join(number);
            let last = of_account.pop().expect("a finding");
            stored.add(&account, file.clone(), write(&file, &of_account).expect("written"));
            stored.add_finding(last.clone());
            expected.extend(of_account);
            expected.push(last);
        }
        expected.sort_by(order);
        let mut read = Vec::new();
        stored
            .visit(None, &mut |finding| {
                read.push(finding.clone());
                Ok(true)
            })
            .expect("read");
        assert_eq!(read, expected);
        assert!(read.len() > 9, "{}", read.len());

        let mut of_one = Vec::new();
        let account = AccountId::try_from("222222222222").expect("an id");
        stored
            .visit(Some(&account), &mut |finding| {
                of_one.push(finding.clone());
                Ok(true)
            })
            .expect("read");
        expected.retain(|finding| finding.account == account);
        assert_eq!(of_one, expected);
    }

    #[test]
    fn the_file_as_a_whole_is_json_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("findings.jsonl.zst");
        let findings = findings("111111111111");
        write(&file, &findings).expect("written");
        let text = zstd::decode_all(File::open(&file).expect("a file")).expect("frames");
        assert_eq!(String::from_utf8_lossy(&text).lines().count(), findings.len());
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("findings.jsonl.zst");
        let account = AccountId::try_from("111111111111").expect("an id");
        let mut stored = Stored::default();
        stored.add(&account, file.clone(), write(&file, &findings("111111111111")).expect("written"));
        let bytes = std::fs::read(&file).expect("read");
        std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("cut");
        assert!(stored.visit(None, &mut |_| Ok(true)).is_err());
    }
}
