//! What people get through IAM Identity Center: permission sets with their policies, and who is assigned which in which
//! account.

use serde::{Deserialize, Serialize};

use super::authorization::DocumentText;
use crate::{AccountId, Arn, Timestamp};

/// The permission sets of the organization's instances, from `sso-admin:ListPermissionSets` and the calls that describe one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionSets {
    /// The permission sets, sorted by ARN.
    pub sets: Vec<PermissionSet>,
}

/// A permission set: what a role `AWSReservedSSO_…` is made from in each account where it is assigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionSet {
    /// The ARN.
    pub arn: Arn,
    /// The instance it belongs to.
    pub instance: Arn,
    /// The name.
    pub name: String,
    /// How long a session lasts, as AWS writes it: `PT4H` (ISO 8601).
    pub session_duration: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Its own policy.
    pub inline_policy: Option<DocumentText>,
    /// The AWS managed policies attached to it, sorted.
    pub aws_managed_policies: Vec<Arn>,
    /// The customer managed policies attached to it, by name and path: each account has its own of that name. Sorted.
    pub customer_managed_policies: Vec<PolicyReference>,
    /// Its permissions boundary.
    pub boundary: Option<PermissionSetBoundary>,
}

/// A policy that each account has under the same name and path, and not with the same content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PolicyReference {
    /// The name.
    pub name: String,
    /// The path, `/` for most.
    pub path: String,
}

/// The permissions boundary of a permission set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PermissionSetBoundary {
    /// One that AWS made.
    AwsManaged(Arn),
    /// One that each account has under this name.
    CustomerManaged(PolicyReference),
}

/// Who is assigned which permission set in which account, from `sso-admin:ListAccountsForProvisionedPermissionSet` and
/// `sso-admin:ListAccountAssignments`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAssignments {
    /// One entry a permission set, sorted by ARN; a set that is used nowhere has no accounts.
    pub sets: Vec<ProvisionedPermissionSet>,
}

/// Where a permission set is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionedPermissionSet {
    /// The permission set.
    pub permission_set: Arn,
    /// The accounts it is provisioned to, sorted.
    pub accounts: Vec<AccountId>,
    /// Who is assigned it there, sorted.
    pub assignments: Vec<AccountAssignment>,
}

/// A permission set given to somebody in an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountAssignment {
    /// The account.
    pub account: AccountId,
    /// `USER` or `GROUP`.
    pub principal_type: String,
    /// The id of the user or the group in the identity store.
    pub principal_id: String,
}

impl AccountAssignments {
    /// Where a permission set is used.
    #[must_use]
    pub fn of(&self, permission_set: &Arn) -> Option<&ProvisionedPermissionSet> {
        self.sets.iter().find(|entry| entry.permission_set == *permission_set)
    }
}

/// The names of the groups in the identity stores of the organization's instances, from `identitystore:ListGroups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityStoreGroups {
    /// The groups, sorted by id.
    pub groups: Vec<IdentityStoreGroup>,
}

/// A group of an identity store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityStoreGroup {
    /// The id.
    pub id: String,
    /// The name; groups that came from elsewhere may have none.
    pub name: Option<String>,
}

impl IdentityStoreGroups {
    /// The name of a group.
    #[must_use]
    pub fn name(&self, id: &str) -> Option<&str> {
        self.groups.iter().find(|group| group.id == id)?.name.as_deref()
    }
}
