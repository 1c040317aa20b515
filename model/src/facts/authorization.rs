//! Users, groups, roles and customer managed policies with their documents, from
//! `iam:GetAccountAuthorizationDetails`.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::lookup::{found, places};
use crate::memo::Memo;
use crate::{Arn, Region, Timestamp};

/// Every principal of the account's IAM and every policy that is attached or its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationDetails {
    /// The IAM users.
    pub users: Vec<User>,
    /// The IAM groups.
    pub groups: Vec<Group>,
    /// The IAM roles.
    pub roles: Vec<Role>,
    /// Customer managed policies, and the AWS managed policies that are attached somewhere.
    pub policies: Vec<ManagedPolicy>,
    /// What follows from these lists, worked out when it is asked for.
    #[serde(skip)]
    pub(super) memo: Memo,
}

/// Where users, groups, roles and policies stand in their lists, by ARN; groups by name.
struct Places {
    users: HashMap<Arn, usize>,
    groups: HashMap<String, usize>,
    roles: HashMap<Arn, usize>,
    policies: HashMap<Arn, usize>,
}

impl AuthorizationDetails {
    /// The members of a group, in the order of the users.
    pub fn members<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a User> {
        self.users.iter().filter(|user| user.groups.contains(&group.name))
    }

    /// A managed policy by its ARN.
    #[must_use]
    pub fn policy(&self, arn: &Arn) -> Option<&ManagedPolicy> {
        found(&self.policies, self.places().policies.get(arn), |policy| policy.arn == *arn)
    }

    /// A user by its ARN.
    #[must_use]
    pub fn user(&self, arn: &Arn) -> Option<&User> {
        found(&self.users, self.places().users.get(arn), |user| user.arn == *arn)
    }

    /// A role by its ARN.
    #[must_use]
    pub fn role(&self, arn: &Arn) -> Option<&Role> {
        found(&self.roles, self.places().roles.get(arn), |role| role.arn == *arn)
    }

    /// A group by its friendly name, by which users name theirs.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        found(&self.groups, self.places().groups.get(name), |group| group.name == name)
    }

    fn places(&self) -> &Places {
        self.memo.get(|| Places {
            users: places(&self.users, |user| &user.arn),
            groups: places(&self.groups, |group| &group.name),
            roles: places(&self.roles, |role| &role.arn),
            policies: places(&self.policies, |policy| &policy.arn),
        })
    }
}

/// Tags, by key. Tag keys of IAM are unique without regard to case; they are kept as AWS gave them.
pub type Tags = BTreeMap<String, String>;

/// A policy document as text, percent-decoded, exactly as AWS keeps it.
///
/// This crate does not know the language of policies. Who does reads the text once and keeps what it says here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentText {
    text: SmolStr,
    #[serde(skip)]
    read: Memo,
}

impl DocumentText {
    /// A document with this text.
    #[must_use]
    pub fn new(text: impl Into<SmolStr>) -> Self {
        Self { text: text.into(), read: Memo::default() }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same text, shared.
    #[must_use]
    pub fn shared(&self) -> SmolStr {
        self.text.clone()
    }

    /// What the text says to this reader, who is asked once for each type of answer.
    pub fn read<T: Send + Sync + 'static>(&self, reader: impl FnOnce(&str) -> T) -> &T {
        self.read.get(|| reader(&self.text))
    }
}

/// A policy that lives inside one user, group or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlinePolicy {
    /// The name, unique within its user, group or role.
    pub name: String,
    /// The document.
    pub document: DocumentText,
}

/// A managed policy that is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedPolicy {
    /// The friendly name.
    pub name: String,
    /// The ARN.
    pub arn: Arn,
}

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The friendly name.
    pub name: String,
    /// The path, `/` where none was given.
    pub path: String,
    /// The unique id, `AIDA…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// When the user was created.
    pub created_at: Option<Timestamp>,
    /// The names of the groups the user is in.
    pub groups: Vec<String>,
    /// Inline policies.
    pub inline_policies: Vec<InlinePolicy>,
    /// Managed policies attached to the user itself.
    pub attached_policies: Vec<AttachedPolicy>,
    /// The managed policy that serves as permissions boundary.
    pub permissions_boundary: Option<Arn>,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
}

