"""IAM Identity Center: whether the account has an instance, and where; its permission sets and who is assigned them."""

from .. import identifiers
from ..errors import ApiError, denied
from ..seeding.documents import document
from .registry import Call, handles


@handles("sso-admin:ListInstances")
def list_instances(call: Call) -> dict:
    """The instances that the account sees in this Region: its own, or the organization's, which members see too."""
    found = []
    for owner in dict.fromkeys([call.account, call.world.management_account]):
        words = call.world.account(owner).get("identity_center") if owner else None
        if words is None or words.get("region", call.world.home_region) != call.region:
            continue
        if owner != call.account and not call.world.in_organization(call.account):
            continue
        found.append(
            {
                "InstanceArn": _instance(call, owner),
                "IdentityStoreId": store_of(owner),
                "OwnerAccountId": owner,
                "CreatedDate": call.world.clock.at(words.get("created", "500 days ago")),
                "Status": words.get("status", "ACTIVE"),
                **({"Name": words["name"]} if "name" in words else {}),
            }
        )
    return {"Instances": found}


@handles("sso-admin:ListPermissionSets")
def list_permission_sets(call: Call) -> dict:
    """Their ARNs, and nothing more."""
    return {"PermissionSets": [_arn(call, name) for name in _sets(call)]}


@handles("sso-admin:DescribePermissionSet")
def describe_permission_set(call: Call) -> dict:
    """Name, session and date; the policies are asked for one by one."""
    name, words = _named(call)
    described = {
        "Name": name,
        "PermissionSetArn": call.parameters["PermissionSetArn"],
        "CreatedDate": call.world.clock.at(words.get("created", "400 days ago")),
        "SessionDuration": words.get("session", "PT1H"),
    }
    return {"PermissionSet": described}


@handles("sso-admin:GetInlinePolicyForPermissionSet")
def get_inline_policy(call: Call) -> dict:
    """Its own policy, where it has one."""
    _, words = _named(call)
    return {"InlinePolicy": document(words["inline"])} if "inline" in words else {}


@handles("sso-admin:ListManagedPoliciesInPermissionSet")
def list_managed_policies(call: Call) -> dict:
    """The AWS managed policies."""
    _, words = _named(call)
    policies = [{"Name": name, "Arn": _aws_managed(call, name)} for name in words.get("policies", [])]
    return {"AttachedManagedPolicies": policies}


@handles("sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet")
def list_references(call: Call) -> dict:
    """The policies that each account has of its own."""
    _, words = _named(call)
    return {"CustomerManagedPolicyReferences": [{"Name": name, "Path": "/"} for name in words.get("customer_policies", [])]}


@handles("sso-admin:GetPermissionsBoundaryForPermissionSet")
def get_boundary(call: Call) -> dict:
    """An AWS managed policy; that there is none is an error."""
    name, words = _named(call)
    if "boundary" not in words:
        raise ApiError("ResourceNotFoundException", f"Permissions boundary not found for {name}", 400)
    return {"PermissionsBoundary": {"ManagedPolicyArn": _aws_managed(call, words["boundary"])}}


@handles("sso-admin:ListAccountsForProvisionedPermissionSet")
def list_accounts(call: Call) -> dict:
    """The accounts where somebody is assigned it."""
    _, words = _named(call)
    return {"AccountIds": list(words.get("assignments", {}))}


@handles("sso-admin:ListAccountAssignments")
def list_account_assignments(call: Call) -> dict:
    """Who is assigned it in an account: `group:NAME` or `user:NAME` in the scenario."""
    _, words = _named(call)
    account = call.parameters["AccountId"]
    found = []
    for principal in words.get("assignments", {}).get(account, []):
        kind, name = principal.split(":", 1)
        found.append(
            {
                "AccountId": account,
                "PermissionSetArn": call.parameters["PermissionSetArn"],
                "PrincipalType": kind.upper(),
                "PrincipalId": principal_id(_owner(call), kind, name),
            }
        )
    return {"AccountAssignments": found}


def store_of(owner: str) -> str:
    """The id of the identity store of an instance."""
    return f"d-{identifiers.digits(10, owner, 'store')}"


def principal_id(owner: str, kind: str, name: str) -> str:
    """The id of a user or a group in the identity store."""
    return identifiers.uuid(owner, kind, name)


def _instance(call: Call, owner: str) -> str:
    return f"arn:{call.world.partition}:sso:::instance/ssoins-{identifiers.digits(16, owner)}"


def _owner(call: Call) -> str:
    """The account whose instance is asked about: its own, for delegated administrators the organization's."""
    management = call.world.management_account
    for owner in dict.fromkeys([call.account, management]):
        words = call.world.account(owner).get("identity_center") if owner else None
        if words is None or _instance(call, owner) != call.parameters["InstanceArn"]:
            continue
        if words.get("region", call.world.home_region) != call.region:
            break
        delegated = call.world.organization.get("delegated_administrators", {}) if call.world.organization else {}
        if owner == call.account or "sso.amazonaws.com" in delegated.get(call.account, {}):
            return owner
        raise denied("sso-admin", call.operation, call.principal.arn, call.parameters["InstanceArn"])
    raise ApiError("ResourceNotFoundException", "Instance not found", 400)


def _sets(call: Call) -> dict:
    return call.world.account(_owner(call))["identity_center"].get("permission_sets", {})


def _arn(call: Call, name: str) -> str:
    instance = call.parameters["InstanceArn"].rsplit("/", 1)[1]
    return f"arn:{call.world.partition}:sso:::permissionSet/{instance}/ps-{identifiers.digits(16, instance, name)}"


def _named(call: Call) -> tuple[str, dict]:
    for name, words in _sets(call).items():
        if _arn(call, name) == call.parameters["PermissionSetArn"]:
            return name, words
    raise ApiError("ResourceNotFoundException", "PermissionSet not found", 400)


def _aws_managed(call: Call, name: str) -> str:
    return f"arn:{call.world.partition}:iam::aws:policy/{name}"
