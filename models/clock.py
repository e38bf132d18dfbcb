"""
SLA clocks: by when a post should be looked at and answered, counted in the hours people work.

Hours read `Mon-Fri 08:00-20:00`, with commas between stretches; a stretch may run past midnight, and
no hours at all means always. Minutes are real ones: when the clocks change in the middle of a
stretch, it is an hour longer or shorter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from models.coverage import Span
from models.errors import SetupError
from models.incident import zone as zone_of

State = Literal["in time", "soon", "late"]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SOON = 4
"""A clock says `soon` when less than a quarter of its time is left."""

_DAY = "|".join(DAYS)
_STRETCH = re.compile(
    rf"({_DAY})(?:\s*[-–]\s*({_DAY}))?\s+(\d\d?):(\d\d)\s*[-–]\s*(\d\d?):(\d\d)", re.IGNORECASE
)
_MIDNIGHT = 24 * 60


class Stretch(NamedTuple):
    """On these days of the week (Monday is 0), from one minute of the day to another one."""

    days: frozenset[int]
    since: int
    until: int


@lru_cache(maxsize=256)
def hours_of(text: str) -> tuple[Stretch, ...]:
    """Return the stretches of `Mon-Fri 08:00-20:00`; SetupError if that can't be read."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        said = _STRETCH.fullmatch(part)
        since, until = (int(said[n]) * 60 + int(said[n + 1]) for n in (3, 5)) if said else (0, 0)
        minutes_right = said is not None and max(int(said[4]), int(said[6])) < 60
        if said is None or not minutes_right or not _fits(since, until):
            raise _unread(part)
        first, last = (DAYS.index(day.title()) for day in (said[1], said[2] or said[1]))
        days = frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
        found.append(Stretch(days, since, until + (_MIDNIGHT if until < since else 0)))
    return tuple(found)


def due(at: datetime, minutes: int, hours: str, zone: str) -> datetime:
    """Return when something that began at `at` (aware) is due: so many minutes of working time later."""
    left = timedelta(minutes=minutes)
    for span in _open(at, hours, zone):
        if left <= span.length:
            return span.since + left
        left -= span.length
    raise AssertionError


def worked(since: datetime, until: datetime, hours: str, zone: str) -> timedelta:
    """Return how much working time lies between two moments; nothing if the second comes first."""
    total = timedelta()
    if until <= since:
        return total
    for span in _open(since, hours, zone):
        if span.since >= until:
            break
        total += Span(span.since, min(span.until, until)).length
    return total


def late_until(
    now: datetime, minutes: int, hours: str, zone: str, since: datetime
) -> datetime | None:
    """
    Return the last moment, from `since` on, from which something that began then is late now; None if none is.

    What began earlier is due earlier, so all that began up to then is late and nothing after it.
    """

    def late(at: datetime) -> bool:
        # What hasn't had its time isn't late, and when it is due may lie far ahead.
        had = worked(at, now, hours, zone) >= timedelta(minutes=minutes)
        return had and now > due(at, minutes, hours, zone)

    if not late(since):
        return None
    early, open_ = since, now
    while open_ - early > timedelta(microseconds=1):
        middle = early + (open_ - early) / 2
        if late(middle):
            early = middle
        else:
            open_ = middle
    return early


def state(at: datetime, minutes: int, hours: str, zone: str, now: datetime) -> State:
    """Return how a clock stands that began at `at` and allows so many minutes."""
    by = due(at, minutes, hours, zone)
    if now > by:
        return "late"
    left = worked(now, by, hours, zone)
    return "soon" if left * SOON < timedelta(minutes=minutes) else "in time"


def _open(at: datetime, hours: str, zone: str) -> Iterator[Span]:
    """Yield the working time from a moment on, in stretches that don't overlap, without end."""
    at = at.astimezone(UTC)
    stretches = hours_of(hours)
    if not stretches:
        yield Span(at, datetime.max.replace(tzinfo=UTC))
        return
    place = zone_of(zone)
    last = at
    # A stretch of the day before may still run.
    day = at.astimezone(place).date() - timedelta(days=1)
    while True:
        for span in sorted(_of_day(day, stretches, place)):
            if span.until > last:
                yield Span(max(span.since, last), span.until)
                last = span.until
        day += timedelta(days=1)


def _of_day(day: date, stretches: tuple[Stretch, ...], place: ZoneInfo) -> list[Span]:
    return [
        Span(_moment(day, one.since, place, fold=0), _moment(day, one.until, place, fold=1))
        for one in stretches
        if day.weekday() in one.days
    ]


def _moment(day: date, minute: int, place: ZoneInfo, *, fold: int) -> datetime:
    """
    Return when the clocks show that minute of a day, first (`fold` 0) or last.

    A minute that is left out, since the clocks are put forward, is the moment when they are.
    """
    days, minute = divmod(minute, _MIDNIGHT)
    wall = datetime.combine(day + timedelta(days=days), time(*divmod(minute, 60)))
    local = wall.replace(tzinfo=place, fold=fold)
    there = local.astimezone(UTC)
    if there.astimezone(place).replace(tzinfo=None) == wall:
        return there
    early, late = (wall.replace(tzinfo=place, fold=f).astimezone(UTC) for f in (1, 0))
    before = early.astimezone(place).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(place).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _fits(since: int, until: int) -> bool:
    return since < _MIDNIGHT and until <= _MIDNIGHT and since != until


def _unread(part: str) -> SetupError:
    message = f"“{part[:60]}” says no hours of work"
    return SetupError(message, "write Mon-Fri 08:00-20:00, with commas between stretches")
