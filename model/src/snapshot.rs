//! Everything that was read of one account, at one time: the only thing a check is judged on.
//!
//! The format is JSON with a name and a version. A reader refuses a newer version; fields it does not know, of its own
//! version, are kept and written again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::run::CallCount;
pub use crate::topic::Facts;
use crate::{AccountId, Gap, Partition, Region, Timestamp, Topic};

/// The name in the `format` field of a snapshot.
pub const FORMAT: &str = "probity-snapshot";
/// The version of the format that this release writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// Everything that was read of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of the format; see [`VERSION`].
    pub version: u32,
    /// The release that collected it, such as `0.1.0`.
    pub tool_version: String,
    /// The account.
    pub account: AccountId,
    /// The partition of the account.
    pub partition: Partition,
    /// "Now" for every check: when the collection began.
    pub taken_at: Timestamp,
    /// When the collection ended.
    pub finished_at: Timestamp,
    /// What was asked for.
    pub request: CollectionRequest,
    /// The Regions that Regional topics were read in.
    pub regions: Vec<Region>,
    /// When each topic was read.
    pub observed_at: BTreeMap<Topic, Timestamp>,
    /// The calls that were made.
    pub calls: Vec<CallCount>,
    /// What was read.
    pub facts: Facts,
    /// Fields a later release wrote into the same format version: kept when the snapshot is written again.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, serde_json::Value>,
}

/// What a collection was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CollectionRequest {
    /// How much is read that costs a call a user: `standard` or `full`.
    pub detail: String,
    /// Whose last-accessed data is read: `none`, `privileged` or `all`.
    pub last_accessed: String,
    /// The Regions that were asked for by name; none means every enabled one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<Vec<Region>>,
    /// The endpoint that was asked instead of AWS's own, where one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Set where the account is not a real one: what to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
}

/// Why bytes are not a snapshot that this release reads.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Not JSON, cut off, or a field that is not what it should be.
    #[error("line {line}, column {column}{field}: {message}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
        /// The field, as ` (field facts.caller)`; empty where none was reached.
        field: String,
        /// What is wrong there.
        message: String,
    },
    /// JSON, but of something else.
    #[error("this is not a probity snapshot: it has no `format` field that says `{FORMAT}`")]
    Foreign,
    /// From a later release.
    #[error("the snapshot has format version {found}, and this release reads up to {VERSION}: use a newer probity")]
    Newer {
        /// The version of the snapshot.
        found: u32,
    },
}

#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    version: Option<u32>,
}

impl Snapshot {
    /// Reads a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`], with line, column and field where the bytes are not what they should be.
    pub fn from_json(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let head: Head = read(bytes)?;
        if head.format.as_deref() != Some(FORMAT) {
            return Err(SnapshotError::Foreign);
        }
        match head.version {
            Some(found) if found > VERSION => Err(SnapshotError::Newer { found }),
            _ => read(bytes),
        }
    }

    /// Takes over what was read of the organization in another of its accounts, which is told what this one is not.
    pub fn take_over_organization(&mut self, from: &Self) {
        for topic in Topic::ALL.iter().copied().filter(|topic| topic.is_of_organization()) {
            self.facts.take_over(topic, &from.facts);
            match from.observed_at.get(&topic) {
                Some(moment) => self.observed_at.insert(topic, *moment),
                None => self.observed_at.remove(&topic),
            };
        }
    }

    /// The snapshot of an account of which nothing could be read, and why.
    #[must_use]
    pub fn of_nothing(account: AccountId, partition: Partition, at: Timestamp, why: &Gap) -> Self {
        let mut facts = Facts::default();
        for topic in Topic::ALL {
            facts.set_gap(*topic, why.clone());
        }
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            account,
            partition,
            taken_at: at,
            finished_at: at,
            request: CollectionRequest::default(),
            regions: Vec::new(),
            observed_at: BTreeMap::new(),
            calls: Vec::new(),
            facts,
            unknown: BTreeMap::new(),
        }
    }

    /// Writes the snapshot as indented JSON with a final line break.
    ///
    /// # Errors
    /// The writer's own.
    pub fn to_json(&self, mut to: impl std::io::Write) -> std::io::Result<()> {
        serde_json::to_writer_pretty(&mut to, self)?;
        to.write_all(b"\n")
    }
}

