"""CloudTrail: trails with their status and selectors, and the events of the last 90 days.

Served from the scenario alone: moto has no events, no digests, and does not show an organization's trail in its member
accounts. A multi-Region trail is seen in every Region (as a shadow trail outside its home Region), an organization
trail in every account of the organization.
"""

import json
from datetime import timedelta

from .. import identifiers
from ..clock import aware
from ..errors import ApiError
from .registry import Call, handles

_EVENTS_KEPT = timedelta(days=90)
_ALL_MANAGEMENT_EVENTS = [
    {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}
]


def _visible(call: Call, shadows: bool = True) -> list[dict]:
    """The trails that the caller's account sees in the Region of the call, each with its owner and ARN."""
    found = []
    world = call.world
    for owner, account in world.scenario["accounts"].items():
        for name, words in account.get("trails", {}).items():
            home = words.get("region", world.home_region)
            shared = (
                words.get("organization") and owner == world.management_account and world.in_organization(call.account)
            )
            if owner != call.account and not shared:
                continue
            if home != call.region and not (words.get("multi_region") and shadows):
                continue
            found.append(
                {
                    **words,
                    "name": name,
                    "region": home,
                    "owner": owner,
                    "arn": world.arn("cloudtrail", owner, f"trail/{name}", home),
                }
            )
    return found


def _find(call: Call, name_or_arn: str) -> dict:
    for trail in _visible(call):
        # A member account has to name an organization's trail by its ARN.
        if trail["arn"] == name_or_arn or (trail["name"] == name_or_arn and trail["owner"] == call.account):
            return trail
    raise ApiError("TrailNotFoundException", f"Unknown trail: {name_or_arn} for the user: {call.account}", 400)


def _description(call: Call, trail: dict) -> dict:
    return {
        "Name": trail["name"],
        "S3BucketName": trail.get("bucket", f"cloudtrail-{trail['owner']}"),
        "IncludeGlobalServiceEvents": trail.get("global_events", True),
        "IsMultiRegionTrail": bool(trail.get("multi_region")),
        "HomeRegion": trail["region"],
        "TrailARN": trail["arn"],
        "LogFileValidationEnabled": bool(trail.get("validation")),
        "HasCustomEventSelectors": "selectors" in trail or "advanced_selectors" in trail,
        "HasInsightSelectors": bool(trail.get("insights")),
        "IsOrganizationTrail": bool(trail.get("organization")),
        **({"KmsKeyId": trail["kms_key"]} if "kms_key" in trail else {}),
        **({"CloudWatchLogsLogGroupArn": trail["log_group"]} if "log_group" in trail else {}),
    }


@handles("cloudtrail:DescribeTrails")
def describe_trails(call: Call) -> dict:
    """Trails in full, shadow trails included unless told otherwise."""
    asked = call.parameters.get("trailNameList") or []
    trails = _visible(call, call.parameters.get("includeShadowTrails", True))
    chosen = [trail for trail in trails if not asked or trail["name"] in asked or trail["arn"] in asked]
    return {"trailList": [_description(call, trail) for trail in chosen]}


@handles("cloudtrail:ListTrails")
def list_trails(call: Call) -> dict:
    """The trails of the account in all Regions."""
    every = {trail["arn"]: trail for region in _home_regions(call) for trail in _visible(_in_region(call, region))}
    return {
        "Trails": [
            {"TrailARN": arn, "Name": trail["name"], "HomeRegion": trail["region"]} for arn, trail in every.items()
        ]
    }


@handles("cloudtrail:GetTrail")
def get_trail(call: Call) -> dict:
    """One trail."""
    return {"Trail": _description(call, _find(call, call.parameters["Name"]))}


@handles("cloudtrail:GetTrailStatus")
def get_trail_status(call: Call) -> dict:
    """Whether a trail logs, and when it last delivered logs and digests."""
    trail, clock = _find(call, call.parameters["Name"]), call.world.clock
    logging = trail.get("logging", True)
    started = clock.at(trail.get("started", "700 days ago"))
    status = {"IsLogging": logging, "StartLoggingTime": started, "TimeLoggingStarted": _text(started)}
    delivered = clock.at("4 minutes ago")
    if not logging:
        stopped = clock.at(trail.get("stopped", "30 days ago"))
        status |= {"StopLoggingTime": stopped, "TimeLoggingStopped": _text(stopped)}
        delivered = stopped
    status |= {
        "LatestDeliveryTime": delivered,
        "LatestDeliveryAttemptTime": _text(delivered),
        "LatestDeliveryAttemptSucceeded": _text(delivered),
    }
    if trail.get("validation"):
        status["LatestDigestDeliveryTime"] = clock.at(trail.get("last_digest", "40 minutes ago"))
    if "log_group" in trail:
        status["LatestCloudWatchLogsDeliveryTime"] = clock.at(trail.get("last_log_delivery", "2 minutes ago"))
    if "delivery_error" in trail:
        status["LatestDeliveryError"] = trail["delivery_error"]
    return status


