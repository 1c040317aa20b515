"""Faults on order: which calls go wrong, how, how often.

A fault is an object such as `{"operation": "iam:List*", "kind": "throttle", "probability": 0.3}`:

| member | meaning |
| --- | --- |
| `operation` | glob over `service:Operation`; required |
| `kind` | one of `KINDS`; required |
| `probability` | 0 to 1, default 1; drawn from a seeded generator |
| `times` | at most so many calls; default without limit |
| `after` | the first so many matching calls are left alone; default 0 |
| `account`, `region` | only calls of that account, in that Region |
| `milliseconds` | for `latency`; default 200 |
| `because` | for `deny`: identity, explicit, boundary, session or service-control-policy |
| `size` | for `page-size`: items in a page |
"""

import fnmatch
import random
import threading
from dataclasses import dataclass, field

KINDS = {
    "throttle": "the service's own throttling error",
    "server-error": "the service's own 5xx error",
    "deny": "access denied, in the service's own words",
    "expired": "the credentials are over",
    "latency": "a late answer",
    "truncate": "the body ends in the middle although the length promises more",
    "garbage": "status 200 with a body that no AWS service sends",
    "drop": "the connection is closed without an answer",
    "repeat-marker": "a later page names itself as the next one",
    "page-size": "smaller pages than asked for",
}

_MEMBERS = {
    "operation",
    "kind",
    "probability",
    "times",
    "after",
    "account",
    "region",
    "milliseconds",
    "because",
    "size",
}


class FaultError(ValueError):
    """A fault cannot be used as it is written."""


@dataclass
class Rule:
    """A fault and how often it has struck."""

    words: dict
    matched: int = 0
    struck: int = 0


@dataclass
class Faults:
    """The faults in force."""

    seed: int = 1
    rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self):
        self._random = random.Random(self.seed)

    def replace(self, faults: list[dict]) -> None:
        """Puts these faults in the place of those in force."""
        rules = [Rule(_checked(fault)) for fault in faults]
        with self._lock:
            self.rules = rules
            self._random = random.Random(self.seed)

    def strike(self, name: str, account: str, region: str) -> list[dict]:
        """The faults that hit a call: each that matches and whose turn it is."""
        hits = []
        with self._lock:
            for rule in self.rules:
                words = rule.words
                if not fnmatch.fnmatchcase(name, words["operation"]):
                    continue
                if words.get("account", account) != account or words.get("region", region) != region:
                    continue
                rule.matched += 1
                if rule.matched <= words.get("after", 0) or rule.struck >= words.get("times", rule.struck + 1):
                    continue
                if self._random.random() < words.get("probability", 1):
                    rule.struck += 1
                    hits.append(words)
        return hits


def _checked(fault: dict) -> dict:
    unknown = set(fault) - _MEMBERS
    if unknown:
        raise FaultError(f"a fault has no member {', '.join(sorted(unknown))}")
    for member in ("operation", "kind"):
        if member not in fault:
            raise FaultError(f"a fault needs {member!r}: {fault}")
    if fault["kind"] not in KINDS:
        raise FaultError(f"no fault is called {fault['kind']!r}; there are {', '.join(KINDS)}")
    return fault
