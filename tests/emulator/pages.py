"""Cuts full results into pages, as the AWS model's paginators describe it.

Every listing takes this one path: handlers and moto give everything they have, the page is cut here. So the size
limits of AWS hold (a `MaxItems` above the model's maximum gives the maximum) and the paging faults reach them all.
"""

import base64
from dataclasses import dataclass
from functools import lru_cache

from .errors import ApiError
from .models import operation_model, paginators

_IAM_PAGING = {
    "input_token": "Marker",
    "output_token": "Marker",
    "more_results": "IsTruncated",
    "limit_key": "MaxItems",
}

# Paged by the service although botocore has no paginator for them.
_UNLISTED = {
    "iam:ListServiceSpecificCredentials": {**_IAM_PAGING, "result_key": "ServiceSpecificCredentials"},
    "iam:GetServiceLastAccessedDetails": {**_IAM_PAGING, "result_key": "ServicesLastAccessed"},
}

# Items in a page when the request does not say, from the API reference of each service.
_DEFAULT_SIZE = {"iam": 100, "organizations": 20, "cloudtrail": 50, "account": 20, "sso-admin": 100, "identitystore": 100}


@dataclass
class PageFaults:
    """What is wrong with the pages of one answer."""

    repeat_marker: bool = False
    size: int | None = None


@lru_cache(None)
def paging_of(service: str, operation: str) -> dict | None:
    """How an operation is paged; nothing for one that is not."""
    unlisted = _UNLISTED.get(f"{service}:{operation}")
    if unlisted:
        return unlisted
    paging = paginators(service).get(operation)
    return paging if paging and isinstance(paging["input_token"], str) else None


def result_keys(paging: dict) -> list[str]:
    """The members of the output that hold the items."""
    keys = paging["result_key"]
    return keys if isinstance(keys, list) else [keys]


def without_paging(paging: dict | None, parameters: dict) -> dict:
    """The input less the part that asks for a page."""
    if paging is None:
        return parameters
    return {
        key: value for key, value in parameters.items() if key not in (paging["input_token"], paging.get("limit_key"))
    }


def cut(service: str, operation: str, full: dict, parameters: dict, faults: PageFaults) -> dict:
    """One page of a full result."""
    paging = paging_of(service, operation)
    if paging is None:
        return full
    keys = result_keys(paging)
    items = [(key, item) for key in keys for item in full.get(key, [])]
    marker = parameters.get(paging["input_token"])
    start = _offset(service, marker)
    end = start + _size(service, operation, paging, parameters, faults)
    page = {key: value for key, value in full.items() if key not in keys}
    for key in keys:
        if key in full:
            page[key] = []
    for key, item in items[start:end]:
        page[key].append(item)
    more = end < len(items)
    following = _marker(operation, end) if more else None
    if faults.repeat_marker and marker:
        more, following = True, marker
    if following:
        page[paging["output_token"]] = following
    if paging.get("more_results"):
        page[paging["more_results"]] = more
    return page


def _size(service: str, operation: str, paging: dict, parameters: dict, faults: PageFaults) -> int:
    limit_key = paging.get("limit_key")
    maximum = 1000
    if limit_key:
        shape = operation_model(service, operation).input_shape.members[limit_key]
        maximum = shape.metadata.get("max", maximum)
    asked = parameters.get(limit_key) or _DEFAULT_SIZE.get(service, 100)
    return max(1, min(int(asked), maximum, faults.size or maximum))


def _marker(operation: str, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{operation}/{offset}".encode()).decode().rstrip("=")


def _offset(service: str, marker: str | None) -> int:
    if not marker:
        return 0
    try:
        padded = marker + "=" * (-len(marker) % 4)
        return int(base64.urlsafe_b64decode(padded).decode().rsplit("/", 1)[1])
    except (ValueError, IndexError, UnicodeDecodeError):
        code = (
            "ValidationError"
            if service == "iam"
            else "InvalidNextTokenException"
            if service == "cloudtrail"
            else "InvalidInputException"
        )
        raise ApiError(code, f"Invalid Marker: {marker}") from None