@handles("cloudtrail:GetEventSelectors")
def get_event_selectors(call: Call) -> dict:
    """Basic or advanced selectors; without either, all management events."""
    trail = _find(call, call.parameters["TrailName"])
    if "advanced_selectors" in trail:
        return {"TrailARN": trail["arn"], "AdvancedEventSelectors": trail["advanced_selectors"]}
    return {"TrailARN": trail["arn"], "EventSelectors": trail.get("selectors", _ALL_MANAGEMENT_EVENTS)}


@handles("cloudtrail:GetInsightSelectors")
def get_insight_selectors(call: Call) -> dict:
    """What Insights watches; an error where it is off."""
    trail = _find(call, call.parameters["TrailName"])
    if not trail.get("insights"):
        message = f"Trail {trail['arn']} does not have Insights enabled. Enable Insights on the trail and try again."
        raise ApiError("InsightNotEnabledException", message, 400)
    return {"TrailARN": trail["arn"], "InsightSelectors": [{"InsightType": kind} for kind in trail["insights"]]}


@handles("cloudtrail:LookupEvents")
def lookup_events(call: Call) -> dict:
    """Management events of one Region, newest first. Sign-ins and other global events are in the home Region."""
    attributes = call.parameters.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise ApiError("InvalidLookupAttributesException", "You can only specify one lookup attribute.", 400)
    start, end = call.parameters.get("StartTime"), call.parameters.get("EndTime")
    if start and end and aware(start) > aware(end):
        raise ApiError("InvalidTimeRangeException", "The start time is after the end time.", 400)
    events = []
    for number, words in enumerate(call.words.get("events", [])):
        if words.get("region", call.world.home_region) != call.region:
            continue
        event = _event(call, number, words)
        at = event["EventTime"]
        in_window = (not start or at >= aware(start)) and (not end or at <= aware(end))
        if (
            in_window
            and at >= call.world.clock.now - _EVENTS_KEPT
            and all(_has(event, attribute) for attribute in attributes)
        ):
            events.append(event)
    events.sort(key=lambda event: event["EventTime"], reverse=True)
    return {"Events": events}


def _has(event: dict, attribute: dict) -> bool:
    key, value = attribute["AttributeKey"], attribute["AttributeValue"]
    if key in ("ResourceName", "ResourceType"):
        return any(resource.get(key) == value for resource in event.get("Resources", []))
    return event.get(key) == value


def _event(call: Call, number: int, words: dict) -> dict:
    at = call.world.clock.at(words["at"])
    event_id = identifiers.uuid("event", call.account, str(number))
    by = words.get("by", "root")
    region = words.get("region", call.world.home_region)
    identity = {
        "type": "IAMUser",
        "arn": call.world.arn("iam", call.account, f"user/{by}"),
        "accountId": call.account,
        "userName": by,
    }
    if by == "root":
        identity = {
            "type": "Root",
            "principalId": call.account,
            "arn": call.world.arn("iam", call.account, "root"),
            "accountId": call.account,
        }
    record = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": _text(at),
        "eventSource": words["source"],
        "eventName": words["name"],
        "awsRegion": region,
        "sourceIPAddress": words.get("from", "198.51.100.23"),
        "userAgent": words.get("agent", "Mozilla/5.0"),
        "eventID": event_id,
        "readOnly": words.get("read_only", False),
        "eventType": words.get("type", "AwsApiCall"),
        "managementEvent": True,
        "recipientAccountId": call.account,
        **words.get("more", {}),
    }
    event = {
        "EventId": event_id,
        "EventName": words["name"],
        "ReadOnly": "true" if words.get("read_only") else "false",
        "EventTime": at,
        "EventSource": words["source"],
        "Username": by,
        "Resources": [],
        "CloudTrailEvent": json.dumps(record, separators=(",", ":")),
    }
    if "access_key" in words:
        event["AccessKeyId"] = words["access_key"]
    return event


def _home_regions(call: Call) -> set[str]:
    accounts = call.world.scenario["accounts"].values()
    return {
        words.get("region", call.world.home_region)
        for account in accounts
        for words in account.get("trails", {}).values()
    }


def _in_region(call: Call, region: str) -> Call:
    return Call(call.world, call.service, call.operation, call.parameters, call.account, region, call.principal)


def _text(instant) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
