"""The credential report: a CSV with one row for the root user and one for each user.

Columns and their words are those of "Generate credential reports for your AWS account" in the IAM User Guide. AWS
makes the report anew only every four hours, so it may be older than what the other APIs say; a scenario says so with
`"credential_report": {"generated": "3 hours ago"}`.
"""

import csv
import io
from datetime import datetime, timedelta

from ..clock import naive
from ..errors import ApiError
from .registry import Call, handles

COLUMNS = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *[
        f"access_key_{number}_{column}"
        for number in (1, 2)
        for column in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    ],
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
]


@handles("iam:GenerateCredentialReport")
def generate_credential_report(call: Call) -> dict:
    """The first request starts the report; after `"credential_report": {"polls": 1}` more questions it is done."""
    asked = call.world.reports.get(call.account, 0)
    is_done = _is_done_when_asked(call)
    if asked == 0:
        return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}
    return {"State": "COMPLETE" if is_done else "INPROGRESS"}


def _is_done_when_asked(call: Call) -> bool:
    asked = call.world.reports.get(call.account, 0) + 1
    call.world.reports[call.account] = asked
    return asked > call.words.get("credential_report", {}).get("polls", 1)


@handles("iam:GetCredentialReport")
def get_credential_report(call: Call) -> dict:
    """The finished report, once it was gone as often as `"credential_report": {"expires": 1}` says."""
    if not call.world.reports.get(call.account):
        raise ApiError("ReportNotPresent", "Report has not been generated", 410)
    if not _is_done_when_asked(call):
        raise ApiError("ReportInProgress", "Report is being generated", 404)
    options = call.words.get("credential_report", {})
    expired = call.world.expired_reports.get(call.account, 0)
    if expired < options.get("expires", 0):
        call.world.expired_reports[call.account] = expired + 1
        call.world.reports[call.account] = 0
        raise ApiError("ReportExpired", "The most recent credential report has expired", 410)
    extra = options.get("extra_columns", [])
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS + extra, restval="N/A", lineterminator="\n")
    writer.writeheader()
    writer.writerow(_root_row(call))
    policy = call.iam.account_password_policy
    max_age = policy.max_password_age if policy and policy.expire_passwords else None
    for user in call.iam.users.values():
        writer.writerow(_user_row(call, user, max_age))
    generated = call.world.clock.at(options.get("generated", "now"))
    return {"Content": out.getvalue().encode(), "ReportFormat": "text/csv", "GeneratedTime": generated}


def _root_row(call: Call) -> dict:
    root, clock = call.words.get("root", {}), call.world.clock
    password = root.get("password")
    row = {
        "user": "<root_account>",
        "arn": call.world.arn("iam", call.account, "root"),
        "user_creation_time": _date(naive(clock.at(call.words.get("created", "1500 days ago")))),
        # AWS says false for a member account's root user whose credentials were removed.
        "password_enabled": "not_supported" if password else "false",
        "password_last_used": "N/A",
        "password_last_changed": "not_supported" if password else "N/A",
        "password_next_rotation": "not_supported" if password else "N/A",
        "mfa_active": _flag(root.get("mfa")),
        **_no_keys_and_certificates(),
    }
    if password:
        last_used = password.get("last_used")
        row["password_last_used"] = _date(naive(clock.at(last_used))) if last_used else "no_information"
    for number, key in enumerate(root.get("access_keys", [])[:2], start=1):
        last_used = clock.maybe(key.get("last_used"))
        _put_key(
            row,
            number,
            key.get("status", "Active"),
            naive(clock.at(key["created"])),
            naive(last_used) if last_used else None,
            key.get("region", call.world.home_region),
            key.get("service", "iam"),
        )
    for number, certificate in enumerate(root.get("signing_certificates", [])[:2], start=1):
        row[f"cert_{number}_active"] = _flag(certificate.get("status", "Active") == "Active")
        row[f"cert_{number}_last_rotated"] = _date(naive(clock.at(certificate["uploaded"])))
    return row


def _user_row(call: Call, user, max_age: int | None) -> dict:
    row = {
        "user": user.name,
        "arn": user.arn,
        "user_creation_time": _date(user.create_date),
        "password_enabled": _flag(user.password),
        "password_last_used": "N/A",
        "password_last_changed": "N/A",
        "password_next_rotation": "N/A",
        "mfa_active": _flag(user.mfa_devices),
        **_no_keys_and_certificates(),
    }
    if user.password:
        row["password_last_used"] = _date(user.password_last_used) if user.password_last_used else "no_information"
        row["password_last_changed"] = _date(user.password_last_changed)
        if max_age:
            row["password_next_rotation"] = _date(user.password_last_changed + timedelta(days=max_age))
    for number, key in enumerate(user.access_keys[:2], start=1):
        used = key.last_used
        _put_key(
            row,
            number,
            key.status,
            key.create_date,
            used.timestamp if used else None,
            used.region if used else None,
            used.service if used else None,
        )
    for number, certificate in enumerate(list(user.signing_certificates.values())[:2], start=1):
        row[f"cert_{number}_active"] = _flag(certificate.status == "Active")
        row[f"cert_{number}_last_rotated"] = _date(certificate.upload_date)
    return row


def _no_keys_and_certificates() -> dict:
    row = dict.fromkeys(COLUMNS[8:], "N/A")
    return row | {column: "false" for column in COLUMNS if column.endswith("_active") and column != "mfa_active"}


def _put_key(
    row: dict,
    number: int,
    status: str,
    created: datetime,
    last_used: datetime | None,
    region: str | None,
    service: str | None,
) -> None:
    row[f"access_key_{number}_active"] = _flag(status == "Active")
    row[f"access_key_{number}_last_rotated"] = _date(created)
    if last_used:
        row[f"access_key_{number}_last_used_date"] = _date(last_used)
        row[f"access_key_{number}_last_used_region"] = region
        row[f"access_key_{number}_last_used_service"] = service


def _flag(value) -> str:
    return "true" if value else "false"


def _date(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S+00:00")
