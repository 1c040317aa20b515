"""AWS Organizations: moto's answers, behind the doors that AWS keeps closed to member accounts."""

from ..errors import ApiError
from ..pages import paging_of, result_keys
from .registry import Call, handles

# What a member account may call (DescribeOrganization, and leaving, which nobody here does). Everything else is for the
# management account and for delegated administrators.
_OPEN_TO_MEMBERS = {"DescribeOrganization"}

_READS = (
    "DescribeAccount",
    "DescribeOrganization",
    "DescribeOrganizationalUnit",
    "DescribePolicy",
    "DescribeResourcePolicy",
    "ListAWSServiceAccessForOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListChildren",
    "ListDelegatedAdministrators",
    "ListDelegatedServicesForAccount",
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
    if call.operation == "DescribeResourcePolicy":
        raise ApiError(
            "ResourcePolicyNotFoundException",
            "We can't find a resource policy request with the parameter that you specified.",
            400,
        )
    return _tidy(
        call, world.moto.call("organizations", call.operation, call.parameters, world.management_account, call.region)
    )


def _tidy(call: Call, answer: dict) -> dict:
    """moto leaves out an empty list of results, which AWS always sends."""
    paging = paging_of("organizations", call.operation)
    for key in result_keys(paging) if paging else ():
        answer.setdefault(key, [])
    return answer
