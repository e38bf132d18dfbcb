"""
Promises: by when an act says that something comes, as a clock that is due, overdue or kept. Pure.

“Next update 14:40” is the next time the clocks of the incident's zone show that; hours and minutes are
real ones; days are local, and end with the last of them unless it says noon: “within 7 days” is over when the seventh day
after the act's own is. “A few” are three, a month is 30 days, a business day is none of a weekend. An
update is kept by the next act that goes out, a credit by the next that says it was posted; how long the
public may claim is a clock too, which nobody can be late for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Literal, NamedTuple

from models.campaign import ActRow
from models.day import day_window, local_day
from models.incident import zone

Aim = Literal["update", "credit", "claim", "other"]
State = Literal["due", "overdue", "kept", "kept late", "over"]

LONGEST, LONGEST_SENTENCE, MOST = 20_000, 400, 10
"""Characters of an act and of a sentence that are read; promises that are kept of one."""

FEW = {"few": 3, "a few": 3, "couple of": 2, "a couple of": 2, "a": 1, "an": 1}

_NUMBERS = "one two three four five six seven eight nine ten".split()  # noqa: SIM905  (short)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SENTENCE = re.compile(r"[!?\n]|\.(?=\s|$)")
_CLOCK = re.compile(
    r"(?<![\d:.])(\d{1,2})(?::(\d\d))?\s?(am|pm|a\.m|p\.m)?(?![\d:])", re.IGNORECASE
)
_WITHIN = re.compile(
    r"\b(?:in|within|have)\s+(?:about\s+)?(?:the\s+)?(?:next\s+|coming\s+)?"
    rf"(a few|few|a couple of|couple of|an?|\d{{1,3}}|{'|'.join(_NUMBERS)})\s+"
    r"(business\s+|working\s+)?(minute|hour|day|week|month)s?\b",
    re.IGNORECASE,
)
_BY = re.compile(
    rf"\b(?:by|before|until)\s+(?:the\s+)?(end of (?:the )?(?:day|week)|today|tonight|tomorrow|{'|'.join(_WEEKDAYS)})\b"
    r"(\s+(?:at\s+)?noon\b)?",
    re.IGNORECASE,
)
_CLAIM = re.compile(r"\b(?:claim|click|redeem|expires?|link|apply)", re.IGNORECASE)
_UPDATE = re.compile(
    r"\b(?:updates?|news|report|post again|hear|tell you|say more|write again)\b", re.IGNORECASE
)
_CREDIT = re.compile(
    r"\b(?:credit|refund|reimburs|compensat|bill|account|discount)|%", re.IGNORECASE
)
_AHEAD = re.compile(r"\b(?:next|another|further|more|again|will|by|expect)\b|'ll\b", re.IGNORECASE)


class Promise(NamedTuple):
    """What was promised, in its words, and by when."""

    aim: Aim
    words: str
    due: datetime


class Clock(NamedTuple):
    """A promise of an act that is out, and how it stands."""

    act_id: int
    promise: Promise
    kept_at: datetime | None
    state: State


def promises(text: str, at: datetime, tz: str) -> list[Promise]:
    """Return what an act that went out at a moment promises, in the order of its text."""
    found: list[Promise] = []
    for sentence in _SENTENCE.split(text[:LONGEST]):
        said = " ".join(sentence[:LONGEST_SENTENCE].split())
        aim = _aim(said)
        found += (Promise(aim, said, due) for due in _times(said, aim, at, tz))
        if len(found) >= MOST:
            break
    return found[:MOST]


def clocks(acts: Iterable[ActRow], now: datetime, tz: str) -> list[Clock]:
    """Return the promises of all acts that are out, the earliest due first."""
    out = [act for act in acts if act.at is not None]
    found = []
    for act in out:
        for one in promises(act.text, act.at or now, tz):
            later = [
                next_.at
                for next_ in out
                if next_.at is not None and act.at is not None and act.at < next_.at <= now
                and (one.aim == "update" or (one.aim == "credit" and next_.kind == "credit_posted"))
            ]  # fmt: skip
            kept = min(later, default=None)
            found.append(Clock(act.id or 0, one, kept, _state(one, kept, now)))
    return sorted(found, key=lambda clock: (clock.promise.due, clock.act_id))


def _state(one: Promise, kept: datetime | None, now: datetime) -> State:
    if kept is not None:
        return "kept" if kept <= one.due else "kept late"
    if now <= one.due:
        return "due"
    return "over" if one.aim == "claim" else "overdue"


def _aim(said: str) -> Aim:
    if _CLAIM.search(said):
        return "claim"
    if _UPDATE.search(said):
        return "update"
    return "credit" if _CREDIT.search(said) else "other"


def _times(said: str, aim: Aim, at: datetime, tz: str) -> Iterator[datetime]:
    for one in _WITHIN.finditer(said):
        yield from _later(one[1].lower(), bool(one[2]), one[3].lower(), at, tz)
    for one in _BY.finditer(said):
        yield _day(one[1].lower(), at, tz, noon=bool(one[2]))
    if aim == "update":
        for one in _CLOCK.finditer(said):
            # “Update 14:40: we know why” says when it was written.
            if (one[2] or one[3]) and _AHEAD.search(said, 0, one.start()):
                yield from _shown(one, at, tz)


def _later(many: str, business: bool, unit: str, at: datetime, tz: str) -> Iterator[datetime]:
    named = FEW.get(many) or (_NUMBERS.index(many) + 1 if many in _NUMBERS else None)
    count = int(many) if named is None else named
    if unit in ("minute", "hour"):
        yield at + count * timedelta(**{f"{unit}s": 1})
        return
    day = local_day(at, tz)
    left = count * {"day": 1, "week": 7, "month": 30}[unit]
    while left:
        day += timedelta(days=1)
        left -= not (business and day.weekday() > 4)
    yield day_window(day, tz).until


def _day(name: str, at: datetime, tz: str, *, noon: bool) -> datetime:
    day = local_day(at, tz)
    ahead = {"tomorrow": 1, "today": 0, "tonight": 0}.get(name, 0)
    if name in _WEEKDAYS:
        ahead = (_WEEKDAYS.index(name) - day.weekday()) % 7
    elif name.endswith("week"):
        ahead = 6 - day.weekday()
    day += timedelta(days=ahead)
    if noon:
        return datetime.combine(day, time(12), zone(tz)).astimezone(UTC)
    return day_window(day, tz).until


def _shown(one: re.Match[str], at: datetime, tz: str) -> Iterator[datetime]:
    hour, minute, half = int(one[1]), int(one[2] or 0), (one[3] or "").lower()[:1]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (half == "p")
    elif half:
        return
    if hour > 23 or minute > 59:
        return
    day = at.astimezone(zone(tz)).date()
    for ahead in (0, 1, 2):
        wall = datetime.combine(day + timedelta(days=ahead), time(hour, minute), zone(tz))
        if wall.astimezone(UTC) > at:
            yield wall.astimezone(UTC)
            return
