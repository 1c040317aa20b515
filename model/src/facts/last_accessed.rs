//! When principals last used which service, from `iam:GenerateServiceLastAccessedDetails` and
//! `iam:GetServiceLastAccessedDetails`: one asynchronous job a principal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arn, Seen, Timestamp};

/// Service last accessed data, by principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAccessed {
    /// Every user and role of the account; the gap says why one has no data, `not-requested` among the reasons.
    pub principals: BTreeMap<Arn, Seen<Vec<ServiceAccess>>>,
}

/// What a principal was allowed to use, and when it last did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccess {
    /// The service prefix as it stands in actions, such as `s3`.
    pub namespace: String,
    /// The service's name.
    pub name: String,
    /// The last attempt to use the service inside the tracking period (400 days); none where there was none.
    pub last_used_at: Option<Timestamp>,
    /// The Region of that attempt.
    pub last_used_region: Option<String>,
    /// Actions that AWS tracks one by one, where asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionAccess>,
}

/// When a principal last used one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionAccess {
    /// The action's name, without the service prefix.
    pub name: String,
    /// The last attempt inside the tracking period; none where there was none.
    pub last_used_at: Option<Timestamp>,
}
