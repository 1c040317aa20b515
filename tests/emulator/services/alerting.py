"""What alerts are made of: log groups with metric filters, alarms, topics with subscriptions, EventBridge rules.

A name that an alarm or a rule notifies is that of a topic of the account; an ARN is anything.
"""

from .. import identifiers
from ..errors import ApiError
from .registry import Call, handles


def _here(call: Call, words: dict) -> bool:
    return words.get("region", call.world.home_region) == call.region


def _target(call: Call, name: str) -> str:
    if name.startswith("arn:"):
        return name
    words = call.words.get("topics", {}).get(name, {})
    return call.world.arn("sns", call.account, name, words.get("region", call.world.home_region))


@handles("logs:DescribeLogGroups")
def describe_log_groups(call: Call) -> dict:
    """Log groups by the beginning of their names."""
    prefix = call.parameters.get("logGroupNamePrefix", "")
    found = []
    for name, words in call.words.get("log_groups", {}).items():
        if not _here(call, words) or not name.startswith(prefix):
            continue
        arn = call.world.arn("logs", call.account, f"log-group:{name}", call.region)
        kept = {"retentionInDays": words["retention"]} if "retention" in words else {}
        found.append(
            {
                "logGroupName": name,
                "creationTime": int(call.world.clock.at("700 days ago").timestamp() * 1000),
                "metricFilterCount": len(words.get("filters", {})),
                "arn": f"{arn}:*",
                "logGroupArn": arn,
                "storedBytes": 1024,
                "logGroupClass": words.get("class", "STANDARD"),
                **kept,
            }
        )
    return {"logGroups": found}


@handles("logs:DescribeMetricFilters")
def describe_metric_filters(call: Call) -> dict:
    """The metric filters of a log group."""
    name = call.parameters["logGroupName"]
    words = call.words.get("log_groups", {}).get(name)
    if words is None or not _here(call, words):
        raise ApiError("ResourceNotFoundException", "The specified log group does not exist.", 400)
    filters = []
    for filter_name, filter_words in words.get("filters", {}).items():
        default = {"defaultValue": float(filter_words["default"])} if "default" in filter_words else {}
        filters.append(
            {
                "filterName": filter_name,
                "filterPattern": filter_words["pattern"],
                "metricTransformations": [
                    {
                        "metricName": filter_words.get("metric", filter_name),
                        "metricNamespace": filter_words.get("namespace", "Audit"),
                        "metricValue": filter_words.get("value", "1"),
                        **default,
                    }
                ],
                "logGroupName": name,
                "creationTime": int(call.world.clock.at("600 days ago").timestamp() * 1000),
            }
        )
    return {"metricFilters": filters}


@handles("cloudwatch:DescribeAlarms")
def describe_alarms(call: Call) -> dict:
    """Metric alarms and composite ones."""
    kinds = call.parameters.get("AlarmTypes") or ["MetricAlarm"]
    metric, composite = [], []
    for name, words in call.words.get("alarms", {}).items():
        if not _here(call, words):
            continue
        alarm = {
            "AlarmName": name,
            "AlarmArn": call.world.arn("cloudwatch", call.account, f"alarm:{name}", call.region),
            "ActionsEnabled": words.get("enabled", True),
            "AlarmActions": [_target(call, action) for action in words.get("actions", [])],
            "OKActions": [],
            "InsufficientDataActions": [],
            "StateValue": "OK",
        }
        if "rule" in words:
            composite.append({**alarm, "AlarmRule": words["rule"]})
            continue
        metric.append(
            {
                **alarm,
                "MetricName": words.get("metric", name),
                "Namespace": words.get("namespace", "Audit"),
                "Statistic": words.get("statistic", "Sum"),
                "Dimensions": [],
                "Period": words.get("period", 300),
                "EvaluationPeriods": words.get("periods", 1),
                "Threshold": float(words.get("threshold", 1)),
                "ComparisonOperator": words.get("comparison", "GreaterThanOrEqualToThreshold"),
                "TreatMissingData": "notBreaching",
            }
        )
    return {
        "MetricAlarms": metric if "MetricAlarm" in kinds else [],
        "CompositeAlarms": composite if "CompositeAlarm" in kinds else [],
    }


@handles("sns:ListSubscriptionsByTopic")
def list_subscriptions_by_topic(call: Call) -> dict:
    """Who is subscribed to a topic."""
    arn = call.parameters["TopicArn"]
    words = call.words.get("topics", {}).get(arn.rsplit(":", 1)[-1])
    if words is None or not _here(call, words):
        raise ApiError("NotFound", "Topic does not exist", 404)
    found = []
    for number, one in enumerate(words.get("subscriptions", [])):
        confirmed = f"{arn}:{identifiers.uuid('subscription', arn, str(number))}"
        found.append(
            {
                "SubscriptionArn": confirmed if one.get("confirmed", True) else "PendingConfirmation",
                "Owner": call.account,
                "Protocol": one.get("protocol", "email"),
                "Endpoint": one.get("endpoint", "security@example.com"),
                "TopicArn": arn,
            }
        )
    return {"Subscriptions": found}


def _rules(call: Call) -> dict[str, dict]:
    everywhere = call.words.get("event_rules", {})
    return {
        name: words
        for name, words in everywhere.items()
        if words.get("region") in (None, "all", call.region) and (words.get("region") or _here(call, words))
    }


@handles("events:ListRules")
def list_rules(call: Call) -> dict:
    """The rules of the default event bus."""
    return {
        "Rules": [
            {
                "Name": name,
                "Arn": call.world.arn("events", call.account, f"rule/{name}", call.region),
                "State": words.get("state", "ENABLED"),
                "EventBusName": "default",
                **(
                    {"ScheduleExpression": words["schedule"]}
                    if "schedule" in words
                    else {"EventPattern": words["pattern"]}
                ),
            }
            for name, words in _rules(call).items()
        ]
    }


@handles("events:ListTargetsByRule")
def list_targets_by_rule(call: Call) -> dict:
    """Where a rule sends events."""
    name = call.parameters["Rule"]
    words = _rules(call).get(name)
    if words is None:
        raise ApiError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus default.", 400)
    targets = enumerate(words.get("targets", []))
    return {"Targets": [{"Id": str(number), "Arn": _target(call, target)} for number, target in targets]}
