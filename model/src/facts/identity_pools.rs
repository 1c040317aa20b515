//! Amazon Cognito identity pools, from `cognito-identity:ListIdentityPools`, `cognito-identity:DescribeIdentityPool` and
//! `cognito-identity:GetIdentityPoolRoles`, in every Region.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Arn, Region, Seen};

/// The identity pools of every Region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPools {
    /// Whether the Regions were asked. Without a role of the account that trusts Amazon Cognito no pool can hand out
    /// credentials, and none is.
    pub asked: bool,
    /// The pools by Region, sorted by id.
    pub regions: BTreeMap<Region, Seen<Vec<IdentityPool>>>,
    /// Regions in which AWS does not offer the service: they did not answer, and AWS lists no endpoint there.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_offered: BTreeSet<Region>,
}

/// An identity pool: it hands AWS credentials to people who sign in elsewhere, or to anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPool {
    /// The id, `REGION:GUID`.
    pub id: String,
    /// The name.
    pub name: String,
    /// Whether guests get credentials, and of which role.
    pub guests: Seen<Guests>,
}

/// What guests of an identity pool get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guests {
    /// Nothing: they are not let in.
    Refused,
    /// Credentials.
    Admitted {
        /// Whether the basic (classic) flow is on, whose credentials are limited by the role alone.
        classic_flow: bool,
        /// The role of those who have not signed in; none where the pool names none.
        role: Seen<Option<Arn>>,
    },
}
