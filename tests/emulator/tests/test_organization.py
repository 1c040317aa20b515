"""The organization from its management account and from a member; roles across accounts; trails and Regions."""

import unittest
from datetime import datetime, timedelta, timezone

from .asking import Asked, code_of

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=timezone.utc)


class Organization(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.asked = Asked("small-company")
        cls.organizations = cls.asked.client("organizations")

    @classmethod
    def tearDownClass(cls):
        cls.asked.__exit__()

    def member(self, service: str):
        sts = self.asked.client("sts")
        arn = "arn:aws:iam::444455556666:role/probity-audit"
        answer = sts.assume_role(RoleArn=arn, RoleSessionName="test", ExternalId="larkspur-audit")
        return self.asked.client(service, access_key=answer["Credentials"]["AccessKeyId"])

    def test_the_tree_can_be_walked_from_root_to_account(self):
        root = self.organizations.list_roots()["Roots"][0]
        units = {
            unit["Name"]: unit["Id"]
            for unit in self.organizations.list_organizational_units_for_parent(ParentId=root["Id"])[
                "OrganizationalUnits"
            ]
        }
        self.assertEqual(set(units), {"Workloads", "Experiments"})
        accounts = self.organizations.list_accounts_for_parent(ParentId=units["Experiments"])["Accounts"]
        self.assertEqual(
            {account["Name"]: account["State"] for account in accounts},
            {"Sandbox": "ACTIVE", "Old prototype": "SUSPENDED"},
        )
        below = self.organizations.list_organizational_units_for_parent(ParentId=units["Workloads"])[
            "OrganizationalUnits"
        ]
        self.assertEqual([unit["Name"] for unit in below], ["Staging"])

    def test_policies_know_their_targets_and_targets_their_policies(self):
        policies = {
            policy["Name"]: policy
            for policy in self.organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        }
        self.assertTrue(policies["FullAWSAccess"]["AwsManaged"])
        targets = self.organizations.list_targets_for_policy(PolicyId=policies["keep-in-the-organization"]["Id"])[
            "Targets"
        ]
        self.assertEqual(
            [(target["Name"], target["Type"]) for target in targets], [("Workloads", "ORGANIZATIONAL_UNIT")]
        )
        self.assertEqual(
            self.organizations.list_targets_for_policy(PolicyId=policies["approved-regions"]["Id"])["Targets"], []
        )
        attached = self.organizations.list_policies_for_target(
            TargetId="666677778888", Filter="SERVICE_CONTROL_POLICY"
        )["Policies"]
        self.assertEqual([policy["Name"] for policy in attached], ["FullAWSAccess"])
        resource = self.organizations.list_policies_for_target(
            TargetId="444455556666", Filter="RESOURCE_CONTROL_POLICY"
        )["Policies"]
        self.assertEqual([policy["Name"] for policy in resource], ["RCPFullAWSAccess", "our-identities-only"])
        content = self.organizations.describe_policy(PolicyId=policies["keep-in-the-organization"]["Id"])["Policy"][
            "Content"
        ]
        self.assertIn("organizations:LeaveOrganization", content)

    def test_a_member_sees_its_organization_and_nothing_in_it(self):
        organizations = self.member("organizations")
        self.assertEqual(organizations.describe_organization()["Organization"]["MasterAccountId"], "111122223333")
        self.assertEqual(code_of(organizations.list_accounts), "AccessDeniedException")
        self.assertEqual(code_of(organizations.list_roots), "AccessDeniedException")
        self.assertEqual(
            code_of(self.member("iam").list_organizations_features),
            "AccountNotManagementOrDelegatedAdministratorException",
        )

    def test_a_role_lets_in_whom_it_trusts(self):
        sts = self.asked.client("sts")

        def assume(role: str, **more):
            return sts.assume_role(RoleArn=role, RoleSessionName="test", **more)

        production = "arn:aws:iam::444455556666:role/probity-audit"
        identity = assume(production, ExternalId="larkspur-audit")["AssumedRoleUser"]
        self.assertEqual(identity["Arn"], "arn:aws:sts::444455556666:assumed-role/probity-audit/test")
        self.assertEqual(code_of(lambda: assume(production)), "AccessDenied")
        self.assertEqual(code_of(lambda: assume(production, ExternalId="another")), "AccessDenied")
        self.assertEqual(code_of(lambda: assume("arn:aws:iam::444455556666:role/not-there")), "AccessDenied")
        self.assertEqual(code_of(lambda: assume("arn:aws:iam::111122223333:role/web-server")), "AccessDenied")
        self.assertEqual(code_of(lambda: assume("arn:aws:iam::666677778888:role/probity-audit")), "AccessDenied")

    def test_a_session_policy_has_a_longest_length(self):
        sts = self.asked.client("sts")
        arn = "arn:aws:iam::444455556666:role/probity-audit"

        def assume(length: int):
            policy = "{}".ljust(length)
            return sts.assume_role(RoleArn=arn, RoleSessionName="test", ExternalId="larkspur-audit", Policy=policy)

        self.assertIn("Credentials", assume(2048))
        self.assertEqual(code_of(lambda: assume(2049)), "ValidationError")

    def test_a_session_reads_its_own_account(self):
        users = self.member("iam").list_users()["Users"]
        self.assertEqual(users, [])
        self.assertEqual(self.member("iam").get_account_summary()["SummaryMap"]["AccountMFAEnabled"], 0)


class OtherOrganizations(unittest.TestCase):
    def test_a_delegated_administrator_may_read(self):
        administrators = {"444455556666": {"iam.amazonaws.com": "9 days ago"}}
        with Asked("small-company", {"organization": {"delegated_administrators": administrators}}) as asked:
            answer = asked.client("sts").assume_role(
                RoleArn="arn:aws:iam::444455556666:role/probity-audit",
                RoleSessionName="test",
                ExternalId="larkspur-audit",
            )
            key = answer["Credentials"]["AccessKeyId"]
            self.assertEqual(len(asked.client("organizations", access_key=key).list_accounts()["Accounts"]), 5)
            self.assertEqual(asked.client("iam", access_key=key).list_organizations_features()["EnabledFeatures"], [])
            listed = asked.client("organizations").list_delegated_administrators()["DelegatedAdministrators"]
            self.assertEqual([one["Id"] for one in listed], ["444455556666"])

    def test_without_trusted_access_iam_says_so(self):
        with Asked("small-company", {"organization": {"trusted_services": {"iam.amazonaws.com": None}}}) as asked:
            self.assertEqual(
                code_of(asked.client("iam").list_organizations_features), "ServiceAccessNotEnabledException"
            )

    def test_an_account_on_its_own_has_no_organization(self):
        with Asked("empty") as asked:
            self.assertEqual(code_of(asked.client("iam").list_organizations_features), "OrganizationNotFoundException")
            self.assertEqual(
                code_of(asked.client("organizations").describe_organization), "AWSOrganizationsNotInUseException"
            )


class Trails(unittest.TestCase):
    def test_a_multi_region_trail_is_seen_everywhere_and_asked_at_home(self):
        with Asked("neglected") as asked:
            east, west, ireland = (
                asked.client("cloudtrail", region) for region in ("us-east-1", "us-west-2", "eu-west-1")
            )
            self.assertEqual([trail["Name"] for trail in ireland.describe_trails()["trailList"]], ["stopped"])
            self.assertEqual(ireland.describe_trails(includeShadowTrails=False)["trailList"], [])
            self.assertEqual([trail["Name"] for trail in east.describe_trails()["trailList"]], ["default", "stopped"])
            status = west.get_trail_status(Name="stopped")
            self.assertFalse(status["IsLogging"])
            self.assertEqual(status["LatestDigestDeliveryTime"], NOW - timedelta(days=600))
            self.assertEqual(code_of(lambda: ireland.get_trail_status(Name="default")), "TrailNotFoundException")

    def test_a_member_sees_the_organizations_trail_by_its_arn(self):
        with Asked("member") as asked:
            trails = asked.client("cloudtrail", "eu-central-1")
            trail = trails.describe_trails()["trailList"][0]
            self.assertEqual(trail["TrailARN"], "arn:aws:cloudtrail:eu-central-1:111122223333:trail/holding")
            self.assertTrue(trails.get_trail_status(Name=trail["TrailARN"])["IsLogging"])
            self.assertEqual(code_of(lambda: trails.get_trail_status(Name="holding")), "TrailNotFoundException")
            selectors = trails.get_event_selectors(TrailName=trail["TrailARN"])["EventSelectors"]
            self.assertEqual(selectors[0]["ReadWriteType"], "All")

    def test_events_of_root_are_found_by_name_and_time(self):
        with Asked("small-company") as asked:
            trail = asked.client("cloudtrail")
            root = [{"AttributeKey": "Username", "AttributeValue": "root"}]
            events = trail.lookup_events(LookupAttributes=root)["Events"]
            self.assertEqual(
                {event["EventName"] for event in events},
                {"ConsoleLogin", "UpdateAccountPasswordPolicy", "GetAccountSummary"},
            )
            self.assertEqual(events, sorted(events, key=lambda event: event["EventTime"], reverse=True))
            recent = trail.lookup_events(LookupAttributes=root, StartTime=NOW - timedelta(days=7))["Events"]
            self.assertEqual(recent, [])
            self.assertEqual(asked.client("cloudtrail", "eu-west-1").lookup_events(LookupAttributes=root)["Events"], [])
            self.assertEqual(len(list(trail.pages("LookupEvents", LookupAttributes=root, MaxResults=1))), 3)

    def test_disabled_regions_are_told_apart(self):
        with Asked("small-company") as asked:
            account = asked.client("account")
            enabled = account.list_regions(RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"], MaxResults=50)[
                "Regions"
            ]
            names = {region["RegionName"] for region in enabled}
            self.assertIn("eu-central-2", names)
            self.assertNotIn("af-south-1", names)
            self.assertEqual(len(account.list_regions(MaxResults=50)["Regions"]), 24)


if __name__ == "__main__":
    unittest.main()