/// An IAM group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The friendly name.
    pub name: String,
    /// The path, `/` where none was given.
    pub path: String,
    /// The unique id, `AGPA…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// When the group was created.
    pub created_at: Option<Timestamp>,
    /// Inline policies.
    pub inline_policies: Vec<InlinePolicy>,
    /// Managed policies attached to the group.
    pub attached_policies: Vec<AttachedPolicy>,
}

/// The path of the roles that IAM Identity Center makes.
const IDENTITY_CENTER_PATH: &str = "/aws-reserved/sso.amazonaws.com/";

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The friendly name.
    pub name: String,
    /// The path: `/aws-service-role/…` for service-linked roles, `/aws-reserved/sso.amazonaws.com/…` for Identity Center.
    pub path: String,
    /// The unique id, `AROA…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// When the role was created.
    pub created_at: Option<Timestamp>,
    /// The trust policy.
    pub trust_policy: DocumentText,
    /// Inline policies.
    pub inline_policies: Vec<InlinePolicy>,
    /// Managed policies attached to the role.
    pub attached_policies: Vec<AttachedPolicy>,
    /// The managed policy that serves as permissions boundary.
    pub permissions_boundary: Option<Arn>,
    /// When and where the role was last used, as far back as AWS tracks it (400 days).
    pub last_used: Option<RoleLastUsed>,
    /// The names of the instance profiles that hold the role.
    #[serde(default)]
    pub instance_profiles: Vec<Arn>,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Role {
    /// Whether AWS made the role for a service of its own (IAM User Guide, "Service-linked roles": their path).
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }

    /// Whether IAM Identity Center made the role for a permission set.
    #[must_use]
    pub fn is_identity_center(&self) -> bool {
        self.path.starts_with(IDENTITY_CENTER_PATH)
    }

    /// The Region of the IAM Identity Center instance that made the role: its path names it, but for `us-east-1` (IAM
    /// Identity Center User Guide, "Referencing permission sets in resource policies, Amazon EKS Cluster config maps, and
    /// AWS KMS key policies").
    #[must_use]
    pub fn identity_center_region(&self) -> Option<Region> {
        let name = self.path.strip_prefix(IDENTITY_CENTER_PATH)?.trim_end_matches('/');
        Region::try_from(if name.is_empty() { "us-east-1" } else { name }).ok()
    }
}

/// When and where a role was last used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleLastUsed {
    /// The time of the last use.
    pub at: Timestamp,
    /// The Region of the last use.
    pub region: Option<String>,
}

/// A managed policy with its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// The friendly name.
    pub name: String,
    /// The path, `/` where none was given.
    pub path: String,
    /// The unique id, `ANPA…`.
    pub id: String,
    /// The ARN; the account part of an AWS managed policy is `aws`.
    pub arn: Arn,
    /// When the policy was created.
    pub created_at: Option<Timestamp>,
    /// When its default version last changed.
    pub updated_at: Option<Timestamp>,
    /// The version in force.
    pub default_version_id: Option<String>,
    /// How many users, groups and roles it is attached to; boundaries not counted.
    pub attachment_count: Option<u32>,
    /// How many users and roles have it as permissions boundary.
    pub boundary_usage_count: Option<u32>,
    /// The versions AWS sent: all of a customer managed policy, the default one of an AWS managed policy.
    pub versions: Vec<PolicyVersion>,
}

impl ManagedPolicy {
    /// Whether AWS owns the policy.
    #[must_use]
    pub fn is_aws_managed(&self) -> bool {
        self.arn.account() == "aws"
    }

    /// The version in force; earlier versions grant nothing.
    #[must_use]
    pub fn default_version(&self) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.is_default)
    }
}

/// One version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The id, `v1` and so on.
    pub id: String,
    /// Whether this version is in force.
    pub is_default: bool,
    /// When the version was made.
    pub created_at: Option<Timestamp>,
    /// The document.
    pub document: DocumentText,
}
