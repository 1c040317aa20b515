"""What the policies of one type that hang above an account amount to: those below override those above."""

import json


def effective_policy(backend, kind: str, account_id: str) -> str | None:
    """The policies of a type put together for an account; nothing where none reaches it.

    Of the operators of inheritance, `@@assign` and `@@append` are understood; what children may override is not looked at.
    """
    merged: dict = {}
    found = False
    for target in _path(backend, account_id):
        for policy in target.attached_policies:
            if policy.type == kind:
                found = True
                merged = _merge(merged, json.loads(policy.content))
    return json.dumps(_plain(merged), separators=(",", ":")) if found else None


def _path(backend, account_id: str) -> list:
    """The root, the units and the account, from above."""
    by_id = {one.id: one for one in [*backend.ou, *backend.accounts]}
    path = [by_id[account_id]]
    while getattr(path[0], "parent_id", None) in by_id:
        path.insert(0, by_id[path[0].parent_id])
    return path


def _merge(above, below):
    if not isinstance(above, dict) or not isinstance(below, dict):
        return below
    merged = dict(above)
    for key, value in below.items():
        if key == "@@append":
            merged["@@assign"] = [*merged.get("@@assign", []), *value]
        else:
            merged[key] = _merge(merged.get(key), value)
    return merged


def _plain(value):
    """The same without operators."""
    if not isinstance(value, dict):
        return value
    if "@@assign" in value:
        return value["@@assign"]
    return {key: _plain(inner) for key, inner in value.items() if not key.startswith("@@")}
