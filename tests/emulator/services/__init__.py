"""What the emulator answers itself. Every other operation is moto's.

A handler takes a `Call` and gives the operation's whole output as the AWS API model names it; paging, checking against
the model and the protocol are somebody else's.
"""

from . import (  # noqa: F401  (importing them registers their handlers)
    access_analyzer,
    account,
    authorization_details,
    cloudtrail,
    cognito_identity,
    compute,
    credential_report,
    delegation,
    iam,
    identity_store,
    last_accessed,
    organizations,
    roles_anywhere,
    sso_admin,
    sts,
)
from .registry import HANDLERS, Call, handles

__all__ = ["HANDLERS", "Call", "handles"]
