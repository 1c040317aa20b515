//! Which services the accounts of an organization use, of those that its service control policies allow, from
//! `iam:GenerateOrganizationsAccessReport` and `iam:GetOrganizationsAccessReport`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What the report of the organization's root says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationAccess {
    /// The account stands alone.
    NoOrganization,
    /// Service control policies are not enabled, and without them AWS makes no report.
    NotControlled,
    /// The services that the policies allow, sorted by namespace.
    Services(Vec<OrganizationService>),
}

/// A service that service control policies allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationService {
    /// The prefix of its actions, such as `s3`.
    pub namespace: String,
    /// Its name, such as `Amazon S3`.
    pub service_name: String,
    /// When a principal of any account last tried to use it, as far back as AWS tracks it (400 days).
    pub last_used_at: Option<Timestamp>,
    /// Where in the organization that was: the ids from the organization down to the account.
    pub last_used_in: Option<String>,
}
