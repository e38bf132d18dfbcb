"""
What strangers' JSON may hold, taken one value at a time: the right kind, or nothing.

X writes ids and sometimes numbers as text, leaves out what is null, and old files hold anything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_ID = 1_288_834_974_657
"""Milliseconds since 1970 at which X's clock in the ids began."""

_OLDEST_CLOCK = 30_000_000_000
"""Ids below this were counted, not timed (before November 2010)."""

_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_MOST = 2**63 - 1
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def a_dict(value: object) -> dict[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def dicts(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list; anything else in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def a_text(value: object) -> str:
    """Return `value` if it is text, else nothing."""
    return value if isinstance(value, str) else ""


def an_id(value: object) -> str:
    """Return an id as text, 1 to 19 digits, or nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def a_count(value: object) -> int | None:
    """Return a number of something, also when written as text; None for anything else."""
    if isinstance(value, str) and _ID.fullmatch(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    return None


def said_at(post_id: str) -> datetime | None:
    """Return when an id was given out, to the millisecond; None where ids hold no clock."""
    if not _ID.fullmatch(post_id) or int(post_id) < _OLDEST_CLOCK:
        return None
    return _EPOCH + timedelta(milliseconds=(int(post_id) >> 22) + _FIRST_ID)


def id_at(when: datetime) -> str:
    """Return the smallest id that can have been given out at `when` or later."""
    milliseconds = (when - _EPOCH) // timedelta(milliseconds=1)
    return str(max(milliseconds - _FIRST_ID, 0) << 22)


def a_time(value: object) -> datetime | None:
    """Return the time of `2026-03-03T09:20:31.000Z` or `Mon Jun 02 11:05:09 +0000 2014`."""
    stamp = a_text(value)
    if not 10 <= len(stamp) <= 40:
        return None
    try:
        if stamp[0].isdigit():
            return datetime.fromisoformat(stamp)
        # By hand: strptime would read day and month names in the machine's language.
        _, month, day, clock, offset, year = stamp.split()
        return datetime.fromisoformat(f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{clock}{offset}")
    except ValueError:
        return None
