"""
The chart of an incident's hours: where each bar, line and mark stands, in numbers for a template.

The template draws it with attributes alone, for a page may carry no style of its own. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from models.coverage import Span

WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 22, 24
"""Room around the bars, in units of the drawing."""

TICKS = 8
"""Hours named below, at most."""

_HOUR = timedelta(hours=1)


class Event(msgspec.Struct, frozen=True):
    """Something that happened: when, and what in a few words."""

    at: datetime
    what: str


class Line(msgspec.Struct, frozen=True):
    """One count an hour, what it is called, and its colour as #rrggbb."""

    name: str
    title: str
    colour: str
    counts: tuple[int, ...]


class Box(msgspec.Struct, frozen=True):
    """A rectangle, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    title: str = ""


class Mark(msgspec.Struct, frozen=True):
    """A number at a place: of an event, an hour's name, or a height's."""

    at: float
    text: str


class Drawn(msgspec.Struct, frozen=True):
    """A line as a list of points."""

    points: str
    colour: str
    title: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """All that is to be drawn; `deaf` are stretches in which nobody listened."""

    bars: tuple[Box, ...]
    deaf: tuple[Box, ...]
    lines: tuple[Drawn, ...]
    marks: tuple[Mark, ...]
    hours: tuple[Mark, ...]
    heights: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    floor: int = HEIGHT - BOTTOM


def chart(
    hours: Sequence[Span],
    totals: Sequence[int],
    lines: Sequence[Line],
    events: Sequence[Event],
    deaf: Sequence[Span],
    zone: Any,
) -> Chart:
    """Return the chart of a row of hours; what lies outside them is left out."""
    window = Span(hours[0].since, hours[-1].until)
    most = rounded(max(*totals, 1, 1))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = wide / len(hours)

    def across(when: datetime) -> float:
        share = (min(max(when, window.since), window.until) - window.since) / window.length
        return round(LEFT + share * wide, 1)

    def up(count: float) -> float:
        return round(HEIGHT - BOTTOM - count / most * high, 1)

    every = max(-(-len(hours) // TICKS), 1)
    return Chart(
        bars=tuple(
            Box(round(LEFT + place * step + 1, 1), up(total), round(step - 2, 1),
                round(HEIGHT - BOTTOM - up(total), 1), f"{_clock(span, zone)}: {total:,}")
            for place, (span, total) in enumerate(zip(hours, totals, strict=True))
            if total
        ),
        deaf=tuple(
            Box(across(gap.since), TOP, max(round(across(gap.until) - across(gap.since), 1), 1), high)
            for gap in deaf
            if gap.since < window.until and window.since < gap.until
        ),
        lines=tuple(
            Drawn(
                " ".join(
                    f"{round(LEFT + (place + 0.5) * step, 1)},{up(count)}"
                    for place, count in enumerate(line.counts)
                ),
                line.colour,
                line.title,
            )
            for line in lines
        ),
        marks=tuple(
            Mark(across(event.at), str(number))
            for number, event in enumerate(events, 1)
            if window.since <= event.at < window.until
        ),
        hours=tuple(
            Mark(across(span.since), _clock(span, zone))
            for place, span in enumerate(hours)
            if place % every == 0
        ),
        heights=tuple(
            Mark(up(value), f"{value:,}") for value in sorted({0, most // 2, most}) if value or not most
        ),
    )  # fmt: skip


def _clock(span: Span, zone: Any) -> str:
    return f"{span.since.astimezone(zone):%H:%M}"


def rounded(most: int) -> int:
    """Return the next number above that reads well: 1, 2 or 5 and noughts, or an even share of it."""
    power = int(10 ** (len(str(most)) - 1))
    steps = (power, 2 * power, 4 * power, 6 * power, 8 * power, 10 * power)
    return next(step for step in steps if step >= most)
