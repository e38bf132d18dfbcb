"""
Recovery: of those who complained, who later thanked us, fell silent or complained again after our answer.

The comparison sets each voice that was answered, while its last word was a complaint, beside those that
had complained about as long before and had no answer yet at that very moment; both are followed over the
same hours. So nobody is counted as silent for the time in which they waited for us. It is no cause: whom
we answer isn't drawn by lot.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import numpy as np

from amends.alarms.ground import covered
from amends.effect.clock import LONGEST
from models.coverage import Span, holes
from models.incident import IncidentRow
from models.store import Transaction
from models.store.recoveries import Spell, Turns

SILENCE = timedelta(hours=24)
"""How long somebody must say nothing to have fallen silent."""

AGES = (0, 1, 3, 6, 12, 24, 48)
"""Hours since a complaint between which voices are alike enough to be compared."""

FEWEST = 20
"""Voices on each side below which nothing is said of the difference."""

MOST_ANSWERED = 2_000
"""Answered voices that are compared; of more, so many evenly over time."""

_HOUR = 3_600_000_000
_Z = 1.96


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """
    Shares that said nothing for the same hours: of `answered` voices, and of `others` not answered yet.

    `difference` lies between `low` and `high` in 95 of 100 cases. `later` of the others got their answer
    within those hours, which makes the difference smaller than it might be.
    """

    answered: int
    others: int
    silent: float
    silent_others: float
    difference: float
    low: float
    high: float
    later: int = 0


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of those who complained up to a moment; `why` says why nothing could be compared."""

    turns: Turns
    complained: int
    answered: int
    hours: int = SILENCE // timedelta(hours=1)
    compared: Compared | None = None
    why: str = ""
    sure: bool = True


def recovery_of(tx: Transaction, incident: IncidentRow, now: datetime) -> Recovery:
    """Read what became of those who complained of an incident; a handful of statements."""
    key = incident.id or 0
    window = Span(incident.began, min(now, incident.began + LONGEST))
    turns = tx.recoveries.turns(key, window, SILENCE)
    spells = tx.recoveries.spells(key, window, timedelta(hours=AGES[-1])) if turns.answered else []
    compared = compare(spells, window.until)
    why = "" if compared else f"fewer than {FEWEST} voices on one side can be compared"
    heard = [
        each for each in covered(tx, [ear.within(key) for ear in tx.minutes.ears(key)]) if each
    ]
    sure = bool(heard) and not any(holes(window, each) for each in heard)
    unread = tx.minutes.unread_since(key, window.since)
    return Recovery(turns=turns, answered=turns.answered, complained=turns.complained,
                    compared=compared, why=why, sure=sure and unread is None)  # fmt: skip


class _Lines(NamedTuple):
    """Complaints in the order of time: when, when their voice next spoke, its first answer, who."""

    at: np.ndarray[tuple[int], np.dtype[np.float64]]
    next: np.ndarray[tuple[int], np.dtype[np.float64]]
    told: np.ndarray[tuple[int], np.dtype[np.float64]]
    voice: np.ndarray[tuple[int], np.dtype[np.int64]]


def compare(spells: list[Spell], until: datetime) -> Compared | None:
    """Compare the silence of answered voices with that of others; None for too few."""
    if not spells:
        return None
    lines = _lines(spells)
    silence = SILENCE / timedelta(microseconds=1)
    aged = lines.told - lines.at < AGES[-1] * _HOUR
    over = lines.told + silence <= until.timestamp() * 1e6
    answered = np.flatnonzero((lines.at <= lines.told) & (lines.told < lines.next) & aged & over)
    if len(answered) > MOST_ANSWERED:
        answered = answered[np.linspace(0, len(answered) - 1, MOST_ANSWERED).astype(int)]
    quiet, others, pulls = [], [], np.zeros(int(lines.voice.max()) + 1)
    matched, later = np.zeros(len(pulls), bool), np.zeros(len(pulls), bool)
    whose = []
    for one in answered.tolist():
        beside = _beside(lines, one)
        if not len(beside):
            continue
        end = lines.told[one] + silence
        silent = lines.next[beside] > end
        share = float(silent.mean())
        quiet.append(float(lines.next[one] > end))
        others.append(share)
        whose.append(int(lines.voice[one]))
        pulls[lines.voice[beside]] -= (silent - share) / len(beside)
        matched[lines.voice[beside]] = True
        later[lines.voice[beside[lines.told[beside] <= end]]] = True
    count, controls = len(quiet), int(matched.sum())
    if min(count, controls) < FEWEST:
        return None
    mine, theirs = float(np.mean(quiet)), float(np.mean(others))
    difference = mine - theirs
    # A voice may stand beside many, and be answered later: all it adds is taken together.
    np.add.at(pulls, whose, np.array(quiet) - np.array(others) - difference)
    spread = float(np.sqrt(max(float((pulls**2).sum()) / count**2,
                               _least(mine, count) + _least(theirs, controls))))  # fmt: skip
    return Compared(
        answered=count, others=controls, silent=mine, silent_others=theirs, difference=difference,
        low=max(difference - _Z * spread, -1.0), high=min(difference + _Z * spread, 1.0),
        later=int(later.sum()),
    )  # fmt: skip


