"""Service last accessed details: a job for each principal, asked for and fetched later."""

import json

from .. import identifiers
from ..errors import no_such_entity
from .registry import Call, handles

SERVICE_NAMES = {
    "cloudformation": "AWS CloudFormation",
    "cloudtrail": "AWS CloudTrail",
    "cloudwatch": "Amazon CloudWatch",
    "dynamodb": "Amazon DynamoDB",
    "ec2": "Amazon EC2",
    "ecr": "Amazon Elastic Container Registry",
    "ecs": "Amazon Elastic Container Service",
    "iam": "AWS Identity and Access Management",
    "kms": "AWS Key Management Service",
    "lambda": "AWS Lambda",
    "logs": "Amazon CloudWatch Logs",
    "organizations": "AWS Organizations",
    "rds": "Amazon RDS",
    "route53": "Amazon Route 53",
    "s3": "Amazon S3",
    "secretsmanager": "AWS Secrets Manager",
    "sns": "Amazon SNS",
    "sqs": "Amazon SQS",
    "ssm": "AWS Systems Manager",
    "sts": "AWS Security Token Service",
}


@handles("iam:GenerateServiceLastAccessedDetails")
def generate_service_last_accessed_details(call: Call) -> dict:
    """Starts a job for a user, role, group or policy."""
    arn = call.parameters["Arn"]
    if call.world.principal_by_arn(call.account, arn) is None:
        raise no_such_entity(f"ARN {arn} is not found")
    granularity = call.parameters.get("Granularity", "SERVICE_LEVEL")
    job = identifiers.uuid("last accessed", arn, granularity)
    call.world.jobs[job] = {"account": call.account, "arn": arn, "granularity": granularity, "asked": 0}
    return {"JobId": job}


@handles("iam:GetServiceLastAccessedDetails")
def get_service_last_accessed_details(call: Call) -> dict:
    """In progress when first asked, completed from then on."""
    job = call.world.jobs.get(call.parameters["JobId"])
    if job is None or job["account"] != call.account:
        raise no_such_entity(f"The Job with ID {call.parameters['JobId']} was not found")
    job["asked"] += 1
    now = call.world.clock.now
    answer = {"JobCreationDate": now, "JobCompletionDate": now, "JobType": job["granularity"]}
    if job["asked"] == 1:
        return {**answer, "JobStatus": "IN_PROGRESS", "ServicesLastAccessed": []}
    entity = call.world.principal_by_arn(call.account, job["arn"])
    return {**answer, "JobStatus": "COMPLETED", "ServicesLastAccessed": _services(call, entity)}


def _services(call: Call, entity) -> list[dict]:
    """Every service that the entity's policies grant, with the last access that the scenario tells of."""
    accessed = getattr(entity, "last_accessed", {})
    namespaces = sorted(_granted(call.iam, entity) | set(accessed))
    services = []
    for namespace in namespaces:
        service = {
            "ServiceName": SERVICE_NAMES.get(namespace, namespace),
            "ServiceNamespace": namespace,
            "TotalAuthenticatedEntities": 0,
        }
        if accessed.get(namespace):
            service["LastAuthenticated"] = call.world.clock.at(accessed[namespace])
            service["LastAuthenticatedEntity"] = entity.arn
            service["LastAuthenticatedRegion"] = call.world.home_region
            service["TotalAuthenticatedEntities"] = 1
        services.append(service)
    return services


def _granted(iam, entity) -> set[str]:
    if hasattr(entity, "versions"):
        holders, documents = [], [entity.versions[-1].document]
    else:
        groups = [group for group in iam.groups.values() if entity in group.users]
        holders, documents = [entity, *groups], []
    for holder in holders:
        documents.extend(holder.policies.values())
        documents.extend(
            version.document
            for policy in holder.managed_policies.values()
            for version in policy.versions
            if version.is_default
        )
    granted: set[str] = set()
    for document in documents:
        granted |= _services_of_document(document)
    return granted


def _services_of_document(document: str) -> set[str]:
    try:
        statements = json.loads(document)["Statement"]
    except (ValueError, KeyError):
        return set()
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement.get("Action", []) if statement.get("Effect") == "Allow" else []
        for action in [actions] if isinstance(actions, str) else actions:
            prefix = action.partition(":")[0].lower()
            # "*" grants every service; the ones that have a name here stand for them.
            found |= set(SERVICE_NAMES) if prefix == "*" else {prefix}
    return found
