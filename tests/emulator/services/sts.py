"""STS: who am I, and becoming somebody else."""

import json

from ..errors import ApiError, denied
from ..principals import Principal
from .registry import Call, handles


@handles("sts:GetCallerIdentity")
def get_caller_identity(call: Call) -> dict:
    """Needs no permission in AWS, and none here."""
    return {"UserId": call.principal.user_id, "Account": call.principal.account, "Arn": call.principal.arn}


# The longest session policy, in characters (STS API Reference, AssumeRole, Policy).
_LONGEST_POLICY = 2048


@handles("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
def assume_role(call: Call) -> dict:
    """A session of a role of any account of the scenario, if it exists and its trust policy lets the caller in."""
    if len(call.parameters.get("Policy", "")) > _LONGEST_POLICY:
        message = f"Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to {_LONGEST_POLICY}"
        raise ApiError("ValidationError", f"1 validation error detected: {message}", 400)
    arn = call.parameters["RoleArn"]
    account = arn.split(":")[4]
    role = call.world.principal_by_arn(account, arn) if account in call.world.scenario["accounts"] else None
    if role is None or not _trusts(role, call):
        # AWS says the same whether the role does not exist or does not trust the caller.
        raise denied("sts", call.operation, call.principal.arn, arn)
    session = call.parameters["RoleSessionName"]
    credentials = call.world.credentials.open_session(
        account, role, session, call.parameters.get("DurationSeconds", 3600)
    )
    assumed = call.world.credentials.find(credentials["AccessKeyId"])
    return {"Credentials": credentials, "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.arn}}


def _trusts(role, call: Call) -> bool:
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    matching = [statement for statement in statements if _applies(statement, call)]
    return any(statement["Effect"] == "Allow" for statement in matching) and all(
        statement["Effect"] == "Allow" for statement in matching
    )


def _applies(statement: dict, call: Call) -> bool:
    actions = statement.get("Action", [])
    actions = [actions] if isinstance(actions, str) else actions
    if f"sts:{call.operation}" not in actions and "sts:*" not in actions and "*" not in actions:
        return False
    if call.operation == "AssumeRoleWithWebIdentity":
        # The token is not looked into: whoever brings one is the federated principal that the role names.
        return "Federated" in statement.get("Principal", {})
    return _names(statement.get("Principal", {}), call.principal) and _conditions_hold(
        statement.get("Condition", {}), call
    )


def _names(principal, caller: Principal) -> bool:
    if principal == "*":
        return True
    named = principal.get("AWS", [])
    partition = caller.arn.split(":")[1]
    own = {"*", caller.account, caller.arn, caller.role_arn, f"arn:{partition}:iam::{caller.account}:root"}
    return any(name in own for name in ([named] if isinstance(named, str) else named))


def _conditions_hold(conditions: dict, call: Call) -> bool:
    """Only the external id is understood; any other condition counts as not met."""
    for operator, keys in conditions.items():
        for key, wanted in keys.items():
            if operator != "StringEquals" or key != "sts:ExternalId":
                return False
            if call.parameters.get("ExternalId") not in ([wanted] if isinstance(wanted, str) else wanted):
                return False
    return True
