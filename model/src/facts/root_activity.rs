//! What the root user did lately, from `cloudtrail:LookupEvents` (the last 90 days, every Region).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Region, Seen, Timestamp};

/// Management events of the root user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootActivity {
    /// The beginning of the time looked at.
    pub since: Timestamp,
    /// The events by Region, newest first.
    pub regions: BTreeMap<Region, Seen<Vec<RootEvent>>>,
    /// Regions with more events than were kept: what is missing there is older than what is not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cut: BTreeSet<Region>,
}

/// A management event whose caller was the root user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootEvent {
    /// The event's id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The event's name, such as `ConsoleLogin`.
    pub name: String,
    /// The service that recorded it, such as `signin.amazonaws.com`.
    pub source: Option<String>,
    /// The address the request came from.
    pub source_address: Option<String>,
    /// The client's own description.
    pub user_agent: Option<String>,
    /// Whether the session was opened centrally by `sts:AssumeRoot`; none where the record does not say.
    pub assumed_root: Option<bool>,
    /// The access key that signed the request, where one did.
    pub access_key_id: Option<String>,
}
