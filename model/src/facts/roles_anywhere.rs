//! IAM Roles Anywhere: whom certificates let in from outside AWS, from `rolesanywhere:ListTrustAnchors`,
//! `rolesanywhere:ListProfiles` and `rolesanywhere:ListCrls`, in every Region.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Arn, Region, Seen};

/// What every Region has of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesAnywhere {
    /// Whether the Regions were asked. Without a role of the account that trusts Roles Anywhere nobody gets in, and none is.
    pub asked: bool,
    /// The trust anchors, profiles and revocation lists by Region.
    pub regions: BTreeMap<Region, Seen<CertificateAccess>>,
    /// Regions in which AWS does not offer the service: they did not answer, and AWS lists no endpoint there.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_offered: BTreeSet<Region>,
}

/// How certificates get in through one Region. Without a trust anchor nobody gets in, and the rest is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateAccess {
    /// The trust anchors, sorted by ARN.
    pub anchors: Vec<TrustAnchor>,
    /// The profiles, sorted by ARN; not asked for where there is no trust anchor.
    pub profiles: Seen<Vec<Profile>>,
    /// The certificate revocation lists that were imported, sorted by ARN; not asked for where there is no trust anchor.
    pub revocation_lists: Seen<Vec<RevocationList>>,
}

/// A certificate authority whose certificates are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustAnchor {
    /// The ARN.
    pub arn: Arn,
    /// The name.
    pub name: String,
    /// Whether it is in use.
    pub enabled: bool,
    /// `AWS_ACM_PCA`, `CERTIFICATE_BUNDLE` or `SELF_SIGNED_REPOSITORY`.
    pub source_type: Option<String>,
}

/// Which roles certificates may ask for, and with what limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The ARN.
    pub arn: Arn,
    /// The name.
    pub name: String,
    /// Whether it is in use.
    pub enabled: bool,
    /// The roles, sorted.
    pub roles: Vec<Arn>,
    /// The session policy, which limits what a session may do.
    pub session_policy: Option<String>,
    /// Managed policies that limit a session in the same way, sorted.
    pub managed_policies: Vec<Arn>,
    /// How long a session may last; AWS takes 3600 seconds unless told otherwise.
    pub duration_seconds: Option<u32>,
}

impl Profile {
    /// Whether sessions are limited beyond what their role may do.
    #[must_use]
    pub fn limits_sessions(&self) -> bool {
        self.session_policy.as_ref().is_some_and(|policy| !policy.trim().is_empty())
            || !self.managed_policies.is_empty()
    }
}

/// A list of certificates that are no good any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationList {
    /// The ARN.
    pub arn: Arn,
    /// Whether it is in use.
    pub enabled: bool,
    /// The trust anchor whose certificates it lists.
    pub trust_anchor: Option<Arn>,
}
