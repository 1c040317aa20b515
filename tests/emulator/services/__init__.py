"""What the emulator answers itself. Every other operation is moto's.

A handler takes a `Call` and gives the operation's whole output as the AWS API model names it; paging, checking against
the model and the protocol are somebody else's.
"""

from . import (  # noqa: F401  (importing them registers their handlers)
    access_analyzer,
    account,
    alerting,
    authorization_details,
    cloudtrail,
    cognito_identity,
    compute,
    credential_report,
    delegation,
    detection,
    iam,
    identity_store,
    kms,
    last_accessed,
    organization_access,
    organizations,
    resource_policies,
    roles_anywhere,
    s3,
    sso_admin,
    sts,
)
from .registry import HANDLERS, Call, handles

__all__ = ["HANDLERS", "Call", "handles"]
