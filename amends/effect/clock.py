"""
The clock of an incident: who spoke first, and how long it was from each word to the next.

One line each for the first credible voice, the alarm, the first public word, the first credit request, the
first mail, when we said it was resolved, when complaints were half of their height, and when they were back
in their band.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np

from amends.alarms.ground import covered, minute_of, time_of
from models.coverage import Span, holes
from models.incident import IncidentRow
from models.store import Transaction
from models.store.minutes import Ear

LONGEST = timedelta(days=21)
"""How long an incident is followed."""

CREDIBLE = 3
"""Complaints by so many voices within an hour are credible: the first of them counts."""

BUSY = 180
"""Minutes over which the height of complaints is taken, and half of it."""

FEWEST = 12
"""Voices at the height below which half of it means nothing."""

_HOUR = 60


class Hand(msgspec.Struct, frozen=True):
    """
    When something first happened, None if it hasn't, and how many minutes after `since` that was.

    `sure` is false where not all was read up to then, so it may have been earlier.
    """

    what: str
    at: datetime | None = None
    minutes: int | None = None
    since: str = "it began"
    sure: bool = True


def clock_of(tx: Transaction, incident: IncidentRow, now: datetime) -> tuple[Hand, ...]:
    """Read an incident's clock."""
    key, began = incident.id or 0, incident.began
    window = Span(time_of(minute_of(began)), min(now, began + LONGEST))
    ears = [ear.within(key) for ear in tx.minutes.ears(key)]
    spans = covered(tx, ears)
    complaints, credits_ = (
        _minutes(tx, key, name, window) for name in ("complaint", "credit_request")
    )
    alarms = [
        row
        for row in reversed(tx.alarms.of(key))
        if row.kind == "rise" and row.subject == "complaint"
    ]
    acts = [one for one in tx.acts.of(key) if one.at is not None and began <= one.at <= now]
    hourly = _next(complaints, _HOUR)
    credible = _first((complaints > 0) & (hourly >= CREDIBLE), window)
    asked = _first(credits_ > 0, window)
    return (
        _hand("first credible voice", credible, began, sure=_read(spans, began, credible)),
        _hand("alarm", alarms[0].opened_at if alarms else None, began),
        _hand("first public word", acts[0].at if acts else None, began),
        _hand("first credit request", asked, began, sure=_read(spans, began, asked)),
        _hand("mail", next((one.at for one in acts if one.kind == "mail_batch"), None), began),
        _hand("said to be resolved", resolved(tx, incident), began),
        _half(complaints, window, ears, spans),
        _tail([(row.since, row.ended_at) for row in alarms]),
    )


def resolved(tx: Transaction, incident: IncidentRow) -> datetime | None:
    """Return since when an incident has been resolved, by its status, else closed; None if it isn't."""
    key = incident.id or 0
    since = None
    for one in tx.audit.about(key, f"incident:{key}"):
        if one.did == "status":
            if one.detail.get("to") != "resolved":
                break
            since = one.at
    return since or incident.closed_at


def _minutes(
    tx: Transaction, key: int, label: str, window: Span
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    first, last = minute_of(window.since), minute_of(window.until)
    found = np.zeros(max(last - first, 0) + 1)
    for minute, _, voices in tx.minutes.by_minute([key], label, window):
        found[minute - first] += voices
    return found


def _next(
    counts: np.ndarray[tuple[int], np.dtype[np.float64]], size: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return for each minute the sum of it and of those that follow."""
    sums = np.concatenate((np.zeros(1), np.cumsum(counts)))
    ends = np.minimum(np.arange(len(counts)) + size, len(counts))
    return np.asarray(sums[ends] - sums[:-1])


def _first(where: np.ndarray[tuple[int], np.dtype[np.bool_]], window: Span) -> datetime | None:
    return time_of(minute_of(window.since) + int(where.argmax())) if where.any() else None


def _hand(what: str, at: datetime | None, began: datetime, *, sure: bool = True) -> Hand:
    return Hand(what, at, None if at is None else _between(began, at), sure=sure)


def _between(since: datetime, until: datetime) -> int:
    return max(round((until - since).total_seconds() / 60), 0)


def _read(spans: Iterable[Sequence[Span]], since: datetime, until: datetime | None) -> bool:
    """Return whether every source was read from one moment to another."""
    heard = [each for each in spans if each]
    if until is None or not heard:
        return False
    return not any(holes(Span(since, until), each) for each in heard)


def _half(
    complaints: np.ndarray[tuple[int], np.dtype[np.float64]],
    window: Span,
    ears: Sequence[Ear],
    spans: Sequence[Sequence[Span]],
) -> Hand:
    what, since = "complaints at half of their height", "their height"
    summed = _next(complaints, BUSY)[: max(len(complaints) - BUSY, 0)]
    if not ears or not len(summed) or summed.max() < FEWEST:
        return Hand(what, since=since)
    top = int(summed.argmax())
    first = minute_of(window.since)
    for place in (np.flatnonzero(summed[top:] <= summed[top] / 2) + top).tolist():
        stretch = Span(time_of(first + place), time_of(first + place + BUSY))
        # What nobody heard isn't calm.
        if _read(spans, stretch.since, stretch.until):
            height = Span(time_of(first + top), stretch.since)
            return Hand(what, stretch.since, _between(*_ends(height)), since,
                        _read(spans, *_ends(height)))  # fmt: skip
    return Hand(what, since=since)


def _ends(span: Span) -> tuple[datetime, datetime]:
    return span.since, span.until


def _tail(alarms: Sequence[tuple[datetime, datetime | None]]) -> Hand:
    what, since = "complaints back in their band", "they left it"
    ends = [end for _, end in alarms]
    if not alarms or None in ends:
        return Hand(what, since=since)
    last = max(end for end in ends if end is not None)
    return Hand(what, last, _between(alarms[0][0], last), since)
