"""
The chart of an act's effect: bars of voices by the hour, and the line and band of what was to be expected.

In numbers for a template, which draws it with attributes alone. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from amends.board.chart import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TICKS,
    TOP,
    WIDTH,
    Box,
    Mark,
    rounded,
)
from amends.board.render import clock
from amends.effect.value import Effect, Hour

HOUR = timedelta(hours=1)


class EffectChart(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that is to be drawn. `bars` are hours that count, `pale` others that were read, `deaf` the rest.

    `lines` are what was to be expected without the act and `bands` how sure that is, as lists of points.
    """

    bars: tuple[Box, ...]
    pale: tuple[Box, ...]
    deaf: tuple[Box, ...]
    lines: tuple[str, ...]
    bands: tuple[str, ...]
    marks: tuple[Mark, ...]
    hours: tuple[Mark, ...]
    heights: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    floor: int = HEIGHT - BOTTOM


def effect_chart(effect: Effect, zone: Any) -> EffectChart | None:
    """Return the chart of an effect; None if there is no hour to show."""
    hours = effect.hours
    if not hours:
        return None
    # The band of a wild guess may go far beyond what came: it is cut, or nobody could see the bars.
    tallest = max([1, *(one.voices or 0 for one in hours), *(one.expected or 0 for one in hours)])
    most = rounded(int(tallest * 1.15) + 1)
    step = (WIDTH - LEFT - RIGHT) / len(hours)
    high = HEIGHT - TOP - BOTTOM

    def up(count: float) -> float:
        return round(HEIGHT - BOTTOM - min(count / most, 1.0) * high, 1)

    def across(place: float) -> float:
        return round(LEFT + place * step, 1)

    def box(place: int, hour: Hour) -> Box:
        voices = hour.voices or 0
        said = f"{clock(hour.at, zone)}: {voices:,} voices"
        return Box(across(place), up(voices), round(max(step - 1, 0.5), 1),
                   round(HEIGHT - BOTTOM - up(voices), 1), said)  # fmt: skip

    numbered = list(enumerate(hours))
    every = max(-(-len(hours) // TICKS), 1)
    after = [[(n, one) for n, one in run if one.dose > 0] for run in _runs(numbered)]
    return EffectChart(
        bars=tuple(box(n, one) for n, one in numbered if one.counts and one.voices),
        pale=tuple(box(n, one) for n, one in numbered if not one.counts and one.voices),
        deaf=tuple(
            Box(across(n), TOP, round(step, 1), high) for n, one in numbered if one.voices is None
        ),
        lines=tuple(
            " ".join(f"{across(n + 0.5)},{up(one.expected or 0)}" for n, one in run)
            for run in _runs(numbered)
        ),
        bands=tuple(
            " ".join(
                [
                    *(f"{across(n + 0.5)},{up(one.high or 0)}" for n, one in run),
                    *(f"{across(n + 0.5)},{up(one.low or 0)}" for n, one in reversed(run)),
                ]
            )
            for run in after
            if run
        ),
        marks=tuple(
            Mark(across((one.at - hours[0].at) / HOUR), str(number))
            for number, one in enumerate(effect.batches, 1)
            if hours[0].at <= one.at <= hours[-1].at + HOUR
        ),
        hours=tuple(
            Mark(across(n), clock(one.at, zone)) for n, one in numbered if n % every == 0
        ),
        heights=tuple(Mark(up(value), f"{value:,}") for value in sorted({0, most // 2, most})),
    )  # fmt: skip


def _runs(numbered: Sequence[tuple[int, Hour]]) -> Iterator[list[tuple[int, Hour]]]:
    """Yield the stretches of hours that count without a gap."""
    run: list[tuple[int, Hour]] = []
    for place, hour in numbered:
        if hour.counts:
            run.append((place, hour))
        elif run:
            yield run
            run = []
    if run:
        yield run
