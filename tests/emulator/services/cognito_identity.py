"""Amazon Cognito identity pools: whom they let in, with which role. Served from the scenario alone."""

from .. import identifiers
from ..errors import ApiError
from .registry import Call, handles


def _pools(call: Call) -> dict[str, dict]:
    """The pools of the Region by id."""
    found = {}
    for name, words in call.words.get("identity_pools", {}).items():
        if words.get("region", call.world.home_region) == call.region:
            found[f"{call.region}:{identifiers.uuid('pool', call.account, call.region, name)}"] = {**words, "name": name}
    return found


def _find(call: Call) -> dict:
    pool = _pools(call).get(call.parameters["IdentityPoolId"])
    if pool is None:
        raise ApiError("ResourceNotFoundException", f"IdentityPool '{call.parameters['IdentityPoolId']}' not found.", 400)
    return pool


@handles("cognito-identity:ListIdentityPools")
def list_identity_pools(call: Call) -> dict:
    """The pools of the Region."""
    return {
        "IdentityPools": [
            {"IdentityPoolId": identity, "IdentityPoolName": pool["name"]} for identity, pool in _pools(call).items()
        ]
    }


@handles("cognito-identity:DescribeIdentityPool")
def describe_identity_pool(call: Call) -> dict:
    """One pool."""
    pool = _find(call)
    return {
        "IdentityPoolId": call.parameters["IdentityPoolId"],
        "IdentityPoolName": pool["name"],
        "AllowUnauthenticatedIdentities": bool(pool.get("guests")),
        "AllowClassicFlow": bool(pool.get("classic_flow")),
    }


@handles("cognito-identity:GetIdentityPoolRoles")
def get_identity_pool_roles(call: Call) -> dict:
    """The roles of a pool."""
    pool = _find(call)
    named = {"unauthenticated": pool.get("guest_role"), "authenticated": pool.get("role")}
    roles = {kind: call.world.arn("iam", call.account, f"role/{role}") for kind, role in named.items() if role}
    return {"IdentityPoolId": call.parameters["IdentityPoolId"], "Roles": roles}
