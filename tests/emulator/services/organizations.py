"""AWS Organizations: moto's answers, and those that moto lacks, behind the doors that AWS keeps closed to member accounts."""

from .. import identifiers
from ..errors import ApiError
from ..pages import paging_of, result_keys
from ..seeding.documents import document
from .effective_policies import effective_policy
from .registry import Call, handles

# What a member account may call (DescribeOrganization, and leaving, which nobody here does). Everything else is for the
# management account and for delegated administrators.
_OPEN_TO_MEMBERS = {"DescribeOrganization"}

_READS = (
    "DescribeAccount",
    "DescribeEffectivePolicy",
    "DescribeOrganization",
    "DescribeOrganizationalUnit",
    "DescribePolicy",
    "DescribeResourcePolicy",
    "ListAWSServiceAccessForOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListAccountsWithInvalidEffectivePolicy",
    "ListChildren",
    "ListDelegatedAdministrators",
    "ListDelegatedServicesForAccount",
    "ListHandshakesForOrganization",
    "ListOrganizationalUnitsForParent",
    "ListParents",
    "ListPolicies",
    "ListPoliciesForTarget",
    "ListRoots",
    "ListTagsForResource",
    "ListTargetsForPolicy",
)


@handles(*(f"organizations:{operation}" for operation in _READS))
def read(call: Call) -> dict:
    """Any read, from the management account's point of view."""
    world = call.world
    if not world.in_organization(call.account):
        raise ApiError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", 400)
    delegated = call.account in world.organization.get("delegated_administrators", {})
    if call.operation not in _OPEN_TO_MEMBERS and call.account != world.management_account and not delegated:
        raise ApiError("AccessDeniedException", "You don't have permissions to access this resource.", 400)
    own = _OWN.get(call.operation)
    if own:
        return own(call)
    return _tidy(
        call, world.moto.call("organizations", call.operation, call.parameters, world.management_account, call.region)
    )


def _tidy(call: Call, answer: dict) -> dict:
    """moto leaves out an empty list of results, which AWS always sends."""
    paging = paging_of("organizations", call.operation)
    for key in result_keys(paging) if paging else ():
        answer.setdefault(key, [])
    return answer


def _describe_resource_policy(call: Call) -> dict:
    words = call.world.organization
    if "resource_policy" not in words:
        raise ApiError(
            "ResourcePolicyNotFoundException",
            "We can't find a resource policy request with the parameter that you specified.",
            400,
        )
    organization = call.world.moto.organizations(call.world.management_account).org
    policy_id = f"rp-{identifiers.lower(10, organization.id, 'resource-policy')}"
    arn = call.world.arn("organizations", call.world.management_account, f"resourcepolicy/{organization.id}/{policy_id}")
    summary = {"Id": policy_id, "Arn": arn}
    return {"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": document(words["resource_policy"])}}


def _describe_effective_policy(call: Call) -> dict:
    kind = call.parameters["PolicyType"]
    target = call.parameters.get("TargetId", call.account)
    content = effective_policy(call.world.moto.organizations(call.world.management_account), kind, target)
    if content is None:
        message = "If you ran this action on the management account, this policy type is not enabled."
        raise ApiError("EffectivePolicyNotFoundException", message, 400)
    return {
        "EffectivePolicy": {
            "PolicyContent": content,
            "LastUpdatedTimestamp": call.world.clock.at("1 day ago"),
            "TargetId": target,
            "PolicyType": kind,
        }
    }


def _accounts_with_invalid_effective_policy(call: Call) -> dict:
    kind = call.parameters["PolicyType"]
    listed = call.world.organization.get("effective_policy_errors", {}).get(kind, [])
    world = call.world
    every = world.moto.call("organizations", "ListAccounts", {}, world.management_account, call.region)["Accounts"]
    return {"Accounts": [account for account in every if account["Id"] in listed], "PolicyType": kind}


def _handshakes(call: Call) -> dict:
    organization = call.world.moto.organizations(call.world.management_account).org
    found = []
    for number, words in enumerate(call.world.organization.get("handshakes", [])):
        action = words.get("action", "INVITE")
        handshake = f"h-{identifiers.lower(10, organization.id, str(number))}"
        other = {"Id": words["email"], "Type": "EMAIL"} if "email" in words else {"Id": words["account"], "Type": "ACCOUNT"}
        path = f"handshake/{organization.id}/{action.lower()}/{handshake}"
        found.append(
            {
                "Id": handshake,
                "Arn": call.world.arn("organizations", call.world.management_account, path),
                "Parties": [{"Id": organization.id.removeprefix("o-"), "Type": "ORGANIZATION"}, other],
                "State": words.get("state", "OPEN"),
                "RequestedTimestamp": call.world.clock.at(words.get("requested", "3 days ago")),
                "ExpirationTimestamp": call.world.clock.at(words.get("expires", "in 12 days")),
                "Action": action,
            }
        )
    return {"Handshakes": found}


_OWN = {
    "DescribeEffectivePolicy": _describe_effective_policy,
    "DescribeResourcePolicy": _describe_resource_policy,
    "ListAccountsWithInvalidEffectivePolicy": _accounts_with_invalid_effective_policy,
    "ListHandshakesForOrganization": _handshakes,
}
