"""Amazon S3: what is set of buckets, and Block Public Access of the account.

A bucket answers in its own Region. Elsewhere S3 says where it is, in a header, and every SDK asks there again.
"""

import json

from ..errors import ApiError
from .registry import Call, handles

_ALL_FOUR = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_GROUPS = {
    "everyone": "http://acs.amazonaws.com/groups/global/AllUsers",
    "signed-in": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
}


def _find(call: Call) -> dict:
    """The bucket, whoever owns it; other accounts' buckets are closed."""
    name = call.parameters["Bucket"]
    for owner, account in call.world.scenario["accounts"].items():
        words = account.get("buckets", {}).get(name)
        if words is None:
            continue
        region = words.get("region", call.world.home_region)
        headers = {"x-amz-bucket-region": region}
        if region != call.region:
            message = "The bucket you are attempting to access must be addressed using the specified endpoint."
            raise ApiError("PermanentRedirect", message, 301, headers)
        expected = call.parameters.get("ExpectedBucketOwner", owner)
        if owner != call.account or expected != owner:
            raise ApiError("AccessDenied", "Access Denied", 403, headers)
        return {**words, "owner": owner}
    raise ApiError("NoSuchBucket", "The specified bucket does not exist", 404)


def _block(words) -> dict | None:
    """`true` for all four settings, or the settings themselves."""
    return _ALL_FOUR if words is True else words


@handles("s3:GetPublicAccessBlock")
def get_public_access_block(call: Call) -> dict:
    """The bucket's own settings."""
    block = _block(_find(call).get("public_access_block"))
    if not block:
        raise ApiError(
            "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", 404
        )
    return {"PublicAccessBlockConfiguration": block}


@handles("s3control:GetPublicAccessBlock")
def get_account_public_access_block(call: Call) -> dict:
    """The account's settings."""
    block = _block(call.words.get("public_access_block"))
    if not block:
        raise ApiError(
            "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", 404
        )
    return {"PublicAccessBlockConfiguration": block}


@handles("s3:GetBucketAcl")
def get_bucket_acl(call: Call) -> dict:
    """The owner's grant, and those to groups."""
    words = _find(call)
    owner = f"{int(words['owner']):064x}"
    grants = [{"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]
    for group, permission in words.get("grants", {}).items():
        grants.append({"Grantee": {"URI": _GROUPS[group], "Type": "Group"}, "Permission": permission})
    return {"Owner": {"ID": owner}, "Grants": grants}


@handles("s3:GetBucketPolicy")
def get_bucket_policy(call: Call) -> dict:
    """The bucket policy."""
    return {"Policy": json.dumps(_policy(call))}


@handles("s3:GetBucketPolicyStatus")
def get_bucket_policy_status(call: Call) -> dict:
    """Whether S3 calls the policy public: it allows something to everyone without a condition."""
    statements = _policy(call)["Statement"]
    public = any(
        one["Effect"] == "Allow" and one["Principal"] in ("*", {"AWS": "*"}) and "Condition" not in one
        for one in statements
    )
    return {"PolicyStatus": {"IsPublic": public}}


def _policy(call: Call) -> dict:
    policy = _find(call).get("policy")
    if policy is None:
        raise ApiError("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
    return policy


@handles("s3:GetBucketLogging")
def get_bucket_logging(call: Call) -> dict:
    """Where access logs go."""
    target = _find(call).get("logging")
    return {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": ""}} if target else {}


@handles("s3:GetBucketVersioning")
def get_bucket_versioning(call: Call) -> dict:
    """Versioning and MFA delete."""
    words = _find(call)
    if "versioning" not in words:
        return {}
    return {"Status": words["versioning"], "MFADelete": "Enabled" if words.get("mfa_delete") else "Disabled"}


@handles("s3:GetObjectLockConfiguration")
def get_object_lock_configuration(call: Call) -> dict:
    """Object Lock."""
    lock = _find(call).get("lock")
    if lock is None:
        message = "Object Lock configuration does not exist for this bucket"
        raise ApiError("ObjectLockConfigurationNotFoundError", message, 404)
    rule = {"Rule": {"DefaultRetention": {"Mode": lock["mode"], "Days": lock["days"]}}} if "mode" in lock else {}
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **rule}}
