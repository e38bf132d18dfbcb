"""
The verdict on an act: the test, the same test at dates at which nothing happened, and when to refuse.

Pure. The hours in which an act is read (`WASH`) count neither before nor after, so no lag is chosen by what
is found and nothing has to be paid for having looked several times; the lag is told afterwards, where there
is a change at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from amends.alarms.baseline import Floats, Ints
from amends.alarms.ground import Mask
from amends.effect.fit import Fitted, Hours, fit
from amends.effect.record import AFTER, BEFORE, WASH, Record
from amends.effect.refusal import LEAST_AFTER, LEAST_BEFORE, refused
from amends.effect.value import Effect, Hour, Placebo, Rate, Verdict
from amends.effect.words import sentence, unsaid

EVERY, MOST = 6, 24
"""Hours between placebo dates, and how many there are at most."""

TELLING = 8
"""Placebo dates from which on they widen an interval."""

_SURE = 0.5
_STRAYS = 0.1
_LATELY = 6


def judge(record: Record) -> Effect:
    """Return what an act did, or why that can't be said."""
    at, last, doses = _doses(record)
    near = (at >= -BEFORE) & (at < last + WASH + AFTER)
    before, after = near & (at < 0), near & (at >= last + WASH)
    plain = Effect(
        act=record.act.id or 0, kind=record.act.kind, incident=record.incident.slug,
        tz=record.incident.tz, label=record.label, at=record.batches[0].at,
        verdict="can't be said", said="", batches=record.batches, sources=record.sources,
        left_out=record.left_out, before=_rate(record, before), after=_rate(record, after),
        beside=tuple(
            one for one in record.beside if near[min(max(record.number(one.at), 0), len(at) - 1)]
        ) if len(at) else (),
    )  # fmt: skip
    why = refused(record, before, after)
    if why:
        shown = tuple(_hours(record, near, doses, None))
        return msgspec.structs.replace(plain, said=unsaid(plain, why), why=why, hours=shown)
    stepped = len(record.batches) > 1
    counts = near & record.known & (stepped | (at < 0) | (at >= WASH))
    hours = _part(record, counts)
    placebo, wider = _placebo(record)
    found = fit(hours, doses[counts], wider)
    return _told(record, plain, counts, doses, found, after, placebo, wider)


def _doses(record: Record) -> tuple[Ints, int, Floats]:
    """Return the hours counted from the act, that of its last batch, and by hour how much of it is out."""
    at = np.arange(len(record.said)) - record.zero
    starts = [(one.at - record.began).total_seconds() / 3600 for one in record.batches]
    if len(starts) == 1:
        return at, 0, (at >= WASH).astype(float)
    parts = [
        one.share * np.clip((at + 0.5 - start) / WASH, 0, 1)
        for one, start in zip(record.batches, starts, strict=True)
    ]
    return at, math.ceil(starts[-1]), np.asarray(np.sum(parts, axis=0), float)


def _part(record: Record, mask: Mask) -> Hours:
    number = np.arange(len(record.said), dtype=float) - record.zero
    return Hours(number[mask], record.said[mask], record.others[mask], record.clock[mask])


def _rate(record: Record, mask: Mask) -> Rate | None:
    known = mask & record.known
    hours = int(known.sum())
    if not hours:
        return None
    said, others = (round(float(one[known].sum())) for one in (record.said, record.others))
    return Rate(hours, said, others, round(said / hours, 2), round(others / hours, 2))


def _placebo(record: Record) -> tuple[Placebo, float]:
    """Try dates at which nothing happened; return them, and how much wider they make the interval."""
    size = len(record.said)
    marks = sorted(
        [
            *(record.number(one.at) for one in record.batches),
            *(record.number(one.at) for one in record.beside),
        ]
    )
    tried: list[Fitted] = []
    for place in range(LEAST_BEFORE, size - WASH - LEAST_AFTER + 1, EVERY):
        since = max([place - BEFORE, 0, *(one + WASH for one in marks if one < place)])
        until = min([place + WASH + AFTER, size, *(one for one in marks if one >= place)])
        number = np.arange(size)
        before = (number >= since) & (number < place)
        after = (number >= place + WASH) & (number < until)
        if place in marks or refused(record, before, after):
            continue
        counts = (before | after) & record.known
        tried.append(fit(_part(record, counts), after[counts].astype(float)))
    tried = tried[-MOST:]
    found = sum(one.found for one in tried)
    if len(tried) < TELLING:
        return Placebo(len(tried), found), 1.0
    scale = math.sqrt(sum((one.step / one.spread) ** 2 for one in tried) / len(tried))
    return Placebo(len(tried), found), round(min(max(scale, 1.0), 3.0), 2)


