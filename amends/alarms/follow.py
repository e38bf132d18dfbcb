"""
Following a label from minute to minute: when an alarm begins, how high it goes, and when it is over.

Pure. An alarm lasts while the level is high, however long that is. It is over when a calm stretch
speaks for the usual again; what came before counts no more then, so a relapse is a new alarm.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from amends.alarms.baseline import Baseline
from amends.alarms.chart import LONGEST, Minutes, last, resting, scores

OVER = 3.0
"""How surely it must be as usual again: about twenty to one."""

HOUR = 60


class Rule(msgspec.Struct, frozen=True):
    """By which factor voices must rise, how high the chart may go, and how long calm must last."""

    rise: float
    threshold: float
    calm: int


class Chart(msgspec.Struct, kw_only=True):
    """
    Where a label stands: the last minutes, and since which minute it is in alarm.

    Minutes are counted from anywhere, and `at` is the one that comes next; `began` is None without an
    alarm. `memory` has the columns of `Minutes`.
    """

    at: int
    began: int | None = None
    memory: tuple[tuple[float, ...], ...] = ((), (), (), ())


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something that came of a minute: an alarm began, was at its `height` so far, or was over.

    Of one that began: since which minute voices rose, how many there were since and how many are usual;
    of the others those of the last hour. `at_least` where not all was read.
    """

    kind: Literal["began", "height", "over"]
    at: int
    since: int
    voices: int
    usual: float
    at_least: bool

    @property
    def times(self) -> float:
        """How many times the usual that is."""
        return self.voices / max(self.usual, 1e-9)


def follow(chart: Chart, new: Minutes, baseline: Baseline, rule: Rule) -> list[Event]:
    """Take minutes into a chart, in order, and return what came of them."""
    old = [np.array(column) for column in chart.memory]
    columns = [
        np.concatenate((memory, getattr(new, name)))
        for memory, name in zip(old, Minutes.__struct_fields__, strict=True)
    ]
    here, first = len(old[0]), chart.at - len(old[0])
    events: list[Event] = []
    while here < len(columns[0]):
        minutes = Minutes(*columns)
        if chart.began is None:
            found = scores(minutes, baseline, rule.rise)
            place = _first(found.highest[here:] >= rule.threshold, here)
            if place is None:
                break
            chart.began = first + place
            events.append(_event("began", minutes, first, place, int(found.window[place])))
        else:
            place = _first(_over(minutes, baseline, rule, first, chart.began)[here:], here)
            end = len(minutes) if place is None else place + 1
            events += _height(minutes, first, here, end)
            if place is None:
                break
            events.append(_event("over", minutes, first, place, HOUR))
            chart.began = None
            for column in columns:
                column[: place + 1] = 0.0
        here = place + 1
    chart.at += len(new)
    chart.memory = tuple(tuple(np.round(column[-LONGEST:], 6).tolist()) for column in columns)
    return events


def _first(where: np.ndarray[tuple[int], np.dtype[np.bool_]], here: int) -> int | None:
    return here + int(np.argmax(where)) if where.any() else None


def _over(
    minutes: Minutes, baseline: Baseline, rule: Rule, first: int, began: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return by minute whether all is as usual again."""
    age = first + np.arange(len(minutes)) - began
    over = np.zeros(len(minutes), bool)
    for size, sure in ((rule.calm, OVER), (2 * rule.calm, OVER), (LONGEST, 0.0)):
        # Where half of a stretch wasn't read it may be calm or not: unknown isn't calm.
        heard = last(minutes.usual, size) >= last(minutes.everywhere, size) / 2
        calm = resting(minutes, baseline, rule.rise, size) < -sure
        over |= calm & heard & (age >= size) & (last(minutes.usual, size) > 0)
    return over


def _height(minutes: Minutes, first: int, begin: int, end: int) -> list[Event]:
    hours = last(minutes.heard, HOUR)[begin:end]
    if not len(hours):
        return []
    return [_event("height", minutes, first, begin + int(np.argmax(hours)), HOUR)]


def _event(
    kind: Literal["began", "height", "over"], minutes: Minutes, first: int, place: int, size: int
) -> Event:
    begin = max(place + 1 - size, 0)
    part = slice(begin, place + 1)
    heard, everywhere = minutes.heard[part].sum(), float(minutes.everywhere[part].sum())
    whole = float(minutes.usual[part].sum()) >= everywhere * 0.999
    return Event(
        kind=kind, at=first + place, since=first + begin, voices=int(heard), usual=everywhere,
        at_least=not whole,
    )  # fmt: skip
