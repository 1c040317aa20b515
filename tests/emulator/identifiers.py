"""Ids that look like those of AWS and are the same in every run: derived from what they name, never random."""

import hashlib

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"


def unique_id(prefix: str, *names: str) -> str:
    """An IAM unique id of 21 characters: AIDA a user, AROA a role, AGPA a group, ANPA a policy, and so on."""
    return prefix + _letters(_UPPER, 21 - len(prefix), prefix, *names)


def access_key_id(*names: str, prefix: str = "AKIA") -> str:
    """An access key id of 20 characters: AKIA (long-term) or ASIA (temporary)."""
    return prefix + _letters(_UPPER, 16, prefix, *names)


def lower(length: int, *names: str) -> str:
    """Lower-case letters and digits, as in the ids of AWS Organizations."""
    return _letters(_LOWER, length, *names)


def digits(length: int, *names: str) -> str:
    """Decimal digits, as in a code or a serial number."""
    return _letters("0123456789", length, *names)


def uuid(*names: str) -> str:
    """The form of request, job and event ids."""
    text = hashlib.sha256("/".join(names).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"


def secret(length: int, *names: str) -> str:
    """Letters and digits for secrets and session tokens."""
    return _letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length, "secret", *names)


def _letters(alphabet: str, length: int, *names: str) -> str:
    seed = "/".join(names)
    out: list[str] = []
    block = 0
    while len(out) < length:
        digest = hashlib.sha256(f"{seed}#{block}".encode()).digest()
        out.extend(alphabet[byte % len(alphabet)] for byte in digest)
        block += 1
    return "".join(out[:length])
