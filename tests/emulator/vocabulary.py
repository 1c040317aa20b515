"""The words that a scenario may use. A misspelt word would otherwise be a fact that is silently not there."""

ANY = object()

# `{"*": X}` is a map of any names to X, `[X]` a list of X, ANY whatever is written.
_POLICIES = {"policies": [ANY], "inline": {"*": ANY}, "boundary": ANY}
_ACCESS_KEY = {word: ANY for word in ("id", "created", "status", "last_used", "service", "region")}
_CERTIFICATE = {word: ANY for word in ("uploaded", "status")}
_MFA = {word: ANY for word in ("kind", "name", "enabled")}

_USER = {
    **_POLICIES,
    "path": ANY,
    "created": ANY,
    "tags": {"*": ANY},
    "groups": [ANY],
    "password": {word: ANY for word in ("changed", "last_used", "reset_required")},
    "mfa": [_MFA],
    "access_keys": [_ACCESS_KEY],
    "ssh_keys": [_CERTIFICATE],
    "signing_certificates": [_CERTIFICATE],
    "service_credentials": [{word: ANY for word in ("service", "created", "expires", "status")}],
    "last_accessed": {"*": ANY},
}
_ROLE = {
    **_POLICIES,
    "tags": {"*": ANY},
    "last_accessed": {"*": ANY},
    **{
        word: ANY
        for word in ("path", "created", "description", "trust", "instance_profile", "max_session_seconds", "last_used", "last_used_region")
    },
}
_POLICY = {
    **{word: ANY for word in ("path", "created", "description", "document", "default_version")},
    "tags": {"*": ANY},
    "versions": [{"created": ANY, "document": ANY}],
}
_TRAIL = {
    word: ANY
    for word in (
        "region", "multi_region", "organization", "validation", "logging", "started", "stopped", "last_digest", "bucket",
        "global_events", "kms_key", "log_group", "delivery_error", "selectors", "advanced_selectors",
    )
}
_EVENT = {word: ANY for word in ("at", "name", "source", "by", "from", "agent", "region", "read_only", "type", "access_key", "more")}
_ACCOUNT = {
    **{word: ANY for word in ("alias", "created", "opted_in_regions", "default_regions", "contact", "alternate_contacts", "account_summary_lacks")},
    "root": {"password": {"last_used": ANY}, "mfa": [_MFA], "access_keys": [_ACCESS_KEY], "signing_certificates": [_CERTIFICATE]},
    "credential_report": {word: ANY for word in ("generated", "polls", "extra_columns")},
    "password_policy": {word: ANY for word in ("min_length", "classes", "remembered", "max_age_days", "hard_expiry", "users_may_change")},
    "users": {"*": _USER},
    "groups": {"*": {"path": ANY, "created": ANY, "policies": [ANY], "inline": {"*": ANY}}},
    "roles": {"*": _ROLE},
    "policies": {"*": _POLICY},
    "server_certificates": {"*": {word: ANY for word in ("path", "uploaded", "expires")}},
    "oidc_providers": {"*": {word: ANY for word in ("clients", "thumbprints", "created")}},
    "saml_providers": {"*": {word: ANY for word in ("created", "valid_until")}},
    "trails": {"*": _TRAIL},
    "events": [_EVENT],
    "identity_center": {word: ANY for word in ("region", "created", "name")},
}
_MEMBER = {word: ANY for word in ("name", "email", "joined", "joined_method", "state", "policies", "full_access", "tags")}
_UNIT: dict = {"policies": [ANY], "full_access": ANY, "accounts": {"*": _MEMBER}}
_UNIT["units"] = {"*": _UNIT}
_ORGANIZATION = {
    **{word: ANY for word in ("id", "management_account", "management_email", "features", "policy_types", "root_features")},
    "trusted_services": {"*": ANY},
    "delegated_administrators": {"*": {"*": ANY}},
    "service_control_policies": {"*": {"description": ANY, "document": ANY}},
    "resource_control_policies": {"*": {"description": ANY, "document": ANY}},
    "root": _UNIT,
}
SCENARIO = {
    **{word: ANY for word in ("name", "about", "now", "partition", "home_region")},
    "caller": {word: ANY for word in ("account", "role", "session", "user", "root")},
    "organization": _ORGANIZATION,
    "accounts": {"*": _ACCOUNT},
}


def strangers(value, vocabulary=SCENARIO, path: str = "") -> list[str]:
    """Where a scenario says something that nobody listens to."""
    if vocabulary is ANY:
        return []
    if isinstance(vocabulary, list):
        if not isinstance(value, list):
            return [f"{path} is not a list"]
        return [found for number, item in enumerate(value) for found in strangers(item, vocabulary[0], f"{path}[{number}]")]
    if not isinstance(value, dict):
        return [f"{path} is not an object"]
    found = []
    for word, item in value.items():
        here = f"{path}.{word}" if path else word
        known = vocabulary.get(word, vocabulary.get("*"))
        found += strangers(item, known, here) if known is not None else [f"{here} is no word of a scenario"]
    return found
