"""The identity store of IAM Identity Center: its groups."""

from ..errors import ApiError, denied
from .registry import Call, handles
from .sso_admin import principal_id, store_of


@handles("identitystore:ListGroups")
def list_groups(call: Call) -> dict:
    """The groups, from the instance's Region and for who may read it."""
    for owner in dict.fromkeys([call.account, call.world.management_account]):
        words = call.world.account(owner).get("identity_center") if owner else None
        if words is None or store_of(owner) != call.parameters["IdentityStoreId"]:
            continue
        if words.get("region", call.world.home_region) != call.region:
            break
        if owner != call.account:
            raise denied("identitystore", call.operation, call.principal.arn)
        store = call.parameters["IdentityStoreId"]
        return {
            "Groups": [
                {
                    "IdentityStoreId": store,
                    "GroupId": principal_id(owner, "group", name),
                    "GroupArn": f"arn:{call.world.partition}:identitystore:::group/{principal_id(owner, 'group', name)}",
                    "Revision": "1",
                    "DisplayName": name,
                }
                for name in words.get("groups", [])
            ]
        }
    raise ApiError("ResourceNotFoundException", "IDENTITY_STORE not found.", 400)
