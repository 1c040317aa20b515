"""Who gets in from outside: certificates, guests, partners, assertions; and whom AWS can reach about an account."""

import unittest

from .asking import Asked, code_of


class OutsideAccess(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.asked = Asked("small-company")

    @classmethod
    def tearDownClass(cls):
        cls.asked.__exit__()

    def test_roles_anywhere_is_in_one_region(self):
        here = self.asked.client("rolesanywhere", "eu-west-1")
        anchors = here.list_trust_anchors()["trustAnchors"]
        self.assertEqual([anchor["name"] for anchor in anchors], ["office-ca"])
        self.assertTrue(here.list_profiles()["profiles"][0]["roleArns"][0].endswith(":role/office-agents"))
        self.assertEqual(here.list_crls()["crls"], [])
        self.assertEqual(self.asked.client("rolesanywhere").list_trust_anchors()["trustAnchors"], [])

    def test_an_identity_pool_tells_of_its_guests(self):
        cognito = self.asked.client("cognito-identity", "eu-west-1")
        pool = cognito.list_identity_pools(MaxResults=60)["IdentityPools"][0]["IdentityPoolId"]
        described = cognito.describe_identity_pool(IdentityPoolId=pool)
        self.assertTrue(described["AllowUnauthenticatedIdentities"] and described["AllowClassicFlow"])
        roles = cognito.get_identity_pool_roles(IdentityPoolId=pool)["Roles"]
        self.assertEqual(list(roles), ["unauthenticated"])
        unknown = code_of(lambda: cognito.describe_identity_pool(IdentityPoolId="eu-west-1:none"))
        self.assertEqual(unknown, "ResourceNotFoundException")

    def test_partners_and_tokens(self):
        iam = self.asked.client("iam")
        requests = iam.list_delegation_requests()["DelegationRequests"]
        self.assertEqual([request["State"] for request in requests], ["PENDING_APPROVAL"])
        self.assertEqual(code_of(iam.get_outbound_web_identity_federation_info), "FeatureDisabled")

    def test_a_saml_provider_without_encryption_says_nothing_of_it(self):
        iam = self.asked.client("iam")
        arns = [provider["Arn"] for provider in iam.list_saml_providers()["SAMLProviderList"]]
        own = next(arn for arn in arns if arn.endswith("larkspur-directory"))
        self.assertNotIn("AssertionEncryptionMode", iam.get_saml_provider(SAMLProviderArn=own))

    def test_devices_that_are_nobodys_are_listed_apart(self):
        iam = self.asked.client("iam")
        alone = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
        self.assertEqual([device["SerialNumber"].rsplit("/", 1)[-1] for device in alone], ["elena.rossi-phone"])
        assigned = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
        self.assertTrue(all("User" in device for device in assigned))

    def test_a_contact_that_is_missing_is_an_error(self):
        account = self.asked.client("account")
        answer = account.get_alternate_contact(AlternateContactType="BILLING")
        self.assertEqual(answer["AlternateContact"]["AlternateContactType"], "BILLING")
        missing = code_of(lambda: account.get_alternate_contact(AlternateContactType="SECURITY"))
        self.assertEqual(missing, "ResourceNotFoundException")


if __name__ == "__main__":
    unittest.main()
