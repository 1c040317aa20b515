"""Who is calling: the access keys that the emulator knows and the principals behind them."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from . import identifiers

# The credentials that the tests call with. They stand for the scenario's `caller`, whoever that is.
CALLER_ACCESS_KEY = "ASIATESTSCALLERKEY01"
CALLER_SECRET_KEY = "caller-secret-of-the-emulated-aws"
CALLER_SESSION_TOKEN = "caller-session-of-the-emulated-aws"


@dataclass(frozen=True)
class Principal:
    """An authenticated caller, as GetCallerIdentity tells of it."""

    account: str
    arn: str
    user_id: str
    # The role behind a session: policies name it, not the session.
    role_arn: str | None = None
    expires: datetime | None = None

    def is_expired(self) -> bool:
        """Sessions end by the clock on the wall, whatever the scenario's date is: clients compare with theirs."""
        return self.expires is not None and self.expires <= datetime.now(timezone.utc)


class Credentials:
    """Access key ids and their principals."""

    def __init__(self, partition: str):
        self._partition = partition
        self._known: dict[str, Principal] = {}
        self._sessions = 0
        self._lock = threading.Lock()

    def add(self, access_key: str, principal: Principal) -> None:
        """Makes an access key known."""
        self._known[access_key] = principal

    def find(self, access_key: str) -> Principal | None:
        """The principal of an access key."""
        return self._known.get(access_key)

    def open_session(self, account: str, role, session: str, seconds: int) -> dict:
        """New temporary credentials of a role (a moto `Role`), as STS gives them out."""
        with self._lock:
            self._sessions += 1
            number = str(self._sessions)
        access_key = identifiers.access_key_id("session", account, role.name, session, number, prefix="ASIA")
        expires = (datetime.now(timezone.utc) + timedelta(seconds=seconds)).replace(microsecond=0)
        self.add(access_key, role_session(self._partition, account, role, session, expires))
        return {
            "AccessKeyId": access_key,
            "SecretAccessKey": identifiers.secret(40, access_key),
            "SessionToken": identifiers.secret(120, "token", access_key),
            "Expiration": expires,
        }


def role_session(partition: str, account: str, role, session: str, expires: datetime | None = None) -> Principal:
    """The principal that a session of a role is. Its ARN has no path, unlike the role's."""
    arn = f"arn:{partition}:sts::{account}:assumed-role/{role.name}/{session}"
    return Principal(account, arn, f"{role.id}:{session}", role.arn, expires)


def root_user(partition: str, account: str) -> Principal:
    """The account's root user."""
    return Principal(account, f"arn:{partition}:iam::{account}:root", account)
