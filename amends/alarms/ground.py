"""
What alarms stand on: for each minute how many voices each watch brought, and where it was proved complete.

Read from the store for a stretch of time; minutes are counted from 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
import numpy.typing as npt

from amends.alarms.baseline import WEEK, Baseline, Floats, History, Ints, fit
from amends.alarms.chart import Minutes
from models.columns import from_micros, to_micros
from models.coverage import Span, merge
from models.incident import IncidentRow, zone
from models.store import Transaction
from models.store.minutes import Ear, Heard, ids

MINUTE = timedelta(minutes=1)
WEEKS = timedelta(weeks=8)
"""How far back the usual is learnt from."""

AFTER = timedelta(days=1)
"""How long after an incident people still talk of it: that isn't the usual either."""

_MINUTE = 60_000_000
_STEP = 15
"""Minutes after which a clock is looked at again: zones differ by quarters of an hour."""

Mask = npt.NDArray[np.bool_]


class Ground(msgspec.Struct, frozen=True):
    """A stretch in whole minutes: its first, hours of the week, and by watch voices and whether complete."""

    first: int
    cells: Ints
    voices: tuple[Floats, ...]
    complete: tuple[Mask, ...]

    def __len__(self) -> int:
        return len(self.cells)

    def minutes(self, baselines: Sequence[Baseline]) -> Minutes:
        """
        Return what was said beside what is usual, of the ears of which anything is known.

        An ear without history says nothing of a rise while others can; all count if nothing is known
        of any.
        """
        known = [bool(baseline.bins) for baseline in baselines]
        counts = known if any(known) else [True] * len(known)
        usual = [np.array(baseline.rates)[self.cells] for baseline in baselines]
        nothing = np.zeros(len(self))
        ears = zip(counts, self.voices, usual, self.complete, strict=True)
        parts = [part for counted, *part in ears if counted]
        return Minutes(
            voices=sum((said * whole for said, _, whole in parts), nothing),
            usual=sum((expected * whole for _, expected, whole in parts), nothing),
            heard=sum((said for said, _, _ in parts), nothing),
            everywhere=sum((expected for _, expected, _ in parts), nothing),
        )


def whole_minutes(window: Span) -> Span:
    """Return the whole minutes that lie within a stretch."""
    first, last = -(-to_micros(window.since) // _MINUTE), to_micros(window.until) // _MINUTE
    return Span(time_of(first), time_of(max(last, first)))


def minute_of(when: datetime) -> int:
    """Return the minute a moment lies in."""
    return to_micros(when) // _MINUTE


def time_of(minute: int) -> datetime:
    """Return when a minute begins."""
    return from_micros(minute * _MINUTE)


def ground(
    tx: Transaction,
    incident: IncidentRow,
    ears: Sequence[Ear],
    label: str,
    window: Span,
    covered: Sequence[Sequence[Span]],
    *,
    elsewhere: bool,
    without: bool = False,
) -> Ground:
    """
    Read a stretch of whole minutes; with `elsewhere` also what other incidents' watches heard.

    `without` counts the voices that say something without the label instead.

    `covered` is what each of the ears is proved complete in.
    """
    own = {incident.id or 0}
    keys = {row.incident_id for ear in ears for row in ear.same} if elsewhere else own
    heard = tx.minutes.by_minute(sorted(keys | own), label, window, without=without)
    first, last = minute_of(window.since), minute_of(window.until)
    return Ground(
        first,
        _cells(first, last, incident.tz),
        tuple(_voices(heard, set(ids(ear.same)), first, last) for ear in ears),
        tuple(_marked(spans, first, last) for spans in covered),
    )


def covered(tx: Transaction, ears: Sequence[Ear]) -> list[list[Span]]:
    """Return what each ear is proved complete in, with what others of its kind heard."""
    return [merge(span for key in ids(ear.same) for span in tx.coverage.of(key)) for ear in ears]


def learn(found: Ground, cuts: Iterable[Span]) -> tuple[Baseline, ...]:
    """Return what is usual for each ear, from minutes it is complete in, with stretches cut out."""
    last = found.first + len(found)
    usual = ~_marked(cuts, found.first, last, outwards=True)
    at = found.first + np.arange(len(found))
    return tuple(
        fit(History(said[whole & usual], at[whole & usual], found.cells[whole & usual]))
        for said, whole in zip(found.voices, found.complete, strict=True)
    )


def joined(parts: Sequence[Baseline]) -> Baseline:
    """
    Return what is usual of all ears together, straying at most as if all strayed at once.

    Of all of which anything is known: what is taken for usual without that would hide a rise of theirs.
    """
    parts = [part for part in parts if part.bins] or parts
    rates = np.sum([part.rates for part in parts], axis=0)
    shares = [sum(part.rates) / float(rates.sum()) for part in parts]
    strays = np.sum([np.array(p.strays) * s for p, s in zip(parts, shares, strict=True)], axis=0)
    return Baseline(
        rates=tuple(rates.tolist()),
        sure=tuple(np.sum([part.sure for part in parts], axis=0).tolist()),
        strays=tuple(strays.tolist()),
        bins=max(part.bins for part in parts),
    )


def cuts(tx: Transaction, incident: IncidentRow, now: datetime) -> list[Span]:
    """Return the stretches that aren't usual: incidents with a day after them, and alarms."""
    troubles = tx.minutes.troubles(incident.company, now)
    found = [Span(span.since, span.until + AFTER) for span in troubles]
    rang = [row for row in tx.alarms.of() if row.kind == "rise"]
    return merge([*found, *(Span(row.since, row.ended_at or now) for row in rang)])


def _voices(heard: Iterable[Heard], mine: set[int], first: int, last: int) -> Floats:
    found = np.zeros(last - first)
    for minute, watch, count in heard:
        if watch in mine:
            found[minute - first] += count
    return found


def _marked(spans: Iterable[Span], first: int, last: int, *, outwards: bool = False) -> Mask:
    """Return which minutes lie within stretches: all of each, or with `outwards` any of it."""
    found = np.zeros(last - first, bool)
    for span in spans:
        since, until = to_micros(span.since), to_micros(span.until)
        begin, end = -(-since // _MINUTE), until // _MINUTE
        if outwards:
            begin, end = since // _MINUTE, -(-until // _MINUTE)
        if end > first and begin < last:
            found[max(begin - first, 0) : end - first] = True
    return found


def _cells(first: int, last: int, tz: str) -> Ints:
    place = zone(tz)
    steps = range(first // _STEP, -(-last // _STEP))
    local = (time_of(step * _STEP).astimezone(place) for step in steps)
    hours = np.array([one.weekday() * 24 + one.hour for one in local], np.int64) % WEEK
    return np.repeat(hours, _STEP)[first - steps.start * _STEP :][: last - first]
