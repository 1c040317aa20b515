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
            self.assertEqual({one["Id"] for one in listed}, {"444455556666", "555566667777"})

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


class OrganizationIsRun(unittest.TestCase):
    """Who runs it, what its policies of other types amount to, and what is being asked."""

    @classmethod
    def setUpClass(cls):
        cls.asked = Asked("clean")
        cls.organizations = cls.asked.client("organizations")

    @classmethod
    def tearDownClass(cls):
        cls.asked.__exit__()

    def test_the_resource_policy_says_who_writes_policies(self):
        policy = self.organizations.describe_resource_policy()["ResourcePolicy"]
        self.assertIn("arn:aws:iam::555566667777:root", policy["Content"])

    def test_effective_policies_have_no_operators_left(self):
        for account in ("111122223333", "444455556666"):
            answer = self.organizations.describe_effective_policy(
                PolicyType="DECLARATIVE_POLICY_EC2", TargetId=account
            )["EffectivePolicy"]
            self.assertIn('"http_tokens":"required"', answer["PolicyContent"])
            self.assertNotIn("@@", answer["PolicyContent"])
        none = code_of(
            lambda: self.organizations.describe_effective_policy(PolicyType="BACKUP_POLICY", TargetId="444455556666")
        )
        self.assertEqual(none, "EffectivePolicyNotFoundException")

    def test_errors_of_effective_policies_name_the_accounts(self):
        ask = self.organizations.list_accounts_with_invalid_effective_policy
        self.assertEqual(ask(PolicyType="TAG_POLICY")["Accounts"], [])

    def test_policies_of_other_types_are_listed_with_their_targets(self):
        [policy] = self.organizations.list_policies(Filter="DECLARATIVE_POLICY_EC2")["Policies"]
        self.assertIn("/declarative_policy_ec2/", policy["Arn"])
        targets = self.organizations.list_targets_for_policy(PolicyId=policy["Id"])["Targets"]
        self.assertEqual([target["Type"] for target in targets], ["ROOT"])

    def test_handshakes_are_listed(self):
        self.assertEqual(self.organizations.list_handshakes_for_organization()["Handshakes"], [])


class IdentityCenter(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.asked = Asked("small-company")
        cls.center = cls.asked.client("sso-admin", "eu-west-1")
        [instance] = cls.center.list_instances()["Instances"]
        cls.instance, cls.store = instance["InstanceArn"], instance["IdentityStoreId"]

    @classmethod
    def tearDownClass(cls):
        cls.asked.__exit__()

    def sets(self) -> dict:
        arns = self.center.list_permission_sets(InstanceArn=self.instance)["PermissionSets"]
        described = [
            self.center.describe_permission_set(InstanceArn=self.instance, PermissionSetArn=arn)["PermissionSet"]
            for arn in arns
        ]
        return {one["Name"]: one for one in described}

    def test_permission_sets_are_described_one_by_one(self):
        sets = self.sets()
        self.assertEqual(sets["AdministratorAccess"]["SessionDuration"], "PT12H")
        ask = {"InstanceArn": self.instance, "PermissionSetArn": sets["Developers"]["PermissionSetArn"]}
        self.assertIn("iam:PassRole", self.center.get_inline_policy_for_permission_set(**ask)["InlinePolicy"])
        managed = self.center.list_managed_policies_in_permission_set(**ask)["AttachedManagedPolicies"]
        self.assertEqual([one["Name"] for one in managed], ["PowerUserAccess"])
        boundary = self.center.get_permissions_boundary_for_permission_set(**ask)["PermissionsBoundary"]
        self.assertEqual(boundary["ManagedPolicyArn"], "arn:aws:iam::aws:policy/PowerUserAccess")
        ask["PermissionSetArn"] = sets["Data"]["PermissionSetArn"]
        self.assertNotIn("InlinePolicy", self.center.get_inline_policy_for_permission_set(**ask))
        references = self.center.list_customer_managed_policy_references_in_permission_set(**ask)
        self.assertEqual(references["CustomerManagedPolicyReferences"], [{"Name": "team-data", "Path": "/"}])
        self.assertEqual(
            code_of(lambda: self.center.get_permissions_boundary_for_permission_set(**ask)), "ResourceNotFoundException"
        )

    def test_assignments_name_groups_and_users(self):
        ask = {"InstanceArn": self.instance, "PermissionSetArn": self.sets()["AdministratorAccess"]["PermissionSetArn"]}
        accounts = self.center.list_accounts_for_provisioned_permission_set(**ask)["AccountIds"]
        self.assertEqual(accounts, ["111122223333", "444455556666"])
        found = self.center.list_account_assignments(AccountId="444455556666", **ask)["AccountAssignments"]
        self.assertEqual([one["PrincipalType"] for one in found], ["GROUP", "USER"])
        groups = self.asked.client("identitystore", "eu-west-1").list_groups(IdentityStoreId=self.store)["Groups"]
        self.assertIn(found[0]["PrincipalId"], [group["GroupId"] for group in groups])

    def test_it_answers_in_its_region_only(self):
        elsewhere = self.asked.client("sso-admin", "us-east-1")
        self.assertEqual(
            code_of(lambda: elsewhere.list_permission_sets(InstanceArn=self.instance)), "ResourceNotFoundException"
        )


class OthersThatAreRun(unittest.TestCase):
    def test_what_is_wrong_and_what_is_asked_is_told(self):
        with Asked("small-company") as asked:
            organizations = asked.client("organizations")
            self.assertEqual(code_of(organizations.describe_resource_policy), "ResourcePolicyNotFoundException")
            errors = organizations.list_accounts_with_invalid_effective_policy(PolicyType="TAG_POLICY")["Accounts"]
            self.assertEqual([account["Id"] for account in errors], ["555566667777"])
            found = organizations.list_handshakes_for_organization()["Handshakes"]
            self.assertEqual([one["State"] for one in found], ["OPEN", "DECLINED"])

    def test_identity_center_answers_its_owner_only(self):
        with Asked("member") as asked:
            center = asked.client("sso-admin", "eu-central-1")
            [instance] = center.list_instances()["Instances"]
            ask = {"InstanceArn": instance["InstanceArn"]}
            self.assertEqual(code_of(lambda: center.list_permission_sets(**ask)), "AccessDeniedException")


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
