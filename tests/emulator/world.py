"""Everything a scenario describes, as the handlers see it."""

from datetime import datetime, timezone

from .clock import Clock, parse_instant
from .moto_library import Moto
from .principals import CALLER_ACCESS_KEY, Credentials, Principal, role_session, root_user
from .scenario import ScenarioError
from .seeding import seed_iam, seed_organization

# Where each partition keeps IAM and the events of its global services.
_FIRST_REGION = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


class World:
    """The scenario, its clock, its state in moto, and what the APIs remember between calls."""

    def __init__(self, scenario: dict, now: str = "scenario"):
        self.scenario = scenario
        self.clock = Clock(_now(scenario, now))
        self.partition = scenario.get("partition", "aws")
        self.home_region = scenario.get("home_region", _FIRST_REGION[self.partition])
        self.moto = Moto(self.partition)
        self.credentials = Credentials(self.partition)
        self.jobs: dict[str, dict] = {}
        self.reports: dict[str, int] = {}
        self.expired_reports: dict[str, int] = {}
        self.listings: dict[tuple, dict] = {}
        try:
            for account, description in scenario["accounts"].items():
                seed_iam(self, account, description)
            if self.organization:
                seed_organization(self)
            self.caller = self._caller(scenario["caller"])
        except Exception:
            self.moto.close()
            raise
        self.credentials.add(CALLER_ACCESS_KEY, self.caller)

    @property
    def organization(self) -> dict | None:
        """The organization of the scenario."""
        return self.scenario.get("organization")

    @property
    def management_account(self) -> str | None:
        """The organization's management account."""
        return self.organization["management_account"] if self.organization else None

    def account(self, account: str) -> dict:
        """What the scenario says of an account; nothing for one it does not describe."""
        return self.scenario["accounts"].get(account, {})

    def in_organization(self, account: str) -> bool:
        """Whether the account is a member or the management account of the organization."""
        if not self.organization:
            return False
        return any(member.id == account for member in self.moto.organizations(self.management_account).accounts)

    def arn(self, service: str, account: str, resource: str, region: str = "") -> str:
        """An ARN in the scenario's partition."""
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"

    def principal_by_arn(self, account: str, arn: str):
        """A user, role, group or managed policy of an account, as moto keeps it."""
        iam = self.moto.iam(account)
        everyone = [*iam.users.values(), *iam.roles.values(), *iam.groups.values(), *iam.managed_policies.values()]
        return next((entity for entity in everyone if entity.arn == arn), None)

    def _caller(self, caller: dict) -> Principal:
        account = caller["account"]
        iam = self.moto.iam(account)
        if "user" in caller:
            user = iam.users.get(caller["user"])
            if user is None:
                raise ScenarioError(f"the caller is user {caller['user']!r}, which account {account} does not have")
            return Principal(account, user.arn, user.id)
        if "role" in caller:
            role = next((role for role in iam.roles.values() if role.name == caller["role"]), None)
            if role is None:
                raise ScenarioError(f"the caller is role {caller['role']!r}, which account {account} does not have")
            return role_session(self.partition, account, role, caller.get("session", "audit"))
        return root_user(self.partition, account)


def _now(scenario: dict, now: str) -> datetime:
    if now == "real":
        return datetime.now(timezone.utc)
    return parse_instant(scenario["now"] if now == "scenario" else now)
