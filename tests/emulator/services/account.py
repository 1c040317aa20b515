"""AWS Account Management: the Regions of an account and who to contact."""

from ..errors import ApiError, denied
from .registry import Call, handles

# Regions that every account has, and some of those it has to opt into (AWS General Reference, "Regions").
_DEFAULT_REGIONS = {
    "aws": (
        "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 "
        "ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 "
        "us-east-2 us-west-1 us-west-2"
    ).split(),
    "aws-us-gov": "us-gov-east-1 us-gov-west-1".split(),
    "aws-cn": "cn-north-1 cn-northwest-1".split(),
}
_OPT_IN_REGIONS = {"aws": "af-south-1 ap-east-1 ap-southeast-3 eu-central-2 eu-south-1 il-central-1 me-south-1".split()}


def _statuses(world, account: str) -> dict[str, str]:
    """Whether each Region is enabled for an account."""
    words = world.account(account)
    default = words.get("default_regions", _DEFAULT_REGIONS.get(world.partition, []))
    statuses = dict.fromkeys(default, "ENABLED_BY_DEFAULT")
    for region in _OPT_IN_REGIONS.get(world.partition, []):
        statuses[region] = "ENABLED" if region in words.get("opted_in_regions", []) else "DISABLED"
    return statuses


def enabled_regions(world, account: str) -> list[str]:
    """The Regions that an account can use."""
    return sorted(region for region, status in _statuses(world, account).items() if status != "DISABLED")


@handles("account:ListRegions")
def list_regions(call: Call) -> dict:
    """Enabled and disabled Regions of the caller's account; the management account may ask for a member's."""
    account = call.parameters.get("AccountId", call.account)
    if account != call.account and call.account != call.world.management_account:
        raise denied("account", "ListRegions", call.principal.arn, call.world.arn("account", account, "account"))
    wanted = call.parameters.get("RegionOptStatusContains") or []
    statuses = _statuses(call.world, account)
    regions = [{"RegionName": region, "RegionOptStatus": status} for region, status in sorted(statuses.items())]
    return {"Regions": [region for region in regions if not wanted or region["RegionOptStatus"] in wanted]}


@handles("account:GetContactInformation")
def get_contact_information(call: Call) -> dict:
    """The primary contact."""
    contact = call.words.get("contact")
    if contact is None:
        raise ApiError("ResourceNotFoundException", "No contact information found for the account.", 404)
    return {"ContactInformation": contact}


@handles("account:GetAlternateContact")
def get_alternate_contact(call: Call) -> dict:
    """The security, billing or operations contact."""
    kind = call.parameters["AlternateContactType"]
    contact = call.words.get("alternate_contacts", {}).get(kind)
    if contact is None:
        raise ApiError("ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404)
    return {"AlternateContact": {**contact, "AlternateContactType": kind}}
