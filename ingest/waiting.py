"""
How long a source asks to be left alone, from whatever headers it says so in. Pure.

Absolute times are read against the source's own clock where it tells it (`Date`): ours may be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""Seconds we wait at most, whatever is asked for: one question an hour harms nobody."""

QUARTER = 900.0
"""Seconds to a reset at most: the longest window of those we know."""

_MARGIN = 1.0
_FAMILIES = ("x-rate-limit", "x-ratelimit", "ratelimit")
_EPOCH_FROM = 1e9
"""A reset number above this is a moment since 1970; below, a number of seconds to go."""


def retry_after(headers: Mapping[str, str], at: datetime) -> float | None:
    """Return the seconds `Retry-After` asks for, given in seconds or as a date; None if unreadable."""
    value = headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is None:
        moment = _moment(value)
        seconds = None if moment is None else (moment - clock(headers, at)).total_seconds()
    return None if seconds is None else min(max(seconds, 0.0), LONGEST)


def until_reset(headers: Mapping[str, str], at: datetime) -> float | None:
    """
    Return the seconds until a source counts anew, 1 to 900; None where it doesn't say.

    Nor where it says that questions are left: then whatever it refuses has another reason. A reset
    may be seconds to go, seconds since 1970, or a date.
    """
    for family in _FAMILIES:
        reset = headers.get(f"{family}-reset", "").strip()
        if not reset:
            continue
        left = _number(headers.get(f"{family}-remaining", ""))
        if left is not None and left >= 1:
            return None
        seconds = _number(reset)
        if seconds is None:
            moment = _moment(reset)
            seconds = None if moment is None else moment.timestamp()
        if seconds is None:
            return None
        if abs(seconds) >= _EPOCH_FROM:
            seconds -= clock(headers, at).timestamp()
        return min(max(seconds + _MARGIN, 1.0), QUARTER)
    return None


def used_up(headers: Mapping[str, str]) -> bool:
    """Return whether a source says that this was the last question it takes for now."""
    return any(_number(headers.get(f"{family}-remaining", "")) == 0 for family in _FAMILIES)


def clock(headers: Mapping[str, str], at: datetime) -> datetime:
    """Return what time it is by the source's clock; by ours where it doesn't tell."""
    return _moment(headers.get("date", "")) or at


def _number(text: str) -> float | None:
    text = text.strip()
    if not text or len(text) > 20 or not text.replace(".", "", 1).isdecimal():
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _moment(text: str) -> datetime | None:
    text = text.strip()
    if not 8 <= len(text) <= 40:
        return None
    try:
        found = parsedate_to_datetime(text) if text[:1].isalpha() else datetime.fromisoformat(text)
    except (TypeError, ValueError, IndexError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC)
