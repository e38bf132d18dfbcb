"""
When which digest is due. Pure.

The digest of a local day is due at a time of the next day that its zone really has, but never before
the day is over; so clocks that jump, dates that a zone skips and hours that come twice change nothing:
every day has one digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from models.day import day_window, local_day
from models.incident import zone

_DAY = timedelta(days=1)


def due_at(day: date, tz: str, at: time) -> datetime:
    """Return when the digest of a local day is due."""
    after = day + _DAY
    while not day_window(after, tz).length:
        after += _DAY
    # A time that clocks skip counts as the moment they would have shown it.
    wanted = datetime.combine(after, at, zone(tz)).astimezone(UTC)
    return max(wanted, day_window(day, tz).until)


def days_due(first: date, last: date, tz: str, at: time, now: datetime) -> Iterator[date]:
    """Yield the local days from `first` to `last` whose digest is due; what a zone skipped is no day."""
    day = first
    while day <= last and due_at(day, tz, at) <= now:
        if day_window(day, tz).length:
            yield day
        day += _DAY


def last_day(closed_at: datetime | None, now: datetime, tz: str) -> date:
    """Return the last local day an incident can have a digest of: today's, or that of its closing."""
    return local_day(now if closed_at is None else min(closed_at, now), tz)
