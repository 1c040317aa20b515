"""Buckets, keys, alerts and the services that watch."""

import unittest

from emulator.errors import denied
from emulator.principals import Principal

from .asking import Asked, code_of

ACCOUNT = "111122223333"
BUCKET = {
    "region": "eu-central-1",
    "public_access_block": True,
    "grants": {"everyone": "READ"},
    "policy": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]},
    "logging": "elsewhere",
    "versioning": "Enabled",
    "lock": {"mode": "COMPLIANCE", "days": 3},
}


def asked(**words) -> Asked:
    """An account of which nothing is known but this."""
    return Asked("empty", {"accounts": {ACCOUNT: words}})


class Buckets(unittest.TestCase):
    """What Amazon S3 says of a bucket."""

    def test_a_bucket_answers_in_its_own_region(self):
        with asked(buckets={"logs": BUCKET}) as aws:
            there = aws.client("s3", "eu-central-1")
            self.assertTrue(there.get_bucket_policy_status(Bucket="logs")["PolicyStatus"]["IsPublic"])
            self.assertEqual(there.get_bucket_versioning(Bucket="logs")["Status"], "Enabled")
            self.assertEqual(there.get_bucket_logging(Bucket="logs")["LoggingEnabled"]["TargetBucket"], "elsewhere")
            self.assertEqual(len(there.get_bucket_acl(Bucket="logs")["Grants"]), 2)
            elsewhere = aws.client("s3").send("GetBucketAcl", {"Bucket": "logs"})
            self.assertEqual((elsewhere.status, elsewhere.headers["x-amz-bucket-region"]), (301, "eu-central-1"))

    def test_what_is_not_there_is_an_error_of_its_own(self):
        with asked(buckets={"bare": {}}) as aws:
            s3 = aws.client("s3")
            for operation, code in (
                ("get_bucket_policy", "NoSuchBucketPolicy"),
                ("get_bucket_policy_status", "NoSuchBucketPolicy"),
                ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
                ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
            ):
                self.assertEqual(code_of(lambda ask=getattr(s3, operation): ask(Bucket="bare")), code)
            self.assertEqual(code_of(lambda: s3.get_bucket_acl(Bucket="none")), "NoSuchBucket")

    def test_another_accounts_bucket_is_closed(self):
        with Asked("empty", {"accounts": {"999988887777": {"buckets": {"theirs": {}}}}}) as aws:
            self.assertEqual(code_of(lambda: aws.client("s3").get_bucket_acl(Bucket="theirs")), "AccessDenied")


class Alerts(unittest.TestCase):
    """The links from a log group to a person."""

    def test_the_links_hold_together(self):
        words = {
            "log_groups": {"trail": {"filters": {"root": {"pattern": "{ $.a = 1 }", "default": 0}}}},
            "alarms": {"root": {"actions": ["security"]}, "any": {"rule": "ALARM(root)"}},
            "topics": {"security": {"subscriptions": [{}, {"confirmed": False}]}},
        }
        with asked(**words) as aws:
            metric_filter = aws.client("logs").describe_metric_filters(logGroupName="trail")["metricFilters"][0]
            self.assertEqual(metric_filter["metricTransformations"][0]["metricName"], "root")
            kinds = ["MetricAlarm", "CompositeAlarm"]
            alarms = aws.client("cloudwatch").describe_alarms(AlarmTypes=kinds)
            self.assertEqual([alarm["AlarmName"] for alarm in alarms["CompositeAlarms"]], ["any"])
            [topic] = alarms["MetricAlarms"][0]["AlarmActions"]
            subscriptions = aws.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
            self.assertEqual(
                [one["SubscriptionArn"] == "PendingConfirmation" for one in subscriptions], [False, True]
            )
            self.assertEqual(aws.client("cloudwatch", "eu-west-1").describe_alarms()["MetricAlarms"], [])

    def test_a_rule_may_stand_in_every_region(self):
        with asked(event_rules={"a": {"pattern": "{}", "region": "all"}, "b": {"pattern": "{}"}}) as aws:
            names = [
                [rule["Name"] for rule in aws.client("events", region).list_rules()["Rules"]]
                for region in ("us-east-1", "eu-west-1")
            ]
            self.assertEqual(names, [["a", "b"], ["a"]])


class Errors(unittest.TestCase):
    """Denials in the words of each service."""

    def test_services_have_codes_of_their_own(self):
        codes = {
            service: denied(service, "Ask", Principal(ACCOUNT, "arn", "id").arn).code
            for service in ("s3", "s3control", "sns", "logs", "guardduty")
        }
        self.assertEqual(
            codes,
            {
                "s3": "AccessDenied",
                "s3control": "AccessDenied",
                "sns": "AuthorizationError",
                "logs": "AccessDeniedException",
                "guardduty": "AccessDeniedException",
            },
        )
