"""The organization: its root, units, accounts, and the policies attached to them."""

import json

from moto.organizations.models import (
    FakeAccount,
    FakeDelegatedAdministrator,
    FakeOrganization,
    FakeOrganizationalUnit,
    FakePolicy,
    FakeRoot,
    FakeServiceAccess,
    organizations_backends,
)

from .. import identifiers
from ..clock import naive
from ..scenario import ScenarioError
from .documents import document

# The AWS managed policy of each type that AWS attaches to everything when the type is switched on.
_FULL_ACCESS = {
    "SERVICE_CONTROL_POLICY": ("p-FullAWSAccess", "FullAWSAccess", "Allows access to every operation"),
    "RESOURCE_CONTROL_POLICY": ("p-RCPFullAWSAccess", "RCPFullAWSAccess", "Allows access to every resource"),
}
_SECTIONS = {
    "service_control_policies": "SERVICE_CONTROL_POLICY",
    "resource_control_policies": "RESOURCE_CONTROL_POLICY",
}


class SeededAccount(FakeAccount):
    """An account of the organization. moto's own constructor invents an id and creates a role in it."""

    def __init__(self, organization: FakeOrganization, account: str, words: dict, joined):
        self.type = "ACCOUNT"
        self.region = organization.region
        self.organization_id = organization.id
        self.master_account_id = organization.master_account_id
        self.create_account_status_id = f"car-{identifiers.lower(32, account)}"
        self.id = account
        self.name = words["name"]
        self.email = words.get("email", f"aws+{words['name'].lower().replace(' ', '-')}@example.com")
        self.create_time = joined
        self.state = words.get("state", "ACTIVE")
        self.status = {"CLOSED": "SUSPENDED"}.get(self.state, self.state)
        self.joined_method = words.get("joined_method", "CREATED")
        self.parent_id = organization.root_id
        self.attached_policies = []
        self.tags = words.get("tags", {})


class OrganizationSeed:
    """Builds moto's organization from the scenario's."""

    def __init__(self, world):
        self.world = world
        self.words = world.organization
        self.backend = world.moto.organizations(self.words["management_account"])
        self.organization = self._organization()
        self.backend.org = self.organization
        self.policies: dict[str, FakePolicy] = {}

    def build(self) -> None:
        """The whole organization."""
        FakePolicy.supported_policy_type = staticmethod(lambda _: True)
        root = FakeRoot(self.organization)
        root.policy_types = [{"Type": kind, "Status": "ENABLED"} for kind in self.words.get("policy_types", [])]
        self.backend.ou.append(root)
        self._add_policies()
        self._attach(root, self.words["root"])
        self._fill(root, self.words["root"])
        self._add_trusted_services()
        self._add_delegated_administrators()

    def _organization(self) -> FakeOrganization:
        account = self.words["management_account"]
        organization = FakeOrganization(account, self.world.home_region, self.words.get("features", "ALL"))
        organization.id = self.words.get("id", f"o-{identifiers.lower(10, account)}")
        organization.root_id = f"r-{identifiers.lower(4, organization.id)}"
        organization.master_account_email = self.words.get("management_email", "aws@example.com")
        return organization

    def _add_policies(self) -> None:
        for kind, (policy_id, name, description) in _FULL_ACCESS.items():
            statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
            if kind == "RESOURCE_CONTROL_POLICY":
                statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
            content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            policy = self._add_policy(kind, name, description, content)
            policy.id, policy.aws_managed = policy_id, True
            # AWS owns it: arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess
            policy._arn_format = policy._arn_format.replace("::{1}:policy/{2}", "::aws:policy")
        for section, kind in _SECTIONS.items():
            for name, words in self.words.get(section, {}).items():
                self._add_policy(kind, name, words.get("description", ""), document(words["document"]))
        for name, words in self.words.get("other_policies", {}).items():
            self._add_policy(words["type"], name, words.get("description", ""), document(words["document"]))

    def _add_policy(self, kind: str, name: str, description: str, content: str) -> FakePolicy:
        known = kind in FakePolicy.SUPPORTED_POLICY_TYPES
        made = kind if known else "TAG_POLICY"
        policy = FakePolicy(self.organization, Name=name, Description=description, Type=made, Content=content)
        if not known:
            # moto knows some of the types; the others differ in nothing but their name.
            policy.type = kind
            policy._arn_format = policy._arn_format.replace("tag_policy", kind.lower())
        policy.id = f"p-{identifiers.lower(8, kind, name)}"
        self.backend.policies.append(policy)
        self.policies[name] = policy
        return policy

    def _attach(self, target, words: dict) -> None:
        names = list(words.get("policies", []))
        if words.get("full_access", True):
            enabled = self.words.get("policy_types", [])
            names = [name for kind, (_, name, _) in _FULL_ACCESS.items() if kind in enabled] + names
        for name in names:
            if name not in self.policies:
                raise ScenarioError(
                    f"policy {name!r} is attached to {target.name!r}, but the organization has no such policy"
                )
            target.attached_policies.append(self.policies[name])
            self.policies[name].attachments.append(target)

    def _fill(self, parent, words: dict) -> None:
        for account, description in words.get("accounts", {}).items():
            joined = naive(self.world.clock.at(description.get("joined", "900 days ago")))
            member = SeededAccount(self.organization, account, description, joined)
            member.parent_id = parent.id
            self.backend.accounts.append(member)
            self._attach(member, description)
            if account != self.words["management_account"]:
                organizations_backends.master_accounts[account] = (
                    self.words["management_account"],
                    self.world.partition,
                )
        for name, description in words.get("units", {}).items():
            unit = FakeOrganizationalUnit(self.organization, Name=name, ParentId=parent.id)
            unit.id = f"ou-{self.organization.root_id.removeprefix('r-')}-{identifiers.lower(8, parent.id, name)}"
            self.backend.ou.append(unit)
            self._attach(unit, description)
            self._fill(unit, description)

    def _add_trusted_services(self) -> None:
        for service, enabled in self.words.get("trusted_services", {}).items():
            if service not in FakeServiceAccess.TRUSTED_SERVICES:
                FakeServiceAccess.TRUSTED_SERVICES.append(service)
            access = FakeServiceAccess(ServicePrincipal=service)
            access.date_enabled = naive(self.world.clock.at(enabled))
            self.backend.services.append(access.describe())

    def _add_delegated_administrators(self) -> None:
        for account, services in self.words.get("delegated_administrators", {}).items():
            administrator = FakeDelegatedAdministrator(self.backend.get_account_by_id(account))
            for service, enabled in services.items():
                at = self.world.clock.at(enabled)
                administrator.enabled_date = naive(at)
                administrator.services[service] = {"ServicePrincipal": service, "DelegationEnabledDate": at.timestamp()}
            self.backend.admins.append(administrator)


def seed_organization(world) -> None:
    """Puts the scenario's organization into moto."""
    OrganizationSeed(world).build()
