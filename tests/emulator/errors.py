"""Errors as AWS words them: which code, status and message each service uses for the same misfortune.

Sources: the "Common Errors" page of each service's API reference, and the error shapes of the AWS API models. Query
services (IAM, STS) say `AccessDenied` and `Throttling`; JSON services say `AccessDeniedException` and
`ThrottlingException`, AWS Organizations and AWS Account Management `TooManyRequestsException`.
"""

from moto.core.exceptions import ServiceException

_QUERY_SERVICES = {"iam", "sts", "s3", "s3control"}

# The prefix of IAM actions where it differs from the name that the SDKs give the service.
_ACTION_PREFIX = {"sso-admin": "sso", "accessanalyzer": "access-analyzer", "s3control": "s3"}

# Actions that do not have the name of the operation they guard (Service Authorization Reference of each service; for S3
# the User Guide, "Required permissions for Amazon S3 API operations").
_ACTION_NAME = {
    "accessanalyzer:ListFindingsV2": "ListFindings",
    "s3:GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "s3:ListBuckets": "ListAllMyBuckets",
    "s3control:GetPublicAccessBlock": "GetAccountPublicAccessBlock",
}

# Actions that a call takes beside its own (Service Authorization Reference, "Dependent actions").
_BESIDE = {
    "iam:GenerateOrganizationsAccessReport": [
        f"organizations:{name}"
        for name in (
            "DescribePolicy",
            "ListChildren",
            "ListParents",
            "ListPoliciesForTarget",
            "ListRoots",
            "ListTargetsForPolicy",
        )
    ]
}

_DENIAL_REASONS = {
    "identity": "because no identity-based policy allows the {action} action",
    "explicit": "with an explicit deny in an identity-based policy",
    "boundary": "because no permissions boundary allows the {action} action",
    "service-control-policy": "with an explicit deny in a service control policy",
    "session": "because no session policy allows the {action} action",
}


class ApiError(ServiceException):
    """An error answer of an AWS API. Without a status, the model's own for the code is used (400 if it has none)."""

    def __init__(self, code: str, message: str, status: int | None = None, headers: dict[str, str] | None = None):
        super().__init__(code, message)
        self.headers = headers or {}
        self.code = code
        self.message = message
        self.status = status


def action_name(service: str, operation: str) -> str:
    """The IAM action that guards an operation."""
    name = _ACTION_NAME.get(f"{service}:{operation}", operation)
    return f"{_ACTION_PREFIX.get(service, service)}:{name}"


def actions_of(service: str, operation: str) -> list[str]:
    """Every IAM action that a call takes."""
    return [action_name(service, operation), *_BESIDE.get(f"{service}:{operation}", [])]


def denied(service: str, operation: str, principal: str, resource: str = "*", because: str = "identity") -> ApiError:
    """The caller lacks the permission."""
    action = action_name(service, operation)
    reason = _DENIAL_REASONS[because].format(action=action)
    message = f"User: {principal} is not authorized to perform: {action} on resource: {resource} {reason}"
    if service in _QUERY_SERVICES:
        return ApiError("AccessDenied", message, 403)
    if service == "sns":
        return ApiError("AuthorizationError", message, 403)
    if service == "guardduty":
        return ApiError("AccessDeniedException", message, 403)
    return ApiError("AccessDeniedException", message, 403 if service == "account" else 400)


def throttled(service: str) -> ApiError:
    """Too many calls."""
    if service in ("s3", "s3control"):
        return ApiError("SlowDown", "Please reduce your request rate.", 503)
    if service in _QUERY_SERVICES:
        return ApiError("Throttling", "Rate exceeded", 400)
    if service == "organizations":
        return ApiError("TooManyRequestsException", "Rate exceeded", 400)
    if service == "account":
        return ApiError("TooManyRequestsException", "Rate exceeded", 429)
    return ApiError("ThrottlingException", "Rate exceeded", 400)


def unavailable(service: str) -> ApiError:
    """The service is down for a moment."""
    if service in _QUERY_SERVICES:
        return ApiError("ServiceUnavailable", "Service is unavailable. Please try again later.", 503)
    if service == "organizations":
        return ApiError(
            "ServiceException",
            "AWS Organizations can't complete your request because of an internal service error. Try again later.",
            500,
        )
    return ApiError("InternalServerException", "An internal error occurred. Please try again later.", 500)


def expired(service: str) -> ApiError:
    """The credentials of the call were temporary and their time is over."""
    if service in _QUERY_SERVICES:
        return ApiError("ExpiredToken", "The security token included in the request is expired", 403)
    return ApiError("ExpiredTokenException", "The security token included in the request is expired", 400)


def unknown_credentials(service: str) -> ApiError:
    """The access key of the call does not exist."""
    message = "The security token included in the request is invalid."
    if service in _QUERY_SERVICES:
        return ApiError("InvalidClientTokenId", message, 403)
    return ApiError("UnrecognizedClientException", message, 403 if service == "account" else 400)


def no_such_entity(message: str) -> ApiError:
    """IAM has nothing of that name."""
    return ApiError("NoSuchEntity", message, 404)


def not_implemented(service: str, operation: str) -> ApiError:
    """Nobody here can answer this operation: said at once and in the protocol, so that no client retries it."""
    return ApiError("NotImplementedByEmulator", f"the emulated AWS has no {service}:{operation}", 400)
