"""IAM as a scenario describes it, where moto alone would say otherwise."""

import csv
import io
import json
import unittest
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

from botocore.exceptions import ClientError

from .asking import Asked, code_of

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=timezone.utc)


class Iam(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.asked = Asked("small-company")
        cls.iam = cls.asked.client("iam")

    @classmethod
    def tearDownClass(cls):
        cls.asked.__exit__()

    def report(self):
        while self.iam.generate_credential_report()["State"] != "COMPLETE":
            pass
        answer = self.iam.get_credential_report()
        return answer, {row["user"]: row for row in csv.DictReader(io.StringIO(answer["Content"].decode()))}

    def details(self, **parameters):
        return self.iam.get_account_authorization_details(MaxItems=1000, **parameters)

    def test_the_report_begins_with_the_root_user(self):
        answer, rows = self.report()
        self.assertEqual(next(iter(rows)), "<root_account>")
        root = rows["<root_account>"]
        self.assertEqual(root["arn"], "arn:aws:iam::111122223333:root")
        self.assertEqual(root["password_enabled"], "not_supported")
        self.assertEqual(root["password_last_used"], (NOW - timedelta(days=41)).isoformat())
        self.assertEqual(root["mfa_active"], "true")
        self.assertEqual(answer["GeneratedTime"], NOW - timedelta(minutes=10))

    def test_the_report_tells_never_used_from_no_password(self):
        _, rows = self.report()
        self.assertEqual(rows["elena.rossi"]["password_last_used"], "no_information")
        self.assertEqual(rows["ci-deploy"]["password_last_used"], "N/A")
        self.assertEqual(rows["form-uploader"]["access_key_1_active"], "true")
        self.assertEqual(rows["form-uploader"]["access_key_1_last_used_date"], "N/A")

    def test_the_report_keeps_the_dates_of_inactive_keys(self):
        _, rows = self.report()
        dmitri = rows["dmitri.volkov"]
        self.assertEqual(dmitri["access_key_2_active"], "false")
        self.assertEqual(dmitri["access_key_2_last_rotated"], (NOW - timedelta(days=1100)).isoformat())
        self.assertEqual(dmitri["access_key_1_last_used_service"], "ec2")

    def test_the_summary_knows_the_root_user(self):
        summary = self.iam.get_account_summary()["SummaryMap"]
        self.assertEqual(
            (
                summary["AccountPasswordPresent"],
                summary["AccountMFAEnabled"],
                summary["AccountAccessKeysPresent"],
                summary["AccountSigningCertificatesPresent"],
            ),
            (1, 1, 0, 0),
        )
        self.assertEqual(summary["Users"], 14)

    def test_the_root_users_device_is_listed_as_aws_lists_it(self):
        devices = self.iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
        root = [device for device in devices if device["User"]["Arn"] == "arn:aws:iam::111122223333:root"]
        self.assertEqual(len(root), 1)
        self.assertEqual(root[0]["SerialNumber"], "arn:aws:iam::111122223333:mfa/root-account-mfa-device")
        self.assertNotIn("UserName", root[0]["User"])

    def test_serial_numbers_tell_the_kind_of_device(self):
        serial = {
            user: self.iam.list_mfa_devices(UserName=user)["MFADevices"][0]["SerialNumber"]
            for user in ("ada.lindqvist", "ben.okafor", "farah.haddad")
        }
        self.assertIn(":u2f/user/ada.lindqvist/", serial["ada.lindqvist"])
        self.assertIn(":mfa/ben.okafor", serial["ben.okafor"])
        self.assertFalse(serial["farah.haddad"].startswith("arn:"))

    def test_keys_tell_their_age_and_last_use(self):
        keys = self.iam.list_access_keys(UserName="ci-deploy")["AccessKeyMetadata"]
        self.assertEqual([key["CreateDate"] for key in keys], [NOW - timedelta(days=540), NOW - timedelta(days=17)])
        used = self.iam.get_access_key_last_used(AccessKeyId=keys[1]["AccessKeyId"])["AccessKeyLastUsed"]
        self.assertEqual(
            used, {"LastUsedDate": NOW - timedelta(hours=2), "ServiceName": "cloudfront", "Region": "us-east-1"}
        )
        never = self.iam.list_access_keys(UserName="form-uploader")["AccessKeyMetadata"][0]["AccessKeyId"]
        unused = self.iam.get_access_key_last_used(AccessKeyId=never)["AccessKeyLastUsed"]
        self.assertEqual(unused, {"ServiceName": "N/A", "Region": "N/A"})

    def test_ssh_keys_and_certificates_tell_their_age(self):
        key = self.iam.list_ssh_public_keys(UserName="git-mirror")["SSHPublicKeys"][0]
        self.assertEqual((key["Status"], key["UploadDate"]), ("Active", NOW - timedelta(days=300)))
        certificate = self.iam.list_signing_certificates(UserName="legacy-signing")["Certificates"][0]
        self.assertEqual(certificate["UploadDate"], NOW - timedelta(days=1700))

    def test_details_hold_boundaries_and_last_uses(self):
        details = self.details()
        users = {user["UserName"]: user for user in details["UserDetailList"]}
        roles = {role["RoleName"]: role for role in details["RoleDetailList"]}
        policies = {policy["PolicyName"]: policy for policy in details["Policies"]}
        boundary = "arn:aws:iam::111122223333:policy/developer-boundary"
        self.assertEqual(users["grover.rootham"]["PermissionsBoundary"]["PermissionsBoundaryArn"], boundary)
        self.assertEqual(policies["developer-boundary"]["PermissionsBoundaryUsageCount"], 2)
        self.assertEqual(policies["developer-boundary"]["AttachmentCount"], 0)
        self.assertEqual(roles["cost-advisor"]["RoleLastUsed"]["LastUsedDate"], NOW - timedelta(days=233))
        self.assertEqual(roles["break-glass-admin"]["RoleLastUsed"], {})
        self.assertEqual(roles["web-server"]["InstanceProfileList"][0]["InstanceProfileName"], "web-server")

    def test_details_hold_every_version_of_a_policy(self):
        versions = next(policy for policy in self.details()["Policies"] if policy["PolicyName"] == "data-pipeline")[
            "PolicyVersionList"
        ]
        self.assertEqual(
            [(version["VersionId"], version["IsDefaultVersion"]) for version in versions], [("v2", True), ("v1", False)]
        )

    def test_only_attached_aws_managed_policies_are_detailed(self):
        names = {policy["PolicyName"] for policy in self.details(Filter=["AWSManagedPolicy"])["Policies"]}
        self.assertIn("AdministratorAccess", names)
        self.assertNotIn("AmazonEC2FullAccess", names)

    def test_a_filter_lets_only_its_kind_through(self):
        details = self.details(Filter=["Role", "LocalManagedPolicy"])
        self.assertEqual((details["UserDetailList"], details["GroupDetailList"]), ([], []))
        self.assertTrue(details["RoleDetailList"])
        self.assertTrue(all(":iam::111122223333:" in policy["Arn"] for policy in details["Policies"]))

    def test_documents_leave_url_encoded(self):
        encoded = self.iam.get_role(RoleName="monitoring-vendor")["Role"]["AssumeRolePolicyDocument"]
        self.assertTrue(encoded.startswith("%7B%22Version%22"), encoded)
        self.assertEqual(
            json.loads(unquote(encoded))["Statement"][0]["Condition"],
            {"StringEquals": {"sts:ExternalId": "7f1c0a52larkspur"}},
        )
        detail = next(
            role for role in self.details(Filter=["Role"])["RoleDetailList"] if role["RoleName"] == "monitoring-vendor"
        )
        self.assertEqual(unquote(detail["AssumeRolePolicyDocument"]), unquote(encoded))

    def test_service_specific_credentials_of_all_users_come_in_one_call(self):
        credentials = self.iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]
        self.assertEqual(
            [(one["UserName"], one["ServiceName"]) for one in credentials],
            [("git-mirror", "codecommit.amazonaws.com"), ("BedrockAPIKey-k3v9", "bedrock.amazonaws.com")],
        )
        self.assertNotIn("ExpirationDate", credentials[1])
        one = self.iam.list_service_specific_credentials(UserName="git-mirror")["ServiceSpecificCredentials"]
        self.assertEqual(len(one), 1)

    def test_server_certificates_have_their_own_expiry(self):
        certificates = {
            one["ServerCertificateName"]: one["Expiration"]
            for one in self.iam.list_server_certificates()["ServerCertificateMetadataList"]
        }
        self.assertEqual(certificates["www-larkspur-2025"], NOW + timedelta(days=12))

    def test_last_accessed_details_are_a_job(self):
        arn = "arn:aws:iam::111122223333:role/github-deploy"
        job = self.iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
        self.assertEqual(self.iam.get_service_last_accessed_details(JobId=job)["JobStatus"], "IN_PROGRESS")
        done = self.iam.get_service_last_accessed_details(JobId=job)
        self.assertEqual(done["JobStatus"], "COMPLETED")
        services = {
            service["ServiceNamespace"]: service.get("LastAuthenticated") for service in done["ServicesLastAccessed"]
        }
        self.assertEqual(services, {"s3": NOW - timedelta(hours=5), "cloudfront": NOW - timedelta(hours=5)})
        self.assertEqual(
            code_of(lambda: self.iam.generate_service_last_accessed_details(Arn=arn + "-not")), "NoSuchEntity"
        )

    def test_what_nobody_implements_is_a_refusal_that_is_not_retried(self):
        with self.assertRaises(ClientError) as raised:
            self.iam.get_delegation_request(DelegationRequestId="0a1b2c3d-0000-4000-8000-000000000001")
        self.assertEqual(raised.exception.response["Error"]["Code"], "NotImplementedByEmulator")
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)


