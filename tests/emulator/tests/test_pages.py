"""Pages add up, and hold no more than AWS would send."""

import unittest

from .asking import Asked, code_of


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.asked = Asked("scale")

    @classmethod
    def tearDownClass(cls):
        cls.asked.__exit__()

    def test_every_user_role_and_policy_comes_once(self):
        users, roles, policies, pages = set(), set(), set(), 0
        for page in self.asked.client("iam").pages("GetAccountAuthorizationDetails", MaxItems=1000):
            found = [user["Arn"] for user in page["UserDetailList"]]
            self.assertFalse(users & set(found))
            users |= set(found)
            roles |= {role["Arn"] for role in page["RoleDetailList"]}
            policies |= {policy["Arn"] for policy in page["Policies"] if ":iam::aws:" not in policy["Arn"]}
            pages += 1
        self.assertEqual((len(users), len(roles), len(policies), pages), (2000, 1000, 500, 4))

    def test_a_page_is_never_larger_than_aws_allows(self):
        organizations = self.asked.client("organizations")
        self.assertEqual(len(organizations.list_accounts()["Accounts"]), 20)
        users = self.asked.client("iam").list_users()
        self.assertEqual((len(users["Users"]), users["IsTruncated"]), (100, True))

    def test_the_accounts_of_all_pages_are_all_accounts(self):
        pages = self.asked.client("organizations").pages("ListAccounts")
        accounts = [account["Id"] for page in pages for account in page["Accounts"]]
        self.assertEqual((len(accounts), len(set(accounts))), (40, 40))

    def test_an_invented_marker_is_refused(self):
        self.assertEqual(code_of(lambda: self.asked.client("iam").list_users(Marker="not-a-marker")), "ValidationError")


if __name__ == "__main__":
    unittest.main()
