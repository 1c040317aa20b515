"""The words that a scenario may use. A misspelt word would otherwise be a fact that is silently not there."""

ANY = object()


def _words(words: str) -> dict:
    """Words after which anything may stand."""
    return dict.fromkeys(words.split(), ANY)


# `{"*": X}` is a map of any names to X, `[X]` a list of X, ANY whatever is written.
_POLICIES = {"policies": [ANY], "inline": {"*": ANY}, "boundary": ANY}
_ACCESS_KEY = _words("id created status last_used service region")
_CERTIFICATE = _words("uploaded status")
_MFA = _words("kind name enabled")

_USER = {
    **_POLICIES,
    "path": ANY,
    "created": ANY,
    "tags": {"*": ANY},
    "groups": [ANY],
    "password": _words("changed last_used reset_required"),
    "mfa": [_MFA],
    "access_keys": [_ACCESS_KEY],
    "ssh_keys": [_CERTIFICATE],
    "signing_certificates": [_CERTIFICATE],
    "service_credentials": [_words("service created expires status")],
    "last_accessed": {"*": ANY},
}
_ROLE = {
    **_POLICIES,
    "tags": {"*": ANY},
    "last_accessed": {"*": ANY},
    **_words("path created description trust instance_profile max_session_seconds last_used last_used_region"),
}
_POLICY = {
    **_words("path created description document default_version"),
    "tags": {"*": ANY},
    "versions": [{"created": ANY, "document": ANY}],
}
_TRAIL = _words(
    "region multi_region organization validation logging started stopped last_digest bucket "
    "global_events kms_key log_group delivery_error selectors advanced_selectors insights last_log_delivery"
)
_ANALYZER = {
    **_words("regions type status status_reason created last_analyzed managed_by unused_age exclusions inclusions"),
    "archive_rules": {"*": {"created": ANY, "filter": ANY}},
    "findings": [_words("type region resource resource_type owner status public created updated analyzed error")],
}
_COMPUTE = {
    "instances": {"*": {**_words("region profile state tokens endpoint hop_limit user_data"), "tags": {"*": ANY}}},
    "functions": {"*": {**_words("region role variables_error policy"), "variables": {"*": ANY}}},
    "resource_policies": {
        **dict.fromkeys(("queues", "topics", "keys"), {"*": _words("region policy")}),
        "secrets": {
            "*": {
                **_words("region policy created rotates_every rotated next_rotation service primary_region"),
                "tags": {"*": ANY},
            }
        },
    },
    "task_definitions": {
        "*": {**_words("region role execution_role"), "variables": {"*": ANY}, "tags": {"*": ANY}}
    },
}
_EVENT = _words("at name source by from agent region read_only type access_key more")
_ALERTING = {
    "log_groups": {
        "*": {**_words("region retention class"), "filters": {"*": _words("pattern metric namespace value default")}}
    },
    "alarms": {
        "*": _words("region metric namespace statistic period periods threshold comparison actions enabled rule")
    },
    "topics": {"*": {"region": ANY, "subscriptions": [_words("protocol endpoint confirmed")]}},
    "event_rules": {"*": _words("region pattern schedule state targets")},
}
_ACCOUNT = {
    **_ALERTING,
    "public_access_block": ANY,
    "buckets": {
        "*": {**_words("region public_access_block policy logging versioning mfa_delete lock"), "grants": {"*": ANY}}
    },
    "kms_keys": {"*": _words("region created state origin manager rotation")},
    "config": _words("regions global_types_region role recording last_status"),
    "guardduty": _words("regions status"),
    "securityhub": _words("regions standards"),
    **_words("alias created opted_in_regions default_regions contact alternate_contacts account_summary_lacks"),
    "root": {
        "password": {"last_used": ANY},
        "mfa": [_MFA],
        "access_keys": [_ACCESS_KEY],
        "signing_certificates": [_CERTIFICATE],
    },
    "credential_report": _words("generated polls expires extra_columns"),
    "password_policy": _words("min_length classes remembered max_age_days hard_expiry users_may_change"),
    "users": {"*": _USER},
    "groups": {"*": {"path": ANY, "created": ANY, "policies": [ANY], "inline": {"*": ANY}}},
    "roles": {"*": _ROLE},
    "policies": {"*": _POLICY},
    "server_certificates": {"*": _words("path uploaded expires")},
    "oidc_providers": {"*": _words("clients thumbprints created")},
    "saml_providers": {"*": _words("created valid_until encryption private_keys")},
    "roles_anywhere": {
        "region": ANY,
        "trust_anchors": {"*": _words("created enabled source")},
        "profiles": {"*": _words("enabled roles seconds session_policy")},
        "revocation_lists": {"*": _words("enabled trust_anchor")},
    },
    "identity_pools": {"*": _words("region guests classic_flow guest_role role")},
    "outbound_federation": ANY,
    "delegation_requests": [_words("state requestor name created expires")],
    "sts_token_version": ANY,
    "unassigned_mfa": [ANY],
    "trails": {"*": _TRAIL},
    "analyzers": {"*": _ANALYZER},
    "events": [_EVENT],
    "identity_center": {
        **_words("region created name status groups"),
        "permission_sets": {"*": _words("created session policies customer_policies inline boundary assignments")},
    },
    **_COMPUTE,
}
_MEMBER = _words("name email joined joined_method state policies full_access tags")
_UNIT: dict = {"policies": [ANY], "full_access": ANY, "accounts": {"*": _MEMBER}}
_UNIT["units"] = {"*": _UNIT}
_ORGANIZATION = {
    **_words("id management_account management_email features policy_types root_features"),
    "trusted_services": {"*": ANY},
    "delegated_administrators": {"*": {"*": ANY}},
    "service_control_policies": {"*": {"description": ANY, "document": ANY}},
    "resource_control_policies": {"*": {"description": ANY, "document": ANY}},
    "other_policies": {"*": _words("type description document")},
    "resource_policy": ANY,
    "effective_policy_errors": {"*": [ANY]},
    "service_use": {"*": _words("last account")},
    "handshakes": [_words("action state email account requested expires")],
    "root": _UNIT,
}
SCENARIO = {
    **_words("name about now partition home_region"),
    "caller": _words("account role session user root"),
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
        return [
            found for number, item in enumerate(value) for found in strangers(item, vocabulary[0], f"{path}[{number}]")
        ]
    if not isinstance(value, dict):
        return [f"{path} is not an object"]
    found = []
    for word, item in value.items():
        here = f"{path}.{word}" if path else word
        known = vocabulary.get(word, vocabulary.get("*"))
        found += strangers(item, known, here) if known is not None else [f"{here} is no word of a scenario"]
    return found
