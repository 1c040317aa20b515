"""Which services the accounts of the organization use: a report for the management account, asked for and fetched later.

Of the services that this emulator knows all are allowed; when they were last used the scenario says in
`"organization": {"service_use": {"s3": {"last": "3 days ago", "account": "444455556666"}}}`.
"""

from .. import identifiers
from ..errors import denied, no_such_entity
from .last_accessed import SERVICE_NAMES
from .registry import Call, handles


@handles("iam:GenerateOrganizationsAccessReport")
def generate_organizations_access_report(call: Call) -> dict:
    """Starts the report, for the management account alone."""
    if not call.world.organization or call.account != call.world.management_account:
        raise denied("iam", call.operation, call.principal.arn)
    path = call.parameters["EntityPath"]
    job = identifiers.uuid("organizations access", path)
    call.world.jobs[job] = {"account": call.account, "path": path, "asked": 0}
    return {"JobId": job}


@handles("iam:GetOrganizationsAccessReport")
def get_organizations_access_report(call: Call) -> dict:
    """In progress when first asked, completed from then on."""
    job = call.world.jobs.get(call.parameters["JobId"])
    if job is None or job["account"] != call.account or "path" not in job:
        raise no_such_entity(f"The Job with ID {call.parameters['JobId']} was not found")
    job["asked"] += 1
    now = call.world.clock.now
    if job["asked"] == 1:
        return {"JobStatus": "IN_PROGRESS", "JobCreationDate": now}
    use = call.world.organization.get("service_use", {})
    details = [_detail(call, job["path"], namespace, use.get(namespace)) for namespace in sorted(SERVICE_NAMES)]
    return {
        "JobStatus": "COMPLETED",
        "JobCreationDate": now,
        "JobCompletionDate": now,
        "NumberOfServicesAccessible": len(details),
        "NumberOfServicesNotAccessed": sum("LastAuthenticatedTime" not in detail for detail in details),
        "AccessDetails": details,
    }


def _detail(call: Call, path: str, namespace: str, words: dict | None) -> dict:
    detail = {
        "ServiceName": SERVICE_NAMES[namespace],
        "ServiceNamespace": namespace,
        "TotalAuthenticatedEntities": 1 if words else 0,
    }
    if words:
        detail |= {
            "LastAuthenticatedTime": call.world.clock.at(words["last"]),
            "EntityPath": f"{path}/{words.get('account', call.account)}",
            "Region": call.world.home_region,
        }
    return detail