class Partitions(unittest.TestCase):
    def test_govcloud_has_its_own_arns_and_regions(self):
        with Asked(
            "empty",
            {
                "partition": "aws-us-gov",
                "accounts": {"111122223333": {"users": {"only": {}}, "root": {"mfa": [{"kind": "virtual"}]}}},
            },
        ) as asked:
            region = "us-gov-west-1"
            iam = asked.client("iam", region)
            self.assertEqual(
                asked.client("sts", region).get_caller_identity()["Arn"], "arn:aws-us-gov:iam::111122223333:root"
            )
            self.assertEqual(iam.list_users()["Users"][0]["Arn"], "arn:aws-us-gov:iam::111122223333:user/only")
            self.assertEqual(
                iam.list_virtual_mfa_devices()["VirtualMFADevices"][0]["User"]["Arn"],
                "arn:aws-us-gov:iam::111122223333:root",
            )
            regions = asked.client("account", region).list_regions()["Regions"]
            self.assertEqual([one["RegionName"] for one in regions], ["us-gov-east-1", "us-gov-west-1"])


class OtherReports(unittest.TestCase):
    def test_a_report_has_to_be_generated_before_it_can_be_had(self):
        slow = {"accounts": {"111122223333": {"credential_report": {"polls": 2, "expires": 1}}}}
        with Asked("empty", slow) as asked:
            iam = asked.client("iam")
            self.assertEqual(code_of(iam.get_credential_report), "ReportNotPresent")
            self.assertEqual(iam.generate_credential_report()["State"], "STARTED")
            self.assertEqual(code_of(iam.get_credential_report), "ReportInProgress")
            self.assertEqual(iam.generate_credential_report()["State"], "COMPLETE")
            self.assertEqual(code_of(iam.get_credential_report), "ReportExpired")
            self.assertEqual(code_of(iam.get_credential_report), "ReportNotPresent")
            self.assertEqual(iam.generate_credential_report()["State"], "STARTED")
            self.assertEqual(iam.generate_credential_report()["State"], "INPROGRESS")
            self.assertEqual(iam.get_credential_report()["ReportFormat"], "text/csv")

    def test_passwords_that_expire_have_a_next_rotation(self):
        with Asked("member") as asked:
            iam = asked.client("iam")
            iam.generate_credential_report()
            iam.generate_credential_report()
            content = iam.get_credential_report()["Content"].decode()
        rows = {row["user"]: row for row in csv.DictReader(io.StringIO(content))}
        self.assertEqual(rows["emergency"]["password_next_rotation"], (NOW + timedelta(days=10)).isoformat())
        self.assertEqual(rows["<root_account>"]["password_enabled"], "false")


if __name__ == "__main__":
    unittest.main()
