"""
Phases: how a credit stands at a moment. Pure.

Days are local days of the incident's zone, and every stretch is half-open: a boundary belongs to what
begins there. An offer begins when it is announced, the first mail goes out or claims open, whichever
comes first. Mail is rolling out up to the last batch (and until claims open). It can be claimed for so
many days after the local day on which that came, which isn't counted itself; the window is over at the
first instant of the day behind the last one, and closing for 24 real hours before. It should be on the
bill from the first instant of the day after `bill_by`, but never while it can still be claimed for a
number of days. Where several campaigns have begun, the one that began last counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from models.campaign import Terms
from models.day import day_window, local_day

Phase = Literal["before", "rolling_out", "coming", "inside", "closing", "over", "on_bill"]
PHASES: tuple[Phase, ...] = (
    "before",
    "rolling_out",
    "coming",
    "inside",
    "closing",
    "over",
    "on_bill",
)
TITLES: Mapping[str, str] = {
    "before": "Before any offer",
    "rolling_out": "Mail rolling out",
    "coming": "Comes by itself",
    "inside": "Inside the window",
    "closing": "Window closing",
    "over": "Window over",
    "on_bill": "Should be on the bill by now",
}

CLOSING = timedelta(hours=24)
BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)


class Course(NamedTuple):
    """The moments at which a campaign's phase changes; `closes` and `billed` are None where they never come."""

    starts: datetime
    sent: datetime
    closes: datetime | None
    billed: datetime | None
    claimed: bool


class Stretch(NamedTuple):
    """A stretch of one phase, `until` excluded, and the campaign it is of; None before any."""

    since: datetime
    until: datetime
    phase: Phase
    campaign_id: int | None


def course_of(terms: Terms, tz: str) -> Course | None:
    """Return a campaign's course in a zone; None while it is only planned."""
    claimed = terms.how != "automatic"
    steps = [batch.at for batch in terms.batches]
    steps += [terms.opens_at] if terms.opens_at is not None else []
    known = steps + ([terms.announced_at] if terms.announced_at is not None else [])
    if not known:
        return None
    starts = min(known)
    sent = max([*steps, starts])
    closes = None
    if claimed and terms.days is not None:
        closes = day_window(local_day(sent, tz) + timedelta(days=terms.days), tz).until
    billed = None if terms.bill_by is None else day_window(terms.bill_by, tz).until
    return Course(starts, sent, closes, billed, claimed)


def phase_of(course: Course | None, at: datetime) -> Phase:
    """Return the phase of one campaign at a moment."""
    if course is None or at < course.starts:
        return "before"
    open_for = course.closes is not None and at < course.closes
    if course.billed is not None and at >= course.billed and not open_for:
        return "on_bill"
    if course.closes is not None and not open_for:
        return "over"
    if at < course.sent:
        return "rolling_out"
    if not course.claimed:
        return "coming"
    return "closing" if course.closes is not None and at >= course.closes - CLOSING else "inside"


def phase_at(courses: Mapping[int, Course], at: datetime) -> tuple[Phase, int | None]:
    """Return the phase at a moment and the campaign it is of: the one that began last."""
    begun = [(course.starts, key) for key, course in courses.items() if course.starts <= at]
    if not begun:
        return "before", None
    key = max(begun)[1]
    return phase_of(courses[key], at), key


def stretches(courses: Mapping[int, Course]) -> list[Stretch]:
    """Return all of time, cut where the phase may change."""
    cuts = {BEGINNING}
    for course in courses.values():
        cuts |= {course.starts, course.sent}
        cuts |= {moment for moment in (course.closes, course.billed) if moment is not None}
        cuts |= {course.closes - CLOSING} if course.closes is not None else set()
    edges = sorted(cuts)
    return [
        Stretch(since, until, *phase_at(courses, since))
        for since, until in zip(edges, [*edges[1:], END], strict=True)
    ]
