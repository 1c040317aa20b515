//! Who is asking, and what the account calls itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Arn, Partition, Region};

/// The principal the audit ran as, from `sts:GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The account that was audited.
    pub account: AccountId,
    /// The caller's ARN; its partition is the account's.
    pub arn: Arn,
    /// The caller's unique id.
    pub user_id: String,
}

impl Caller {
    /// The partition of the account.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.arn.partition()
    }
}

/// The account's alias, from `iam:ListAccountAliases`. An account has at most one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAlias {
    /// The alias, where one is set.
    pub alias: Option<String>,
}

/// The Regions that are enabled for the account, from `account:ListRegions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnabledRegions {
    /// The enabled Regions, sorted by name.
    pub regions: Vec<Region>,
    /// Those of them that the account opted into, and could disable; none where that was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opted_in: Option<BTreeSet<Region>>,
}
