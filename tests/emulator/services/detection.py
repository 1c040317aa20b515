"""AWS Config, GuardDuty and Security Hub CSPM, each on in some Regions."""

from .. import identifiers
from ..errors import ApiError
from .registry import Call, handles


def _words(call: Call, service: str) -> dict | None:
    """What the scenario says of a service in the Region of the call; nothing where it is off."""
    words = call.words.get(service)
    if words is None:
        return None
    regions = words.get("regions", "all")
    return words if regions == "all" or call.region in regions else None


@handles("config:DescribeConfigurationRecorders")
def describe_configuration_recorders(call: Call) -> dict:
    """The account's own recorder."""
    words = _words(call, "config")
    if words is None:
        return {"ConfigurationRecorders": []}
    linked = "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    with_global_types = words.get("global_types_region") == call.region
    return {
        "ConfigurationRecorders": [
            {
                "name": "default",
                "roleARN": call.world.arn("iam", call.account, words.get("role", linked)),
                "recordingGroup": {
                    "allSupported": True,
                    "includeGlobalResourceTypes": with_global_types,
                    "resourceTypes": [],
                    "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
                },
                "recordingMode": {"recordingFrequency": "CONTINUOUS"},
                "recordingScope": "PAID",
            }
        ]
    }


@handles("config:DescribeConfigurationRecorderStatus")
def describe_configuration_recorder_status(call: Call) -> dict:
    """Whether it records."""
    words = _words(call, "config")
    if words is None:
        return {"ConfigurationRecordersStatus": []}
    return {
        "ConfigurationRecordersStatus": [
            {
                "name": "default",
                "lastStartTime": call.world.clock.at("600 days ago"),
                "recording": words.get("recording", True),
                "lastStatus": words.get("last_status", "SUCCESS"),
                "lastStatusChangeTime": call.world.clock.at("10 minutes ago"),
            }
        ]
    }


@handles("guardduty:ListDetectors")
def list_detectors(call: Call) -> dict:
    """The one detector of the Region."""
    on = _words(call, "guardduty") is not None
    return {"DetectorIds": [_detector(call)] if on else []}


@handles("guardduty:GetDetector")
def get_detector(call: Call) -> dict:
    """The detector's status."""
    words = _words(call, "guardduty")
    if words is None or call.parameters["DetectorId"] != _detector(call):
        raise ApiError("BadRequestException", "The request is rejected because the input detectorId is not owned.", 400)
    return {
        "CreatedAt": "2024-01-01T00:00:00.000Z",
        "FindingPublishingFrequency": "SIX_HOURS",
        "ServiceRole": call.world.arn(
            "iam", call.account, "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
        ),
        "Status": words.get("status", "ENABLED"),
    }


def _detector(call: Call) -> str:
    return identifiers.uuid("detector", call.account, call.region).replace("-", "")


@handles("securityhub:GetEnabledStandards")
def get_enabled_standards(call: Call) -> dict:
    """The standards that are enabled."""
    words = _words(call, "securityhub")
    if words is None:
        message = f"Account {call.account} is not subscribed to AWS Security Hub"
        raise ApiError("InvalidAccessException", message, 401)
    standards = words.get("standards", ["aws-foundational-security-best-practices/v/1.0.0"])
    return {
        "StandardsSubscriptions": [
            {
                "StandardsSubscriptionArn": call.world.arn(
                    "securityhub", call.account, f"subscription/{name}", call.region
                ),
                "StandardsArn": f"arn:{call.world.partition}:securityhub:{call.region}::standards/{name}",
                "StandardsInput": {},
                "StandardsStatus": "READY",
            }
            for name in standards
        ]
    }
