"""The policies of resources: queues, topics, secrets, keys and functions, from the scenario alone.

A resource without a word about its policy has the one that AWS gives it: a topic lets its owner in by `AWS:SourceOwner`, a key
its account, a queue, a secret and a function have none.
"""

import json

from ..errors import ApiError
from .registry import Call, handles


def _here(call: Call, kind: str) -> dict[str, dict]:
    everywhere = call.words.get("resource_policies", {}).get(kind, {})
    return {
        name: words
        for name, words in sorted(everywhere.items())
        if words.get("region", call.world.home_region) == call.region
    }


def _find(call: Call, kind: str, name: str) -> dict:
    words = _here(call, kind).get(name)
    if words is None:
        raise ApiError("ResourceNotFoundException", f"{name} does not exist", 400)
    return words


def _last(text: str, separator: str) -> str:
    return text.rsplit(separator, 1)[-1]


@handles("sqs:ListQueues")
def list_queues(call: Call) -> dict:
    """The addresses of the queues; without any, nothing."""
    urls = [f"https://sqs.{call.region}.amazonaws.com/{call.account}/{name}" for name in _here(call, "queues")]
    return {"QueueUrls": urls} if urls else {}


@handles("sqs:GetQueueAttributes")
def get_queue_attributes(call: Call) -> dict:
    """The policy; without one, nothing."""
    words = _find(call, "queues", _last(call.parameters["QueueUrl"], "/"))
    return {"Attributes": {"Policy": json.dumps(words["policy"])}} if "policy" in words else {}


@handles("sns:ListTopics")
def list_topics(call: Call) -> dict:
    """The topics."""
    return {"Topics": [{"TopicArn": _topic(call, name)} for name in _here(call, "topics")]}


@handles("sns:GetTopicAttributes")
def get_topic_attributes(call: Call) -> dict:
    """The policy, which every topic has."""
    arn = call.parameters["TopicArn"]
    default = _statement({"AWS": "*"}, "SNS:Publish", arn)
    default["Statement"][0]["Condition"] = {"StringEquals": {"AWS:SourceOwner": call.account}}
    policy = _find(call, "topics", _last(arn, ":")).get("policy", default)
    return {"Attributes": {"TopicArn": arn, "Owner": call.account, "Policy": json.dumps(policy)}}


def _topic(call: Call, name: str) -> str:
    return call.world.arn("sns", call.account, name, call.region)


def _statement(principal, action: str, resource: str) -> dict:
    statement = {"Sid": "default", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {"Version": "2008-10-17", "Statement": [statement]}


@handles("secretsmanager:ListSecrets")
def list_secrets(call: Call) -> dict:
    """The secrets, without what they hold. What is not known of one is left out, as AWS does."""
    return {"SecretList": [_listed(call, name, words) for name, words in _here(call, "secrets").items()]}


def _listed(call: Call, name: str, words: dict) -> dict:
    clock, every = call.world.clock, words.get("rotates_every")
    told = {
        "CreatedDate": clock.at(words.get("created", "500 days ago")),
        "RotationEnabled": True if every else None,
        "RotationRules": {"AutomaticallyAfterDays": every} if every else None,
        "LastRotatedDate": clock.maybe(words.get("rotated")),
        "NextRotationDate": clock.maybe(words.get("next_rotation")),
        "OwningService": words.get("service"),
        "PrimaryRegion": words.get("primary_region"),
        "Tags": [{"Key": key, "Value": value} for key, value in words.get("tags", {}).items()],
    }
    return {"ARN": _secret(call, name), "Name": name, **{key: value for key, value in told.items() if value is not None}}


@handles("secretsmanager:GetResourcePolicy")
def get_resource_policy(call: Call) -> dict:
    """The policy; without one, the name alone."""
    name = _last(call.parameters["SecretId"], ":").removesuffix("-Ab12Cd")
    words = _find(call, "secrets", name)
    policy = {"ResourcePolicy": json.dumps(words["policy"])} if "policy" in words else {}
    return {"ARN": _secret(call, name), "Name": name, **policy}


def _secret(call: Call, name: str) -> str:
    return call.world.arn("secretsmanager", call.account, f"secret:{name}-Ab12Cd", call.region)


@handles("kms:ListKeys")
def list_keys(call: Call) -> dict:
    """The keys."""
    arn = lambda name: call.world.arn("kms", call.account, f"key/{name}", call.region)  # noqa: E731
    return {"Keys": [{"KeyId": name, "KeyArn": arn(name)} for name in _here(call, "keys")]}


@handles("kms:GetKeyPolicy")
def get_key_policy(call: Call) -> dict:
    """The policy, which every key has."""
    name = _last(call.parameters["KeyId"], "/")
    root = {"AWS": call.world.arn("iam", call.account, "root")}
    policy = _find(call, "keys", name).get("policy", _statement(root, "kms:*", "*"))
    return {"Policy": json.dumps(policy), "PolicyName": "default"}


@handles("lambda:GetPolicy")
def get_policy(call: Call) -> dict:
    """The policy of a function."""
    name = _last(call.parameters["FunctionName"], ":")
    policy = call.words.get("functions", {}).get(name, {}).get("policy")
    if policy is None:
        raise ApiError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    return {"Policy": json.dumps(policy), "RevisionId": "1"}


@handles("s3:ListBuckets")
def list_buckets(call: Call) -> dict:
    """The buckets of every Region, each with its own."""
    buckets = [
        {"Name": name, "BucketRegion": words.get("region", call.world.home_region)}
        for name, words in sorted(call.words.get("buckets", {}).items())
    ]
    return {"Buckets": buckets, "Owner": {"ID": f"{int(call.account):064x}"}}