/// Reads JSON; the field is worked out only on failure, since following it costs time.
fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, SnapshotError> {
    serde_json::from_slice(bytes).map_err(|plain| {
        let followed: Result<T, _> = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(bytes));
        // Where the text ends, nobody knows in which field: that part of the path is a question mark.
        let path = followed.err().map(|error| error.path().to_string());
        let field = path.as_deref().map(|path| path.trim_end_matches(['.', '?'])).filter(|path| !path.is_empty());
        let position = format!(" at line {} column {}", plain.line(), plain.column());
        SnapshotError::Json {
            line: plain.line(),
            column: plain.column().max(1),
            field: field.map_or_else(String::new, |path| format!(" (field {path})")),
            message: plain.to_string().trim_end_matches(position.as_str()).to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> String {
        serde_json::json!({
            "format": FORMAT, "version": VERSION, "tool_version": "0.1.0", "account": "123456789012", "partition": "aws",
            "taken_at": "2026-11-22T08:00:00Z", "finished_at": "2026-11-22T08:00:09Z",
            "request": {"detail": "standard", "last_accessed": "none"}, "regions": ["eu-central-1"],
            "observed_at": {"account-summary": "2026-11-22T08:00:01Z"}, "calls": [],
            "facts": {"account_summary": {"known": {"Users": 3}}, "of_tomorrow": [1]}, "of_next_week": {"a": true},
        })
        .to_string()
    }

    #[test]
    fn a_text_that_is_cut_off_is_refused_with_its_place() {
        let text = sample();
        let refused = |text: &str| Snapshot::from_json(text.as_bytes()).expect_err("cut off").to_string();
        assert_eq!(refused("{\n"), "line 2, column 1: EOF while parsing an object");
        for (end, _) in text.char_indices().skip(1) {
            let said = refused(text.get(..end).unwrap_or_default());
            assert!(said.starts_with("line 1, column ") && !said.contains('?'), "{said}");
        }
    }

    #[test]
    fn unknown_fields_of_the_same_version_are_kept() {
        let snapshot = Snapshot::from_json(sample().as_bytes()).expect("a snapshot");
        let mut bytes = Vec::new();
        snapshot.to_json(&mut bytes).expect("memory");
        let text = String::from_utf8(bytes).expect("text");
        assert!(text.contains("of_tomorrow") && text.contains("of_next_week"), "{text}");
        assert_eq!(Snapshot::from_json(text.as_bytes()).expect("again"), snapshot);
    }

    #[test]
    fn a_topic_that_is_not_there_is_a_gap() {
        let snapshot = Snapshot::from_json(sample().as_bytes()).expect("a snapshot");
        assert!(snapshot.facts.account_summary.get().is_ok());
        assert!(snapshot.facts.trails.gap().is_some());
    }

    #[test]
    fn the_organization_is_taken_over_and_nothing_else() {
        let told = Snapshot::from_json(
            sample()
                .replace(
                    r#""account_summary":{"known":{"Users":3}}"#,
                    r#""account_summary":{"known":{"Users":9}},"organization_membership":{"known":"standalone"}"#,
                )
                .as_bytes(),
        );
        let mut told = told.expect("a snapshot");
        told.observed_at.insert(Topic::OrganizationMembership, told.taken_at);
        let mut snapshot = Snapshot::from_json(sample().as_bytes()).expect("a snapshot");
        let summary = snapshot.facts.account_summary.clone();
        snapshot.take_over_organization(&told);
        assert_eq!(snapshot.facts.organization_membership, told.facts.organization_membership);
        assert_eq!(snapshot.observed_at.get(&Topic::OrganizationMembership), Some(&told.taken_at));
        assert_eq!(snapshot.facts.account_summary, summary);
    }

    #[test]
    fn a_newer_version_is_refused() {
        let newer = sample().replacen("\"version\":1", "\"version\":2", 1);
        assert!(matches!(Snapshot::from_json(newer.as_bytes()), Err(SnapshotError::Newer { found: 2 })));
    }

    #[test]
    fn what_is_not_a_snapshot_is_refused() {
        assert!(matches!(Snapshot::from_json(b"{\"findings\": []}"), Err(SnapshotError::Foreign)));
        assert!(matches!(Snapshot::from_json(b""), Err(SnapshotError::Json { .. })));
        let cut = sample();
        assert!(matches!(Snapshot::from_json(&cut.as_bytes()[..cut.len() / 2]), Err(SnapshotError::Json { .. })));
    }

    #[test]
    fn an_error_names_the_field() {
        let wrong = sample().replace("\"Users\":3", "\"Users\":\"three\"");
        let message = Snapshot::from_json(wrong.as_bytes()).expect_err("wrong").to_string();
        assert!(message.contains("facts.account_summary"), "{message}");
    }
}
