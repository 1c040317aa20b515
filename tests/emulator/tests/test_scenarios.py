"""Every scenario loads, and every answer of an audit is one that the AWS API model allows."""

import json
import tempfile
import unittest

from botocore.exceptions import ClientError

from emulator.scenario import ScenarioError, load, merge, names

from .asking import Asked

# What an audit asks, and the errors that are answers.
READS = [
    ("sts", "get_caller_identity", {}, ()),
    ("iam", "list_account_aliases", {}, ()),
    ("iam", "get_account_summary", {}, ()),
    ("iam", "get_account_password_policy", {}, ("NoSuchEntity",)),
    ("iam", "generate_credential_report", {}, ()),
    ("iam", "generate_credential_report", {}, ()),
    ("iam", "get_credential_report", {}, ()),
    ("iam", "get_account_authorization_details", {"MaxItems": 1000}, ()),
    ("iam", "list_virtual_mfa_devices", {}, ()),
    ("iam", "list_server_certificates", {}, ()),
    ("iam", "list_service_specific_credentials", {"AllUsers": True}, ()),
    ("iam", "list_saml_providers", {}, ()),
    ("iam", "list_open_id_connect_providers", {}, ()),
    (
        "iam",
        "list_organizations_features",
        {},
        (
            "OrganizationNotFoundException",
            "AccountNotManagementOrDelegatedAdministratorException",
            "OrganizationNotInAllFeaturesModeException",
        ),
    ),
    ("organizations", "describe_organization", {}, ("AWSOrganizationsNotInUseException",)),
    ("organizations", "list_roots", {}, ("AWSOrganizationsNotInUseException", "AccessDeniedException")),
    ("organizations", "list_accounts", {}, ("AWSOrganizationsNotInUseException", "AccessDeniedException")),
    (
        "organizations",
        "list_policies",
        {"Filter": "SERVICE_CONTROL_POLICY"},
        ("AWSOrganizationsNotInUseException", "AccessDeniedException"),
    ),
    ("cloudtrail", "describe_trails", {}, ()),
    ("cloudtrail", "lookup_events", {"LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "root"}]}, ()),
    ("account", "list_regions", {"MaxResults": 50}, ()),
    ("sso-admin", "list_instances", {}, ()),
    ("accessanalyzer", "list_analyzers", {}, ()),
    ("account", "get_contact_information", {}, ("ResourceNotFoundException",)),
    ("account", "get_alternate_contact", {"AlternateContactType": "SECURITY"}, ("ResourceNotFoundException",)),
    ("iam", "get_outbound_web_identity_federation_info", {}, ("FeatureDisabled",)),
    ("iam", "list_delegation_requests", {}, ()),
    ("rolesanywhere", "list_trust_anchors", {}, ()),
    ("rolesanywhere", "list_profiles", {}, ()),
    ("rolesanywhere", "list_crls", {}, ()),
    ("cognito-identity", "list_identity_pools", {"MaxResults": 60}, ()),
    ("s3control", "get_public_access_block", {"AccountId": "111122223333"}, ("NoSuchPublicAccessBlockConfiguration",)),
    ("events", "list_rules", {}, ()),
    ("config", "describe_configuration_recorders", {}, ()),
    ("config", "describe_configuration_recorder_status", {}, ()),
    ("guardduty", "list_detectors", {}, ()),
    ("securityhub", "get_enabled_standards", {}, ("InvalidAccessException",)),
    ("cloudwatch", "describe_alarms", {}, ()),
]


class Scenarios(unittest.TestCase):
    def test_every_scenario_answers_what_an_audit_asks(self):
        self.assertLessEqual({"small-company", "clean", "neglected", "member", "empty", "scale"}, set(names()))
        for name in names():
            with Asked(name) as served:
                for service, operation, parameters, allowed in READS:
                    with self.subTest(scenario=name, operation=f"{service}:{operation}"):
                        try:
                            getattr(served.client(service), operation)(**parameters)
                        except ClientError as error:
                            self.assertIn(error.response["Error"]["Code"], allowed)

    def test_an_unknown_scenario_names_those_there_are(self):
        with self.assertRaisesRegex(ScenarioError, "small-company"):
            load("large-company")

    def test_a_misspelt_word_is_refused(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            patch = {"accounts": {"111122223333": {"users": {"ada.lindqvist": {"pasword": {}}}}}}
            json.dump({"base": "small-company", "patch": patch}, file)
            file.flush()
            with self.assertRaisesRegex(ScenarioError, "users.ada.lindqvist.pasword is no word"):
                load(file.name)

    def test_what_a_scenario_names_has_to_be_there(self):
        user = {"accounts": {"111122223333": {"users": {"one": {"policies": ["NoSuchPolicyAnywhere"]}}}}}
        for patch in (user, {"caller": {"root": None, "role": "nobody"}}):
            with self.subTest(patch), self.assertRaises(ScenarioError), Asked("empty", patch):
                pass

    def test_a_patch_merges_objects_removes_nulls_and_replaces_lists(self):
        base = {"a": {"b": [1, 2], "c": 1}, "d": 2}
        self.assertEqual(
            merge(base, {"a": {"b": [3], "c": None, "e": {"f": 1}}}), {"a": {"b": [3], "e": {"f": 1}}, "d": 2}
        )


if __name__ == "__main__":
    unittest.main()
