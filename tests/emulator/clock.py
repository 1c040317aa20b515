"""The scenario's clock: every date of a scenario is said relative to one fixed "now"."""

import re
from datetime import datetime, timedelta, timezone

_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "year": timedelta(days=365),
}
_SPAN = re.compile(r"(\d+) (second|minute|hour|day|week|year)s?")


class Clock:
    """Turns the dates of a scenario into instants."""

    def __init__(self, now: datetime):
        self.now = now.astimezone(timezone.utc).replace(microsecond=0)

    def at(self, text: str) -> datetime:
        """An instant from "now", "40 days ago", "in 3 hours" or an RFC 3339 time."""
        if text == "now":
            return self.now
        if text.endswith(" ago"):
            return self.now - _span(text.removesuffix(" ago"))
        if text.startswith("in "):
            return self.now + _span(text.removeprefix("in "))
        return parse_instant(text)

    def maybe(self, text: str | None) -> datetime | None:
        """The same, where the scenario may say nothing."""
        return None if text is None else self.at(text)


def parse_instant(text: str) -> datetime:
    """An RFC 3339 time with its offset."""
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write 2026-01-31T09:00:00Z")
    return instant.astimezone(timezone.utc).replace(microsecond=0)


def naive(instant: datetime) -> datetime:
    """The same instant as moto keeps it: UTC without a time zone."""
    return instant.astimezone(timezone.utc).replace(tzinfo=None)


def aware(instant: datetime) -> datetime:
    """The reverse of `naive`; an instant that has a time zone already stays as it is."""
    return instant if instant.tzinfo else instant.replace(tzinfo=timezone.utc)


def _span(text: str) -> timedelta:
    parts = [_SPAN.fullmatch(part.strip()) for part in text.split(",")]
    if not all(parts):
        raise ValueError(f"{text!r} is no length of time; write for example '40 days' or '2 days, 3 hours'")
    return sum((int(part[1]) * _UNITS[part[2]] for part in parts), timedelta())
