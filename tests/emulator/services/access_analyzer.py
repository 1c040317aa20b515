"""IAM Access Analyzer: analyzers, their findings and archive rules.

Served from the scenario alone: moto has nothing of it. An analyzer that is said to be in `every` Region is one in each,
with the same name and settings. An account sees its own analyzers and no others, those of its organization included.
"""

from .. import identifiers
from ..errors import ApiError
from .account import enabled_regions
from .registry import Call, handles


def _analyzers(call: Call) -> dict[str, dict]:
    """The analyzers of the caller's account in the Region of the call, by name."""
    found = {}
    for name, words in call.words.get("analyzers", {}).items():
        regions = words.get("regions", [call.world.home_region])
        if regions == "every":
            regions = enabled_regions(call.world, call.account)
        if call.region in regions:
            found[name] = words
    return found


def _arn(call: Call, name: str) -> str:
    return call.world.arn("access-analyzer", call.account, f"analyzer/{name}", call.region)


def _summary(call: Call, name: str, words: dict) -> dict:
    summary = {
        "arn": _arn(call, name),
        "name": name,
        "type": words.get("type", "ACCOUNT"),
        "createdAt": call.world.clock.at(words.get("created", "300 days ago")),
        "status": words.get("status", "ACTIVE"),
        "tags": {},
    }
    if words.get("last_analyzed", True):
        summary["lastResourceAnalyzed"] = call.world.arn("iam", call.account, "role/analyzed")
        summary["lastResourceAnalyzedAt"] = call.world.clock.at(words.get("last_analyzed", "2 hours ago"))
    if "status_reason" in words:
        summary["statusReason"] = {"code": words["status_reason"]}
    if "managed_by" in words:
        summary["managedBy"] = words["managed_by"]
    return summary


def _not_found(kind: str, name: str) -> ApiError:
    return ApiError("ResourceNotFoundException", f"The specified {kind} {name} cannot be found.", 404)


@handles("accessanalyzer:ListAnalyzers")
def list_analyzers(call: Call) -> dict:
    """The analyzers of one type, or of all. Their settings are left out, as AWS does."""
    wanted = call.parameters.get("type")
    analyzers = [_summary(call, name, words) for name, words in _analyzers(call).items()]
    return {"analyzers": [analyzer for analyzer in analyzers if not wanted or analyzer["type"] == wanted]}


@handles("accessanalyzer:GetAnalyzer")
def get_analyzer(call: Call) -> dict:
    """One analyzer, with its settings."""
    name = call.parameters["analyzerName"]
    words = _analyzers(call).get(name)
    if words is None:
        raise _not_found("analyzer", name)
    analyzer = _summary(call, name, words)
    if "UNUSED" in analyzer["type"]:
        rule = {"exclusions": words["exclusions"]} if "exclusions" in words else {}
        analyzer["configuration"] = {"unusedAccess": {"unusedAccessAge": words.get("unused_age", 90), "analysisRule": rule}}
    elif "INTERNAL" in analyzer["type"]:
        rule = {"inclusions": words.get("inclusions", [])}
        analyzer["configuration"] = {"internalAccess": {"analysisRule": rule}}
    return {"analyzer": analyzer}


@handles("accessanalyzer:ListArchiveRules")
def list_archive_rules(call: Call) -> dict:
    """The archive rules of an analyzer."""
    name = call.parameters["analyzerName"]
    words = _analyzers(call).get(name)
    if words is None:
        raise _not_found("analyzer", name)
    rules = []
    for rule, said in words.get("archive_rules", {}).items():
        created = call.world.clock.at(said.get("created", "200 days ago"))
        rules.append({"ruleName": rule, "filter": said["filter"], "createdAt": created, "updatedAt": created})
    return {"archiveRules": rules}


@handles("accessanalyzer:ListFindingsV2")
def list_findings_v2(call: Call) -> dict:
    """The findings of an analyzer that match a filter. `isPublic` is a key of the filter and no field of a finding."""
    arn = call.parameters["analyzerArn"]
    name = arn.rsplit("/", 1)[-1]
    words = _analyzers(call).get(name)
    if words is None or _arn(call, name) != arn:
        raise _not_found("analyzer", arn)
    demands = call.parameters.get("filter") or {}
    found = []
    for number, said in enumerate(words.get("findings", [])):
        if said.get("region", call.region) != call.region:
            continue
        finding = _finding(call, arn, number, said)
        keys = {
            "status": finding["status"],
            "findingType": finding["findingType"],
            "resourceType": finding["resourceType"],
            "resource": finding.get("resource"),
            "resourceOwnerAccount": finding["resourceOwnerAccount"],
            "isPublic": str(bool(said.get("public"))).lower(),
            "error": finding.get("error"),
        }
        if all(_meets(keys, key, demand) for key, demand in demands.items()):
            found.append(finding)
    return {"findings": found}


def _finding(call: Call, arn: str, number: int, said: dict) -> dict:
    clock = call.world.clock
    created = clock.at(said.get("created", "10 days ago"))
    resource = said.get("resource")
    return {
        "id": identifiers.uuid("access-analyzer", arn, str(number)),
        "analyzedAt": clock.at(said.get("analyzed", "2 hours ago")),
        "createdAt": created,
        "updatedAt": clock.at(said["updated"]) if "updated" in said else created,
        "resourceType": said["resource_type"],
        "resourceOwnerAccount": said.get("owner", call.account),
        "status": said.get("status", "ACTIVE"),
        "findingType": said.get("type", "ExternalAccess"),
        **({"resource": resource} if resource else {}),
        **({"error": said["error"]} if "error" in said else {}),
    }


def _meets(keys: dict, key: str, demand: dict) -> bool:
    if key not in keys:
        raise ApiError("ValidationException", f"Invalid filter key: {key}", 400)
    value = keys[key]
    if "exists" in demand and demand["exists"] != (value is not None):
        return False
    if "eq" in demand and value not in demand["eq"]:
        return False
    if "neq" in demand and value in demand["neq"]:
        return False
    return "contains" not in demand or any(part in (value or "") for part in demand["contains"])
