"""
The local day: which stretch of time a date means in a zone, exactly.

A day begins at the first instant whose local date is that date or a later one, so the days of a
zone follow each other without a hole or an overlap: they last 23, 24, 24.5 or 25 hours, and none
at all where a date was skipped. Pure.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.coverage import Span
from models.errors import SetupError
from models.incident import zone

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def day_window(day: date, tz: str) -> Span:
    """
    Return the stretch of UTC that is `day` in the zone; empty where the zone skipped that date.

    SetupError for a zone that doesn't exist or a year outside 1900 to 2999.
    """
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        message = f"{day.isoformat()} isn't a day Amends can look at"
        raise SetupError(message, f"name a day between {_FIRST_YEAR} and {_LAST_YEAR}")
    where = zone(tz)
    return Span(_begins(day, where), _begins(day + _DAY, where))


def local_day(when: datetime, tz: str) -> date:
    """Return the day whose window holds the aware time `when`."""
    where = zone(tz)
    day = when.astimezone(where).date()
    # Where clocks went back over a midnight, the hour before it came twice; the day, once begun,
    # goes on.
    while _begins(day + _DAY, where) <= when:
        day += _DAY
    return day


def day_before(day: date, tz: str) -> date:
    """Return the date before `day` that the zone really had."""
    before = day - _DAY
    while not day_window(before, tz).length:
        before -= _DAY
    return before


def hours_of(window: Span) -> list[Span]:
    """Return a window cut into hours from its beginning on; the last may be shorter."""
    hours: list[Span] = []
    at = window.since
    while at < window.until:
        hours.append(Span(at, min(at + timedelta(hours=1), window.until)))
        at = hours[-1].until
    return hours


def _begins(day: date, where: ZoneInfo) -> datetime:
    midnight = datetime.combine(day, time(), where)
    # Of two midnights fold=0 is the first; of a missing one, it lies at or after the jump.
    late = midnight.astimezone(UTC)
    if late.astimezone(where).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return late
    # Offsets are whole seconds, and so are the jumps between them.
    early = midnight.replace(fold=1).astimezone(UTC)
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(where).date() >= day:
            late = middle
        else:
            early = middle
    return late
