//! The organization around the account: membership, central root access, accounts and organizational units, service
//! control policies and resource control policies.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::authorization::DocumentText;
use crate::{AccountId, Arn, Timestamp};

/// Whether the account is in an organization, from `organizations:DescribeOrganization`, which every member may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationMembership {
    /// The account stands alone (`AWSOrganizationsNotInUseException`).
    Standalone,
    /// The account is in this organization.
    Member(Organization),
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The id, `o-…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// The account that pays and that no service control policy binds.
    pub management_account: AccountId,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
}

impl OrganizationMembership {
    /// The organization, where there is one.
    #[must_use]
    pub fn organization(&self) -> Option<&Organization> {
        if let Self::Member(organization) = self { Some(organization) } else { None }
    }
}

/// Features of central root access, from `iam:ListOrganizationsFeatures`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootAccessFeatures {
    /// The features that are on, such as `RootCredentialsManagement` and `RootSessions`.
    Enabled(BTreeSet<String>),
    /// IAM has no trusted access to the organization (`ServiceAccessNotEnabledException`): no feature can be on.
    NoTrustedAccess,
    /// The account is not in an organization (`OrganizationNotFoundException`, `OrganizationNotInAllFeaturesModeException`).
    NoOrganization,
}

impl RootAccessFeatures {
    /// Member accounts' root credentials are managed centrally.
    pub const ROOT_CREDENTIALS: &'static str = "RootCredentialsManagement";
    /// Privileged root sessions may be opened centrally (`sts:AssumeRoot`).
    pub const ROOT_SESSIONS: &'static str = "RootSessions";

    /// Whether a feature is on.
    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        matches!(self, Self::Enabled(features) if features.contains(feature))
    }
}

/// Roots, organizational units and accounts, from `organizations:ListRoots`,
/// `organizations:ListOrganizationalUnitsForParent`, `organizations:ListAccountsForParent` and
/// `organizations:ListAccounts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationStructure {
    /// The account stands alone.
    NoOrganization,
    /// The tree.
    Tree(OrganizationTree),
}

/// The tree of an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationTree {
    /// The root's id, `r-…`.
    pub root: String,
    /// The policy types that are enabled at the root, such as `SERVICE_CONTROL_POLICY`.
    pub enabled_policy_types: BTreeSet<String>,
    /// The organizational units, parents before children.
    pub units: Vec<OrganizationalUnit>,
    /// The accounts, sorted by id.
    pub accounts: Vec<OrganizationAccount>,
}

impl OrganizationTree {
    /// The ids from the root down to an account, the account's own id last; empty where the account is not in the tree.
    #[must_use]
    pub fn path_of(&self, account: &AccountId) -> Vec<&str> {
        let Some(account) = self.accounts.iter().find(|entry| entry.id == *account) else { return Vec::new() };
        let mut path = vec![account.id.as_str()];
        let mut parent = account.parent.as_str();
        // A tree of AWS is five levels deep; the bound keeps a snapshot that was tampered with from going round for ever.
        for _ in 0..=self.units.len() {
            path.push(parent);
            match self.units.iter().find(|unit| unit.id == parent) {
                Some(unit) => parent = &unit.parent,
                None => break,
            }
        }
        path.reverse();
        path
    }
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationalUnit {
    /// The id, `ou-…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The id of the root or unit above it.
    pub parent: String,
}

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationAccount {
    /// The account's id.
    pub id: AccountId,
    /// The ARN.
    pub arn: Arn,
    /// The name.
    pub name: String,
    /// The state (`ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`, `PENDING_ACTIVATION`).
    pub state: String,
    /// The id of the root or unit that holds it.
    pub parent: String,
    /// When it joined.
    pub joined_at: Option<Timestamp>,
}

impl OrganizationAccount {
    /// Whether it is neither suspended nor closed nor about to be.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        !matches!(self.state.as_str(), "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED")
    }
}

/// Service control policies, resource control policies and those of the other types that are enabled, with documents and
/// targets, from
/// `organizations:ListPolicies`, `organizations:DescribePolicy` and `organizations:ListTargetsForPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationPolicies {
    /// The account stands alone.
    NoOrganization,
    /// The policies, sorted by id. A type that is not enabled at the root has none.
    Policies(Vec<OrganizationPolicy>),
}

/// A policy of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationPolicy {
    /// The id, `p-…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// The name.
    pub name: String,
    /// What it controls.
    pub kind: OrganizationPolicyKind,
    /// Whether AWS owns it, as it does `FullAWSAccess`.
    pub aws_managed: bool,
    /// The document.
    pub document: DocumentText,
    /// The ids of the roots, units and accounts it is attached to, sorted.
    pub targets: Vec<String>,
}

/// What a policy of the organization controls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationPolicyKind {
    /// A service control policy: what principals of the accounts may do.
    ServiceControl,
    /// A resource control policy: what may be done to resources of the accounts.
    ResourceControl,
    /// A policy of another type, such as `TAG_POLICY`: how services of the accounts are set up.
    Other(String),
}

impl OrganizationPolicyKind {
    /// The name of the type in the API.
    #[must_use]
    pub fn api_name(&self) -> &str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
            Self::Other(name) => name,
        }
    }
}