def _lines(spells: list[Spell]) -> _Lines:
    spells = sorted(spells, key=lambda one: one.at)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(s.voice for s in spells))}
    return _Lines(
        np.array([one.at for one in spells], float),
        np.array([np.inf if one.next is None else one.next for one in spells], float),
        np.array([np.inf if one.told is None else one.told for one in spells], float),
        np.array([numbers[one.voice] for one in spells]),
    )


def _beside(lines: _Lines, one: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the complaints of voices like one that was answered, at the moment of its answer."""
    now = lines.told[one]
    age = (now - lines.at[one]) / _HOUR
    place = int(np.searchsorted(AGES, age, "right"))
    first, last = (
        int(np.searchsorted(lines.at, now - AGES[edge] * _HOUR, "right"))
        for edge in (place, place - 1)
    )
    there = np.arange(first, last)
    return np.asarray(there[(lines.next[there] > now) & (lines.told[there] > now)])


def _least(share: float, count: int) -> float:
    """Return the least variance of a share; never 0, however alike all were."""
    share = (share * count + 1) / (count + 2)
    return share * (1 - share) / (count + 2)


def sentences(found: Recovery) -> list[str]:
    """Return it in words: what became of them, the comparison, and what that doesn't say."""
    turns, hours = found.turns, found.hours
    if not turns.complained:
        return ["Nobody with a name has complained yet."]
    verb = "was" if found.answered == 1 else "were"
    head = f"Of {_voices(turns.complained)} that complained, {found.answered:,} {verb} answered and"
    said = [f"{head} {turns.never:,} never."]
    if not found.answered:
        return said
    early = f"; for {turns.early:,} it is too early" if turns.early else ""
    said.append(
        f"After our answer {turns.thanked:,} thanked us and didn’t complain again, {turns.silent:,} "
        f"said nothing for {hours} hours or more, {turns.again:,} complained again, "
        f"{turns.otherwise:,} said something else{early}."
    )
    one = found.compared
    if one is None:
        said.append(f"Whether answers made a difference can’t be said: {found.why}.")
    else:
        points = f"{_points(one.difference)} ({_points(one.low)} to {_points(one.high)})"
        unclear = ", so none can be told" if one.low <= 0 <= one.high else ""
        said.append(
            f"Of {one.answered:,} answered while a complaint was their last word {one.silent:.0%} said "
            f"nothing in the {hours} hours after; of {one.others:,} others that had complained about "
            f"as long before and had no answer yet, {one.silent_others:.0%} in the same hours: a "
            f"difference of {points} points{unclear}."
        )
        if one.later:
            said.append(f"{one.later:,} of those others were answered within these hours.")
        said.append("That isn’t a cause: whom we answer isn’t drawn by lot.")
    if not found.sure:
        said.append("Not all was read, so some of the silent may have spoken unheard.")
    return [line.replace("%", " %") for line in said]


def _voices(count: int) -> str:
    return f"{count:,} voice{'' if count == 1 else 's'}"


def _points(share: float) -> str:
    points = round(share * 100)
    return f"{points:+d}".replace("-", "−") if points else "0"