def _told(
    record: Record, plain: Effect, counts: Mask, doses: Floats, found: Fitted, after: Mask,
    placebo: Placebo, wider: float,
) -> Effect:  # fmt: skip
    odds = np.zeros(len(counts))
    odds[counts] = found.odds
    dose = doses[counts]
    fitted = record.others[counts] * np.exp(found.odds)
    bands = {
        name: fitted * np.exp(-size * dose)
        for name, size in (("expected", found.step), ("low", found.high), ("high", found.low))
    }
    late = after[counts]
    verdict: Verdict = "no detectable effect"
    if found.found:
        verdict = "fewer" if found.step < 0 else "more"
    effect = msgspec.structs.replace(
        plain, verdict=verdict, change=_share(found.step), low=_share(found.low),
        high=_share(found.high), came=round(float(record.said[after & record.known].sum())),
        expected=round(float(bands["expected"][late].sum())),
        expected_low=round(float(bands["low"][late].sum())),
        expected_high=round(float(bands["high"][late].sum())),
        placebo=placebo, wider=wider,
        lag=_lag(record, odds, counts, found.step) if found.found and len(record.batches) == 1 else None,
    )  # fmt: skip
    near = np.arange(len(counts)) >= record.zero - BEFORE
    spread = {name: _spread(band, counts) for name, band in bands.items()}
    hours = tuple(_hours(record, near, doses, spread))
    return msgspec.structs.replace(effect, hours=hours, said=sentence(effect))


def _share(step: float) -> float:
    return round(math.expm1(min(step, 12.0)), 4)


def _spread(values: Floats, mask: Mask) -> Floats:
    found = np.full(len(mask), np.nan)
    found[mask] = values
    return found


def _hours(
    record: Record, near: Mask, doses: Floats, bands: dict[str, Floats] | None
) -> Sequence[Hour]:
    hours = []
    for number in np.flatnonzero(near).tolist():
        known = bool(record.known[number])
        counts = bands is not None and not math.isnan(bands["expected"][number])
        voices, others = (
            round(float(one[number])) if known else None for one in (record.said, record.others)
        )
        hour = Hour(record.time(number), voices, others, counts, round(float(doses[number]), 3))
        if bands is not None and counts:
            ends = {name: round(float(band[number]), 2) for name, band in bands.items()}
            hour = msgspec.structs.replace(hour, **ends)
        hours.append(hour)
    return hours


def _lag(record: Record, odds: Floats, counts: Mask, step: float) -> int | None:
    """Return after how many hours the change set in, as the hours left out tell; None if they don't."""
    zero = record.zero
    before = [n for n in range(max(zero - _LATELY, 0), zero) if counts[n]]
    after = [n for n in range(zero + WASH, min(zero + WASH + _LATELY, len(counts))) if counts[n]]
    known = [n for n in range(WASH) if record.known[zero + n]]
    if not (before and after and known):
        return None
    usual = float(np.concatenate((odds[before], odds[after] - step)).mean())
    stays, goes = (
        np.array([_likely(record, zero + n, odd, usual) for n in known])
        for odd in (usual, usual + step)
    )
    before_it = np.array(known)[:, None] < np.arange(WASH + 1)
    heights = np.where(before_it, stays[:, None], goes[:, None]).sum(0)
    weights = np.exp(heights - heights.max())
    weights /= weights.sum()
    return int(weights.argmax()) if weights.max() >= _SURE else None


def _likely(record: Record, number: int, odds: float, usual: float) -> float:
    """Return the log likelihood of an hour, taken for less the more an hour can stray."""
    said, others = float(record.said[number]), float(record.others[number])
    share, even = (1 / (1 + math.exp(-one)) for one in (odds, usual))
    scatter = 1 + (said + others) * even * (1 - even) * _STRAYS
    return (said * math.log(share) + others * math.log1p(-share)) / scatter
