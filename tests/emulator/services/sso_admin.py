"""IAM Identity Center: whether the account has an instance, and where."""

from .. import identifiers
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
                "InstanceArn": f"arn:{call.world.partition}:sso:::instance/ssoins-{identifiers.digits(16, owner)}",
                "IdentityStoreId": f"d-{identifiers.digits(10, owner, 'store')}",
                "OwnerAccountId": owner,
                "CreatedDate": call.world.clock.at(words.get("created", "500 days ago")),
                "Status": "ACTIVE",
                **({"Name": words["name"]} if "name" in words else {}),
            }
        )
    return {"Instances": found}
