//! Users, groups, roles and policies of a built account.

use super::{ACCOUNT, Account, days_ago, known, row, seconds_ago};
use crate::facts::authorization::{
    AttachedPolicy, DocumentText, Group, InlinePolicy, ManagedPolicy, PolicyVersion, Role, RoleLastUsed, User,
};
use crate::facts::credential_report::{AccessKeySlot, Cell, CredentialRow};
use crate::{Arn, Partition};

/// The id AWS would give: 21 characters, made of the name so that it stays the same.
fn unique_id(prefix: &str, name: &str) -> String {
    let digits: String =
        name.bytes().flat_map(|byte| [b'A' + byte / 26 % 26, b'A' + byte % 26]).map(char::from).collect();
    format!("{prefix}{:X<17.17}", digits)
}

fn attached(partition: &Partition, name_or_arn: &str) -> AttachedPolicy {
    let arn = match name_or_arn {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        name => format!("arn:{partition}:iam::aws:policy/{name}"),
    };
    AttachedPolicy { name: arn.rsplit('/').next().unwrap_or_default().to_owned(), arn: Arn::new(arn) }
}

fn inline(name: &str, document: &str) -> InlinePolicy {
    InlinePolicy { name: name.to_owned(), document: DocumentText::new(document) }
}

/// An IAM user: its row of the credential report, and its authorization details.
#[derive(Debug, Clone)]
pub struct UserBuilder {
    /// The row of the credential report.
    pub row: CredentialRow,
    /// The authorization details.
    pub details: User,
    partition: Partition,
}

impl UserBuilder {
    /// A console password, set and last used yesterday.
    #[must_use]
    pub fn console_password(mut self) -> Self {
        self.row.password_enabled = Cell::Value(true);
        self.row.password_last_changed = Cell::Value(days_ago(1));
        self.password_used_days_ago(1)
    }

    /// When the password was last used, in days before now.
    #[must_use]
    pub fn password_used_days_ago(mut self, days: i64) -> Self {
        self.row.password_last_used = Cell::Value(days_ago(days));
        self
    }

    /// The password was never used.
    #[must_use]
    pub fn password_never_used(mut self) -> Self {
        self.row.password_last_used = Cell::NoInformation;
        self
    }

    /// When the password was last set, in days before now.
    #[must_use]
    pub fn password_changed_days_ago(mut self, days: i64) -> Self {
        self.row.password_last_changed = Cell::Value(days_ago(days));
        self
    }

    /// An MFA device.
    #[must_use]
    pub fn mfa(mut self) -> Self {
        self.row.mfa_active = Cell::Value(true);
        self
    }

    /// When the user was created, in days before now.
    #[must_use]
    pub fn created_days_ago(mut self, days: i64) -> Self {
        self.row.created_at = Cell::Value(days_ago(days));
        self.details.created_at = Some(days_ago(days));
        self
    }

    /// An Active access key in slot 1 or 2: created now and never used, until `change` says otherwise.
    #[must_use]
    pub fn key(mut self, slot: usize, change: impl FnOnce(KeyBuilder) -> KeyBuilder) -> Self {
        if let Some(key) = self.row.access_keys.get_mut(slot.saturating_sub(1)) {
            key.active = Cell::Value(true);
            key.last_rotated = Cell::Value(days_ago(0));
            *key = change(KeyBuilder { key: key.clone() }).key;
        }
        self
    }

    /// A group the user is in.
    #[must_use]
    pub fn group(mut self, name: &str) -> Self {
        self.details.groups.push(name.to_owned());
        self
    }

    /// A managed policy attached to the user: an ARN, or the name of an AWS managed policy.
    #[must_use]
    pub fn attached(mut self, policy: &str) -> Self {
        self.details.attached_policies.push(attached(&self.partition, policy));
        self
    }

    /// An inline policy.
    #[must_use]
    pub fn inline(mut self, name: &str, document: &str) -> Self {
        self.details.inline_policies.push(inline(name, document));
        self
    }

    /// A permissions boundary.
    #[must_use]
    pub fn boundary(mut self, arn: &str) -> Self {
        self.details.permissions_boundary = Some(Arn::new(arn));
        self
    }

    /// A tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.details.tags.insert(key.to_owned(), value.to_owned());
        self
    }
}

/// An access key.
#[derive(Debug, Clone)]
pub struct KeyBuilder {
    /// The cells of the credential report.
    pub key: AccessKeySlot,
}

