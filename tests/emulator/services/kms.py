"""AWS KMS: keys and their rotation."""

from ..errors import ApiError
from .registry import Call, handles


def _find(call: Call) -> tuple[str, dict]:
    name = call.parameters["KeyId"].rsplit("/", 1)[-1]
    words = call.words.get("kms_keys", {}).get(name)
    if words is None or words.get("region", call.world.home_region) != call.region:
        raise ApiError("NotFoundException", f"Key '{call.parameters['KeyId']}' does not exist", 400)
    return name, words


@handles("kms:DescribeKey")
def describe_key(call: Call) -> dict:
    """A key."""
    name, words = _find(call)
    state = words.get("state", "Enabled")
    return {
        "KeyMetadata": {
            "AWSAccountId": call.account,
            "KeyId": name,
            "Arn": call.world.arn("kms", call.account, f"key/{name}", call.region),
            "CreationDate": call.world.clock.at(words.get("created", "700 days ago")),
            "Enabled": state == "Enabled",
            "Description": "",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": state,
            "Origin": words.get("origin", "AWS_KMS"),
            "KeyManager": words.get("manager", "CUSTOMER"),
            "KeySpec": "SYMMETRIC_DEFAULT",
            "MultiRegion": False,
        }
    }


@handles("kms:GetKeyRotationStatus")
def get_key_rotation_status(call: Call) -> dict:
    """Whether the key is rotated."""
    name, words = _find(call)
    on = bool(words.get("rotation"))
    period = {"RotationPeriodInDays": words["rotation"]} if on else {}
    return {"KeyRotationEnabled": on, "KeyId": name, **period}
