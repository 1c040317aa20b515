"""ministack refuses what the user's policy does not allow, and what was signed with another secret."""

import json
import unittest

from .asking import code_of
from .serving import Served, make_client

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["iam:GetAccountSummary", "organizations:DescribeOrganization"], "Resource": "*"}
    ],
}


class Enforcing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served("emulator.enforcing", "--policy", json.dumps(POLICY))
        cls.ready = json.loads(cls.served.line)

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def client(self, service, secret=None):
        ready = self.ready
        return make_client(service, "us-east-1", ready["endpoint"], ready["access_key"], secret or ready["secret_key"])

    def test_what_the_policy_allows_is_answered(self):
        self.assertIn("Users", self.client("iam").get_account_summary()["SummaryMap"])
        self.assertEqual(self.client("organizations").describe_organization()["Organization"]["FeatureSet"], "ALL")

    def test_what_it_does_not_allow_is_denied(self):
        self.assertEqual(code_of(self.client("iam").list_users), "AccessDenied")
        self.assertEqual(code_of(self.client("organizations").list_accounts), "AccessDeniedException")

    def test_another_secret_does_not_sign(self):
        self.assertEqual(code_of(self.client("iam", "not-the-secret").get_account_summary), "SignatureDoesNotMatch")


if __name__ == "__main__":
    unittest.main()