impl KeyBuilder {
    /// When it was created, in days before now.
    #[must_use]
    pub fn created_days_ago(self, days: i64) -> Self {
        self.created_seconds_ago(days * 86_400)
    }

    /// When it was created, in seconds before now.
    #[must_use]
    pub fn created_seconds_ago(mut self, seconds: i64) -> Self {
        self.key.last_rotated = Cell::Value(seconds_ago(seconds));
        self
    }

    /// When it was last used, in days before now.
    #[must_use]
    pub fn used_days_ago(mut self, days: i64) -> Self {
        self.key.last_used_at = Cell::Value(days_ago(days));
        self.key.last_used_service = Cell::Value("s3".to_owned());
        self.key.last_used_region = Cell::Value("eu-central-1".to_owned());
        self
    }

    /// Inactive: its dates stay.
    #[must_use]
    pub fn inactive(mut self) -> Self {
        self.key.active = Cell::Value(false);
        self
    }
}

/// An IAM group.
#[derive(Debug, Clone)]
pub struct GroupBuilder {
    /// The authorization details.
    pub details: Group,
    partition: Partition,
}

impl GroupBuilder {
    /// When the group was created, in days before now.
    #[must_use]
    pub fn created_days_ago(mut self, days: i64) -> Self {
        self.details.created_at = Some(days_ago(days));
        self
    }

    /// A managed policy attached to the group: an ARN, or the name of an AWS managed policy.
    #[must_use]
    pub fn attached(mut self, policy: &str) -> Self {
        self.details.attached_policies.push(attached(&self.partition, policy));
        self
    }

    /// An inline policy.
    #[must_use]
    pub fn inline(mut self, name: &str, document: &str) -> Self {
        self.details.inline_policies.push(inline(name, document));
        self
    }
}

/// An IAM role.
#[derive(Debug, Clone)]
pub struct RoleBuilder {
    /// The authorization details.
    pub details: Role,
    partition: Partition,
}

impl RoleBuilder {
    /// An instance profile that holds the role, by its name.
    #[must_use]
    pub fn instance_profile(mut self, name: &str) -> Self {
        let arn = format!("arn:{}:iam::{ACCOUNT}:instance-profile/{name}", self.partition);
        self.details.instance_profiles.push(Arn::new(arn));
        self
    }

    /// The path; the ARN follows.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.details.path = path.to_owned();
        self.details.arn = Arn::new(format!("arn:{}:iam::{ACCOUNT}:role{path}{}", self.partition, self.details.name));
        self
    }

    /// The trust policy.
    #[must_use]
    pub fn trust(mut self, document: &str) -> Self {
        self.details.trust_policy = DocumentText::new(document);
        self
    }

    /// When the role was created, in days before now.
    #[must_use]
    pub fn created_days_ago(mut self, days: i64) -> Self {
        self.details.created_at = Some(days_ago(days));
        self
    }

    /// When the role was last used, in days before now.
    #[must_use]
    pub fn used_days_ago(mut self, days: i64) -> Self {
        self.details.last_used = Some(RoleLastUsed { at: days_ago(days), region: Some("eu-central-1".to_owned()) });
        self
    }

    /// A managed policy attached to the role: an ARN, or the name of an AWS managed policy.
    #[must_use]
    pub fn attached(mut self, policy: &str) -> Self {
        self.details.attached_policies.push(attached(&self.partition, policy));
        self
    }

    /// An inline policy.
    #[must_use]
    pub fn inline(mut self, name: &str, document: &str) -> Self {
        self.details.inline_policies.push(inline(name, document));
        self
    }

    /// A permissions boundary.
    #[must_use]
    pub fn boundary(mut self, arn: &str) -> Self {
        self.details.permissions_boundary = Some(Arn::new(arn));
        self
    }

    /// A tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.details.tags.insert(key.to_owned(), value.to_owned());
        self
    }
}

/// A managed policy.
#[derive(Debug, Clone)]
pub struct PolicyBuilder {
    /// The authorization details.
    pub details: ManagedPolicy,
}

impl PolicyBuilder {
    /// When the policy was created, in days before now.
    #[must_use]
    pub fn created_days_ago(mut self, days: i64) -> Self {
        self.details.created_at = Some(days_ago(days));
        self
    }

    /// How many principals it is attached to.
    #[must_use]
    pub fn attached_to(mut self, count: u32) -> Self {
        self.details.attachment_count = Some(count);
        self
    }

