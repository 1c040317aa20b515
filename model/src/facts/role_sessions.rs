//! How long sessions of the roles may last, which the authorization details do not tell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Arn;

/// The longest session of each role, from `iam:ListRoles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSessions {
    /// `MaxSessionDuration` in seconds, by the ARN of the role. None where AWS does not say.
    pub longest: BTreeMap<Arn, Option<u32>>,
}
