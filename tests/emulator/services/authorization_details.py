"""GetAccountAuthorizationDetails, straight from moto's state: moto itself leaves out boundaries and policy ids."""

from urllib.parse import quote

from ..clock import aware
from .registry import Call, handles

# The filters and the lists that they let through; no filter lets everything through.
_LISTS = {"User": "UserDetailList", "Group": "GroupDetailList", "Role": "RoleDetailList"}


@handles("iam:GetAccountAuthorizationDetails")
def get_account_authorization_details(call: Call) -> dict:
    """Users, groups, roles and policies. AWS managed policies only where something uses them, as in AWS."""
    wanted = call.parameters.get("Filter") or []
    key = ("authorization details", call.account, tuple(sorted(wanted)))
    if key not in call.world.listings:
        call.world.listings[key] = _details(call.iam, set(wanted))
    return call.world.listings[key]


def _details(iam, wanted: set[str]) -> dict:
    everything = not wanted
    groups_of: dict[str, list[str]] = {}
    for group in iam.groups.values():
        for user in group.users:
            groups_of.setdefault(user.name, []).append(group.name)
    profiles_of: dict[str, list] = {}
    for profile in iam.instance_profiles.values():
        for role in profile.roles:
            profiles_of.setdefault(role.id, []).append(profile)
    boundaries = boundary_uses(iam)
    result: dict = {name: [] for name in (*_LISTS.values(), "Policies")}
    if everything or "User" in wanted:
        result["UserDetailList"] = [_user(iam, user, groups_of.get(user.name, [])) for user in iam.users.values()]
    if everything or "Group" in wanted:
        result["GroupDetailList"] = [_group(group) for group in iam.groups.values()]
    if everything or "Role" in wanted:
        result["RoleDetailList"] = [_role(role, profiles_of.get(role.id, [])) for role in iam.roles.values()]
    for policy in iam.managed_policies.values():
        of_aws = ":iam::aws:" in policy.arn
        uses = policy.attachment_count + boundaries.get(policy.arn, 0)
        if (of_aws and uses and (everything or "AWSManagedPolicy" in wanted)) or (
            not of_aws and (everything or "LocalManagedPolicy" in wanted)
        ):
            result["Policies"].append(_policy(policy, boundaries.get(policy.arn, 0)))
    return result


def boundary_uses(iam) -> dict[str, int]:
    """How many users and roles have each policy as their permissions boundary."""
    uses: dict[str, int] = {}
    for entity in (*iam.users.values(), *iam.roles.values()):
        arn = getattr(entity, "permissions_boundary_arn", None)
        if arn:
            uses[arn] = uses.get(arn, 0) + 1
    return uses


def boundary_member(entity) -> dict:
    """The `PermissionsBoundary` member, for a user or role that has one."""
    arn = getattr(entity, "permissions_boundary_arn", None)
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}} if arn else {}


def last_used_member(role) -> dict:
    """When and where a role was last used; empty for one that never was."""
    if role.last_used is None:
        return {}
    return {"LastUsedDate": aware(role.last_used), "Region": role.last_used_region}


def _inline(entity) -> list[dict]:
    return [{"PolicyName": name, "PolicyDocument": quote(text)} for name, text in entity.policies.items()]


def _user(iam, user, groups: list[str]) -> dict:
    tags = iam.tagger.list_tags_for_resource(user.arn)["Tags"]
    detail = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": aware(user.create_date),
        "GroupList": groups,
        "AttachedManagedPolicies": user.attached_managed_policies,
        **boundary_member(user),
        "Tags": tags,
    }
    if user.policies:
        detail["UserPolicyList"] = _inline(user)
    return detail


def _group(group) -> dict:
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group.arn,
        "CreateDate": aware(group.create_date),
        "GroupPolicyList": _inline(group),
        "AttachedManagedPolicies": group.attached_managed_policies,
    }


def _bare_role(role) -> dict:
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": aware(role.create_date),
        "AssumeRolePolicyDocument": quote(role.assume_role_policy_document),
    }


def _role(role, profiles: list) -> dict:
    return {
        **_bare_role(role),
        "InstanceProfileList": [
            {
                "Path": profile.path,
                "InstanceProfileName": profile.name,
                "InstanceProfileId": profile.id,
                "Arn": profile.arn,
                "CreateDate": aware(profile.create_date),
                "Roles": [_bare_role(member) for member in profile.roles],
            }
            for profile in profiles
        ],
        "RolePolicyList": _inline(role),
        "AttachedManagedPolicies": role.attached_managed_policies,
        **boundary_member(role),
        "Tags": role.tags,
        "RoleLastUsed": last_used_member(role),
    }


def _policy(policy, boundary_count: int) -> dict:
    detail = {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": boundary_count,
        "IsAttachable": True,
        "CreateDate": aware(policy.create_date),
        "UpdateDate": aware(policy.update_date),
        "PolicyVersionList": [
            {
                "Document": quote(version.document),
                "VersionId": version.version_id,
                "IsDefaultVersion": version.is_default,
                "CreateDate": aware(version.create_date),
            }
            for version in reversed(policy.versions)
        ],
    }
    if policy.description:
        detail["Description"] = policy.description
    return detail