    /// How many principals have it as permissions boundary.
    #[must_use]
    pub fn boundary_of(mut self, count: u32) -> Self {
        self.details.boundary_usage_count = Some(count);
        self
    }

    /// An earlier version that is not in force.
    #[must_use]
    pub fn earlier_version(mut self, document: &str) -> Self {
        let id = format!("v{}", self.details.versions.len() + 1);
        let document = DocumentText::new(document);
        self.details.versions.push(PolicyVersion { id, is_default: false, created_at: Some(days_ago(300)), document });
        self
    }
}

impl Account {
    /// An IAM user, created 200 days ago, without any credential until `change` says otherwise.
    #[must_use]
    pub fn user(self, name: &str, change: impl FnOnce(UserBuilder) -> UserBuilder) -> Self {
        let partition = self.partition().clone();
        let arn = Arn::new(format!("arn:{partition}:iam::{ACCOUNT}:user/{name}"));
        let details = User {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: unique_id("AIDA", name),
            arn: arn.clone(),
            created_at: Some(days_ago(200)),
            groups: Vec::new(),
            inline_policies: Vec::new(),
            attached_policies: Vec::new(),
            permissions_boundary: None,
            tags: Default::default(),
        };
        let user = change(UserBuilder { row: row(name, arn, days_ago(200)), details, partition });
        self.facts(|facts| {
            known(&mut facts.credential_report).users.push(user.row);
            known(&mut facts.authorization_details).users.push(user.details);
        })
    }

    /// An IAM group, created 200 days ago.
    #[must_use]
    pub fn group(self, name: &str, change: impl FnOnce(GroupBuilder) -> GroupBuilder) -> Self {
        let partition = self.partition().clone();
        let details = Group {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: unique_id("AGPA", name),
            arn: Arn::new(format!("arn:{partition}:iam::{ACCOUNT}:group/{name}")),
            created_at: Some(days_ago(200)),
            inline_policies: Vec::new(),
            attached_policies: Vec::new(),
        };
        let group = change(GroupBuilder { details, partition });
        self.facts(|facts| known(&mut facts.authorization_details).groups.push(group.details))
    }

    /// An IAM role, created 200 days ago, never used, that trusts EC2.
    #[must_use]
    pub fn role(self, name: &str, change: impl FnOnce(RoleBuilder) -> RoleBuilder) -> Self {
        let partition = self.partition().clone();
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let details = Role {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: unique_id("AROA", name),
            arn: Arn::new(format!("arn:{partition}:iam::{ACCOUNT}:role/{name}")),
            created_at: Some(days_ago(200)),
            trust_policy: DocumentText::new(trust),
            inline_policies: Vec::new(),
            attached_policies: Vec::new(),
            permissions_boundary: None,
            last_used: None,
            instance_profiles: Vec::new(),
            tags: Default::default(),
        };
        let role = change(RoleBuilder { details, partition });
        self.facts(|facts| known(&mut facts.authorization_details).roles.push(role.details))
    }

    /// A customer managed policy, created 200 days ago and attached to one principal; its ARN is
    /// `arn:PARTITION:iam::123456789012:policy/NAME`.
    #[must_use]
    pub fn policy(self, name: &str, document: &str, change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> Self {
        let arn = format!("arn:{}:iam::{ACCOUNT}:policy/{name}", self.partition());
        self.managed_policy(name, arn, document, change)
    }

    /// An AWS managed policy that is attached somewhere.
    #[must_use]
    pub fn aws_policy(self, name: &str, document: &str) -> Self {
        let arn = format!("arn:{}:iam::aws:policy/{name}", self.partition());
        self.managed_policy(name, arn, document, |policy| policy)
    }

    fn managed_policy(
        self,
        name: &str,
        arn: String,
        document: &str,
        change: impl FnOnce(PolicyBuilder) -> PolicyBuilder,
    ) -> Self {
        let version = PolicyVersion {
            id: "v1".to_owned(),
            is_default: true,
            created_at: Some(days_ago(200)),
            document: DocumentText::new(document),
        };
        let details = ManagedPolicy {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: unique_id("ANPA", name),
            arn: Arn::new(arn),
            created_at: Some(days_ago(200)),
            updated_at: Some(days_ago(200)),
            default_version_id: Some("v1".to_owned()),
            attachment_count: Some(1),
            boundary_usage_count: Some(0),
            versions: vec![version],
        };
        let policy = change(PolicyBuilder { details });
        self.facts(|facts| known(&mut facts.authorization_details).policies.push(policy.details))
    }
}
