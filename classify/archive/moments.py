"""When a post was written, from whatever an archive has: texts, numbers, times."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from models.post import plausible

_X = "%a %b %d %H:%M:%S %z %Y"
_ONES = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""Seconds of any year we may see are below 1e11; above that a stamp counts smaller units."""


def moment(value: Any, now: datetime) -> datetime | None:
    """
    Return the time in UTC; None if it can't be read or can't be true at `now`.

    A time without an offset is one of UTC.
    """
    try:
        when = _read(value)
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    if when is not None and when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return plausible(when, now)


def _read(value: Any) -> datetime | None:
    if isinstance(value, str):
        return _written(value.strip())
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _counted(value)
    return None


def _written(value: str) -> datetime:
    if value[:1].isalpha():
        return datetime.strptime(value[:40], _X)  # noqa: DTZ007  the form has an offset
    if len(value) >= 9 and value.replace(".", "", 1).isdecimal():
        return _counted(float(value))
    return datetime.fromisoformat(value)


def _counted(value: float) -> datetime:
    unit = next((unit for above, unit in _ONES if abs(value) >= above), 1)
    return datetime.fromtimestamp(value / unit, UTC)
