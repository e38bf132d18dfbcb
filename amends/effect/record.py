"""
The record of an effect: the hours around an act as they were heard, read at one moment.

Only minutes count in which every source that counts was proved complete; an hour with fewer than three
quarters of them is unknown, which is not zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np

from amends.alarms.baseline import Floats
from amends.alarms.ground import MINUTE, Mask, covered, ground, minute_of, time_of
from amends.digest.words import LONGEST_NAME, plain
from amends.effect.value import Batch, Beside
from models.campaign import ActRow
from models.coverage import Span, holes
from models.errors import SetupError
from models.incident import IncidentRow, zone
from models.store import Transaction
from models.store.minutes import Ear

HOUR = timedelta(hours=1)
BEFORE, AFTER = 72, 48
"""Hours looked at before an act, and after it has had time to be read."""

WASH = 3
"""Hours after an act that are given to it to be read; they count neither before nor after."""

HISTORY = timedelta(days=14)
"""How far back there may be placebo dates."""

APART = timedelta(hours=48)
"""How far two mail batches may lie apart to be steps of one mailing."""

LONGEST = timedelta(days=7)
"""How long a mailing may be."""

STEADY = 0.7
"""The share of the time before and after that a source must be read in to count at all."""

_MINUTES = 60
_ENOUGH = 45
_SIZE = re.compile(r"(\d[\d,. ']*\d|\d)\s*(k\b)?\s*(?:\w+\s)?(?:customers|accounts|people|mails|e-mails|"
                   r"emails|recipients|subscribers|members|users)\b", re.IGNORECASE)  # fmt: skip


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """
    Hours in order; number `zero` is the one that begins with the act, or with its first batch.

    `said` are voices with the label and `others` all other voices, in the minutes that count; where `known`
    is false there are too few of those. `clock` is the local hour. `until` is the hour after the last.
    """

    act: ActRow
    incident: IncidentRow
    label: str
    zero: int
    said: Floats
    others: Floats
    known: Mask
    clock: Floats
    batches: tuple[Batch, ...]
    beside: tuple[Beside, ...] = ()
    sources: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def number(self, when: datetime) -> int:
        """Return the number of the hour a moment lies in."""
        return self.zero + (when - self.began) // HOUR

    @property
    def began(self) -> datetime:
        """When the hour `zero` begins."""
        return time_of(minute_of(self.batches[0].at))

    def time(self, number: int) -> datetime:
        """Return when an hour begins."""
        return self.began + (number - self.zero) * HOUR


def heard(tx: Transaction, incident: IncidentRow, act: ActRow, label: str, now: datetime) -> Record:
    """Read what was said around an act that is out; SetupError for a draft."""
    if act.at is None or act.at > now:
        message = f"act {act.id} isn't out yet"
        raise SetupError(message, "an effect can be measured once it is")
    key = incident.id or 0
    acts = [one for one in tx.acts.of(key) if one.at is not None and one.at <= now]
    batches = batches_of(act, acts)
    zero, last = (time_of(minute_of(one.at)) for one in (batches[0], batches[-1]))
    ears = [ear.within(key) for ear in tx.minutes.ears(key)]
    spans = covered(tx, ears)
    until = _until(tx, key, spans, last, now)
    hours = (until - zero) // HOUR
    since = max(incident.began, zero - HISTORY)
    starts = [one.since for each in spans for one in each if one.until > since]
    since = min(max(since, min(starts, default=zero)), zero)
    back = (zero - since) // HOUR
    window = Span(zero - back * HOUR, zero + max(hours, 0) * HOUR)
    near = Span(max(window.since, zero - BEFORE * HOUR), window.until)
    steady = [_steady(each, near, zero) for each in spans]
    mine = [ear for ear, keep in zip(ears, steady, strict=True) if keep]
    kept = [each for each, keep in zip(spans, steady, strict=True) if keep]
    said, others, known = _counted(tx, incident, mine, kept, label, window)
    place = zone(incident.tz)
    local = [(window.since + n * HOUR).astimezone(place) for n in range(len(said))]
    own = {one.act for one in batches}
    return Record(
        act=act, incident=incident, label=label, zero=back, said=said, others=others, known=known,
        clock=np.array([one.hour + one.minute / 60 for one in local]), batches=batches,
        beside=_beside(tx, key, [one for one in acts if one.id not in own], window),
        sources=_names(mine), left_out=_names(e for e, keep in zip(ears, steady, strict=True) if not keep),
    )  # fmt: skip


def batches_of(act: ActRow, acts: Sequence[ActRow]) -> tuple[Batch, ...]:
    """
    Return the steps of an act: itself, or all batches of the mailing it belongs to, in order.

    They weigh as much as each says it reached (“40,000 customers”), or alike unless all of them say so.
    """
    mails = [(one.at, one) for one in acts if one.kind == act.kind == "mail_batch" and one.at]
    mails.sort(key=lambda one: (one[0], one[1].id or 0))
    chain: list[tuple[datetime, ActRow]] = []
    for at, one in mails:
        if chain and (at - chain[-1][0] > APART or at - chain[0][0] > LONGEST):
            if any(each.id == act.id for _, each in chain):
                break
            chain = []
        chain.append((at, one))
    chain = chain or [(one.at, one) for one in acts if one.id == act.id and one.at]
    sizes = [_size(one.text) for _, one in chain]
    weights = [size or 0 for size in sizes] if all(sizes) else [1] * len(chain)
    return tuple(
        Batch(one.id or 0, at, weight / sum(weights))
        for (at, one), weight in zip(chain, weights, strict=True)
    )


def _size(text: str) -> int | None:
    found = _SIZE.search(text[:2_000])
    if found is None:
        return None
    digits = re.sub(r"\D", "", found[1])[:12]
    return int(digits) * (1_000 if found[2] else 1) or None


def _until(
    tx: Transaction, key: int, spans: Sequence[Sequence[Span]], last: datetime, now: datetime
) -> datetime:
    """Return up to when all is known that will be known."""
    ends = [each[-1].until for each in spans if each]
    until = min(last + (WASH + AFTER) * HOUR, now - MINUTE, max(ends, default=now))
    unread = tx.minutes.unread_since(key, last - BEFORE * HOUR)
    return max(until if unread is None else min(until, unread), last)


def _steady(spans: Sequence[Span], near: Span, zero: datetime) -> bool:
    parts = [Span(near.since, zero), Span(zero, near.until)]
    for part in parts:
        missing = sum((one.length for one in holes(part, spans)), timedelta())
        if part.length and missing > (1 - STEADY) * part.length:
            return False
    return bool(spans)


def _counted(
    tx: Transaction, incident: IncidentRow, ears: Sequence[Ear], spans: Sequence[Sequence[Span]],
    label: str, window: Span,
) -> tuple[Floats, Floats, Mask]:  # fmt: skip
    size = window.length // HOUR
    if not ears or not size:
        return np.zeros(size), np.zeros(size), np.zeros(size, bool)
    found = [
        ground(tx, incident, ears, label, window, spans, elsewhere=False, without=without)
        for without in (False, True)
    ]
    whole = np.logical_and.reduce(found[0].complete)
    said, others = (
        (sum(one.voices, np.zeros(len(one))) * whole).reshape(size, _MINUTES).sum(1)
        for one in found
    )
    return said, others, whole.reshape(size, _MINUTES).sum(1) >= _ENOUGH


def _beside(tx: Transaction, key: int, acts: Sequence[ActRow], window: Span) -> tuple[Beside, ...]:
    others = [
        Beside(one.at, one.kind.replace("_", " "), one.id) for one in acts if one.at is not None
    ]
    moved = [
        Beside(one.at, plain(f"status: {one.detail.get('to', '')}", LONGEST_NAME))
        for one in tx.audit.about(key, f"incident:{key}")
        if one.did == "status"
    ]
    every = sorted(others + moved, key=lambda one: one.at)
    return tuple(one for one in every if window.since <= one.at < window.until)


def _names(ears: Iterable[Ear]) -> tuple[str, ...]:
    return tuple(sorted({plain(ear.row.source, LONGEST_NAME) for ear in ears}))
