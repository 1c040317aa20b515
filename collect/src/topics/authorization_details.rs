//! Users, groups, roles and policies with their documents, from the one call that gives all of them in pages.

use aws_sdk_iam::types::{self, EntityType};
use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{
    AttachedPolicy, Group, InlinePolicy, ManagedPolicy, PolicyVersion, Role, RoleLastUsed, Tags, User,
};
use probity_model::{Arn, Gap, GapKind, Operation, Service, Topic};

use crate::pages::Pages;
use crate::reader::{Reader, document, maybe_time, operation, required, time};

/// The most a page can hold (IAM API Reference, `GetAccountAuthorizationDetails`, `MaxItems`).
const PAGE: i32 = 1_000;

/// What is asked for. AWS managed policies come only where they are attached to something.
const KINDS: [EntityType; 5] = [
    EntityType::User,
    EntityType::Group,
    EntityType::Role,
    EntityType::LocalManagedPolicy,
    EntityType::AwsManagedPolicy,
];

pub(crate) async fn read(reader: &Reader<'_>) -> Result<AuthorizationDetails, Gap> {
    let get = operation(Service::Iam, "GetAccountAuthorizationDetails");
    let mut details = AuthorizationDetails::default();
    let mut pages = Pages::new(get);
    let mut marker = None;
    loop {
        let call = reader.clients.iam().get_account_authorization_details().max_items(PAGE);
        let call = call.set_filter(Some(KINDS.to_vec())).set_marker(marker).send();
        let page = reader.ask(get, call).await?;
        let parts = (page.user_detail_list, page.group_detail_list, page.role_detail_list, page.policies);
        if let (None, None, None, None) = parts {
            let message = "a page lists neither users nor groups, roles or policies";
            return Err(Gap::of(GapKind::Malformed, get, None, message));
        }
        let (users, groups, roles, policies) = parts;
        collect(&mut details.users, users, |user| self::user(get, user))?;
        collect(&mut details.groups, groups, |group| self::group(get, group))?;
        collect(&mut details.roles, roles, |role| self::role(get, role))?;
        collect(&mut details.policies, policies, |policy| self::policy(get, policy))?;
        reader.progress.advanced(Topic::AuthorizationDetails, count(&details));
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            return Ok(details);
        }
    }
}

/// How many things there are.
pub(crate) fn count(details: &AuthorizationDetails) -> usize {
    details.users.len() + details.groups.len() + details.roles.len() + details.policies.len()
}

fn collect<A, B>(to: &mut Vec<B>, from: Option<Vec<A>>, read: impl Fn(A) -> Result<B, Gap>) -> Result<(), Gap> {
    for item in from.into_iter().flatten() {
        to.push(read(item)?);
    }
    Ok(())
}

fn user(get: Operation, user: types::UserDetail) -> Result<User, Gap> {
    Ok(User {
        name: required(get, "UserName", user.user_name)?,
        path: required(get, "Path", user.path)?,
        id: required(get, "UserId", user.user_id)?,
        arn: Arn::new(required(get, "Arn", user.arn)?),
        created_at: maybe_time(user.create_date.as_ref()),
        groups: user.group_list.unwrap_or_default(),
        inline_policies: inline(get, user.user_policy_list)?,
        attached_policies: attached(get, user.attached_managed_policies)?,
        permissions_boundary: boundary(get, user.permissions_boundary)?,
        tags: tags(user.tags),
    })
}

fn group(get: Operation, group: types::GroupDetail) -> Result<Group, Gap> {
    Ok(Group {
        name: required(get, "GroupName", group.group_name)?,
        path: required(get, "Path", group.path)?,
        id: required(get, "GroupId", group.group_id)?,
        arn: Arn::new(required(get, "Arn", group.arn)?),
        created_at: maybe_time(group.create_date.as_ref()),
        inline_policies: inline(get, group.group_policy_list)?,
        attached_policies: attached(get, group.attached_managed_policies)?,
    })
}

fn role(get: Operation, role: types::RoleDetail) -> Result<Role, Gap> {
    let last_used = role.role_last_used.and_then(|used| {
        let at = used.last_used_date.as_ref().and_then(time)?;
        Some(RoleLastUsed { at, region: used.region })
    });
    Ok(Role {
        name: required(get, "RoleName", role.role_name)?,
        path: required(get, "Path", role.path)?,
        id: required(get, "RoleId", role.role_id)?,
        arn: Arn::new(required(get, "Arn", role.arn)?),
        created_at: maybe_time(role.create_date.as_ref()),
        trust_policy: document(&required(get, "AssumeRolePolicyDocument", role.assume_role_policy_document)?),
        inline_policies: inline(get, role.role_policy_list)?,
        attached_policies: attached(get, role.attached_managed_policies)?,
        permissions_boundary: boundary(get, role.permissions_boundary)?,
        last_used,
        instance_profiles: role.instance_profile_list.into_iter().flatten().map(|held| Arn::new(held.arn)).collect(),
        tags: tags(role.tags),
    })
}

fn policy(get: Operation, policy: types::ManagedPolicyDetail) -> Result<ManagedPolicy, Gap> {
    let count = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let versions = required(get, "PolicyVersionList", policy.policy_version_list)?;
    Ok(ManagedPolicy {
        name: required(get, "PolicyName", policy.policy_name)?,
        path: required(get, "Path", policy.path)?,
        id: required(get, "PolicyId", policy.policy_id)?,
        arn: Arn::new(required(get, "Arn", policy.arn)?),
        created_at: maybe_time(policy.create_date.as_ref()),
        updated_at: maybe_time(policy.update_date.as_ref()),
        default_version_id: policy.default_version_id,
        attachment_count: count(policy.attachment_count),
        boundary_usage_count: count(policy.permissions_boundary_usage_count),
        versions: versions.into_iter().map(|version| self::version(get, version)).collect::<Result<_, _>>()?,
    })
}

fn version(get: Operation, version: types::PolicyVersion) -> Result<PolicyVersion, Gap> {
    Ok(PolicyVersion {
        id: required(get, "VersionId", version.version_id)?,
        is_default: version.is_default_version,
        created_at: maybe_time(version.create_date.as_ref()),
        document: document(&required(get, "Document", version.document)?),
    })
}

fn inline(get: Operation, policies: Option<Vec<types::PolicyDetail>>) -> Result<Vec<InlinePolicy>, Gap> {
    let read = |policy: types::PolicyDetail| {
        Ok(InlinePolicy {
            name: required(get, "PolicyName", policy.policy_name)?,
            document: document(&required(get, "PolicyDocument", policy.policy_document)?),
        })
    };
    policies.into_iter().flatten().map(read).collect()
}

fn attached(get: Operation, policies: Option<Vec<types::AttachedPolicy>>) -> Result<Vec<AttachedPolicy>, Gap> {
    let read = |policy: types::AttachedPolicy| {
        let arn = required(get, "PolicyArn", policy.policy_arn)?;
        Ok(AttachedPolicy { name: required(get, "PolicyName", policy.policy_name)?, arn: Arn::new(arn) })
    };
    policies.into_iter().flatten().map(read).collect()
}

fn boundary(get: Operation, boundary: Option<types::AttachedPermissionsBoundary>) -> Result<Option<Arn>, Gap> {
    let read = |boundary: types::AttachedPermissionsBoundary| {
        required(get, "PermissionsBoundaryArn", boundary.permissions_boundary_arn).map(Arn::new)
    };
    boundary.map(read).transpose()
}

fn tags(tags: Option<Vec<types::Tag>>) -> Tags {
    tags.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect()
}
