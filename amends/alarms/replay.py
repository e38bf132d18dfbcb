"""
A replay: when the rules would have raised an alarm in our own past, before anybody is woken by them.

Week by week with what was known at its beginning, over all that watches of the same kind ever heard, in
whichever incident that was.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import numpy as np

from amends.alarms.baseline import PER_DAY
from amends.alarms.follow import Chart, Event, follow
from amends.alarms.ground import covered, ground, joined, minute_of, time_of
from amends.alarms.live import learnt, rule_of
from amends.alarms.rules import Rules
from amends.alarms.words import rise_said
from models.coverage import Span
from models.errors import SetupError
from models.incident import IncidentRow
from models.store import Transaction

WEEK = timedelta(days=7)


class Rang(msgspec.Struct, kw_only=True):
    """An alarm there would have been; without `ended_at` it would still go on at the end."""

    label: str
    since: datetime
    opened_at: datetime
    why: str
    peak: float | None = None
    peak_voices: int | None = None
    peak_at: datetime | None = None
    ended_at: datetime | None = None


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay of one label found: alarms, days in all and heard in full, and what it stands on."""

    label: str
    alarms: tuple[Rang, ...]
    days: float
    heard: float
    basis: str


def replay(
    tx: Transaction, incident: IncidentRow, rules: Rules, window: Span, label: str
) -> Replay:
    """Return what a label's rule would have done in a stretch of the past; SetupError for no rule."""
    if label not in rules.labels:
        message = f"no rule follows “{label}”"
        raise SetupError(message, f"there are {', '.join(rules.labels) or 'none'}; see alarms.toml")
    ears = tx.minutes.ears(incident.id or 0)
    if not ears:
        message = f"{incident.slug} listens nowhere yet"
        raise SetupError(message, f"amends watch add {incident.slug} SOURCE")
    heard = covered(tx, ears)
    chart = Chart(at=minute_of(window.since))
    alarms: list[Rang] = []
    full, said = 0, ""
    for part in _weeks(Span(time_of(chart.at), time_of(minute_of(window.until)))):
        known = learnt(tx, incident, ears, label, rules, part.since)
        found = ground(tx, incident, ears, label, part, heard, elsewhere=True)
        minutes = found.minutes(known.parts)
        full += int(np.sum(np.any(found.complete, axis=0)))
        said = said or known.basis
        rule = rule_of(rules, label, known.threshold)
        for event in follow(chart, minutes, joined(known.parts), rule):
            _note(alarms, label, event, known.basis)
    return Replay(
        label=label, alarms=tuple(alarms), days=window.length / timedelta(days=1),
        heard=full / PER_DAY, basis=said,
    )  # fmt: skip


def _note(alarms: list[Rang], label: str, event: Event, basis: str) -> None:
    at = time_of(event.at + 1)
    if event.kind == "began":
        why = rise_said(label, event, basis)
        alarms.append(Rang(label=label, since=time_of(event.since), opened_at=at, why=why))
    elif event.kind == "over":
        alarms[-1].ended_at = at
    elif event.voices > (alarms[-1].peak_voices or -1):
        last = alarms[-1]
        last.peak, last.peak_voices, last.peak_at = event.times, event.voices, at


def _weeks(window: Span) -> Iterator[Span]:
    at = window.since
    while at < window.until:
        until = min(at + WEEK, window.until)
        yield Span(at, until)
        at = until
