"""What runs: EC2 instances, Lambda functions and ECS task definitions, from the scenario alone.

moto would need networks, images and code packages first; a scenario says what matters: roles, metadata settings, and what
somebody wrote into user data and variables.
"""

import base64
import re

from .. import identifiers
from ..errors import ApiError
from .registry import Call, handles

_STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def _here(call: Call, kind: str) -> dict[str, dict]:
    """What the scenario has of a kind in the Region of the call."""
    everywhere = call.words.get(kind, {})
    return {
        name: words
        for name, words in sorted(everywhere.items())
        if words.get("region", call.world.home_region) == call.region
    }


def _role(call: Call, name: str) -> str:
    role = next((role for role in call.iam.roles.values() if role.name == name), None)
    return role.arn if role else call.world.arn("iam", call.account, f"role/{name}")


def _filled(call: Call, text: str) -> str:
    """A text with keys in the places that name them: `{access_key:USER}` is the first key of a user, `{access_key}` nobody's,
    and `{secret}` has the shape of a secret. So no scenario holds anything that looks like a key."""

    def key(match: re.Match) -> str:
        user = next((user for user in call.iam.users.values() if user.name == match.group(2)), None)
        if user and user.access_keys:
            return user.access_keys[0].access_key_id
        return identifiers.access_key_id("embedded", call.account)

    text = re.sub(r"\{access_key(:([^}]*))?\}", key, text)
    return text.replace("{secret}", "Aa0" + identifiers.secret(37, "embedded", call.account))


def _tags(words: dict, key: str, value: str) -> list[dict]:
    return [{key: name, value: text} for name, text in sorted(words.get("tags", {}).items())]


def _instance(call: Call, name: str, words: dict) -> dict:
    state = words.get("state", "running")
    instance = {
        "InstanceId": name,
        "InstanceType": "t4g.small",
        "State": {"Code": _STATES[state], "Name": state},
        "Tags": _tags(words, "Key", "Value"),
        "MetadataOptions": {
            "State": "applied",
            "HttpTokens": words.get("tokens", "required"),
            "HttpEndpoint": words.get("endpoint", "enabled"),
            "HttpPutResponseHopLimit": words.get("hop_limit", 1),
        },
    }
    if "profile" in words:
        profile = call.iam.instance_profiles.get(words["profile"])
        instance["IamInstanceProfile"] = {
            "Arn": call.world.arn("iam", call.account, f"instance-profile/{words['profile']}"),
            "Id": profile.id if profile else identifiers.unique_id("AIPA", call.account, words["profile"]),
        }
    return instance


@handles("ec2:DescribeInstances")
def describe_instances(call: Call) -> dict:
    """Instances, each in a reservation of its own."""
    return {
        "Reservations": [
            {
                "ReservationId": f"r-{name.removeprefix('i-')}",
                "OwnerId": call.account,
                "Instances": [_instance(call, name, words)],
            }
            for name, words in _here(call, "instances").items()
        ]
    }


@handles("ec2:DescribeInstanceAttribute")
def describe_instance_attribute(call: Call) -> dict:
    """The user data of an instance; other attributes nobody has asked for yet."""
    name = call.parameters["InstanceId"]
    words = _here(call, "instances").get(name)
    if words is None:
        raise ApiError("InvalidInstanceID.NotFound", f"The instance ID '{name}' does not exist", 400)
    text = words.get("user_data")
    data = {"Value": base64.b64encode(_filled(call, text).encode()).decode()} if text else {}
    return {"InstanceId": name, "UserData": data}


def _variables(call: Call, words: dict) -> dict[str, str]:
    return {name: _filled(call, value) for name, value in words.get("variables", {}).items()}


def _function(call: Call, name: str, words: dict) -> dict:
    function = {
        "FunctionName": name,
        "FunctionArn": call.world.arn("lambda", call.account, f"function:{name}", call.region),
        "Role": _role(call, words["role"]),
        "Runtime": "python3.13",
        "Version": "$LATEST",
    }
    if "variables_error" in words:
        message = "Lambda was unable to decrypt the environment variables."
        function["Environment"] = {"Error": {"ErrorCode": words["variables_error"], "Message": message}}
    elif "variables" in words:
        function["Environment"] = {"Variables": _variables(call, words)}
    return function


@handles("lambda:ListFunctions")
def list_functions(call: Call) -> dict:
    """Functions, without versions."""
    return {"Functions": [_function(call, name, words) for name, words in _here(call, "functions").items()]}


@handles("ecs:ListTaskDefinitionFamilies")
def list_task_definition_families(call: Call) -> dict:
    """The families that have an active revision: all of a scenario."""
    return {"families": list(_here(call, "task_definitions"))}


@handles("ecs:DescribeTaskDefinition")
def describe_task_definition(call: Call) -> dict:
    """The newest revision of a family, with one container."""
    family = call.parameters["taskDefinition"]
    words = _here(call, "task_definitions").get(family)
    if words is None:
        raise ApiError("ClientException", "Unable to describe task definition.", 400)
    definition = {
        "taskDefinitionArn": call.world.arn("ecs", call.account, f"task-definition/{family}:1", call.region),
        "family": family,
        "revision": 1,
        "status": "ACTIVE",
        "containerDefinitions": [
            {
                "name": family,
                "image": f"{family}:latest",
                "environment": [
                    {"name": name, "value": value} for name, value in sorted(_variables(call, words).items())
                ],
            }
        ],
    }
    for key, word in (("taskRoleArn", "role"), ("executionRoleArn", "execution_role")):
        if word in words:
            definition[key] = _role(call, words[word])
    answer = {"taskDefinition": definition}
    if "TAGS" in call.parameters.get("include", []):
        answer["tags"] = _tags(words, "key", "value")
    return answer
