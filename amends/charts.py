"""Charts as inline SVG: text stays text, and the same numbers give the same bytes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from io import BytesIO, StringIO
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ALONE = Lock()
_INK = "#010203"
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "amends",
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "hatch.linewidth": 0.5,
}


class Series(msgspec.Struct, frozen=True):
    """A line of the chart: what it is called, its colour as #rrggbb, one count an hour."""

    title: str
    colour: str
    counts: tuple[int, ...]


def hours(
    title: str,
    names: Sequence[str],
    totals: Sequence[int],
    series: Sequence[Series],
    deaf: Sequence[tuple[float, float]] = (),
) -> str:
    """
    Return a day's counts per hour as an SVG element that takes the colour of the text around it.

    `names` says when each hour begins, `totals` are drawn as bars and `series` as lines. `deaf`
    are the stretches nobody listened in, in hours since the first one began; they are hatched.
    """
    with _style(_INK):
        out = StringIO()
        _drawn(names, totals, series, deaf, _INK).savefig(
            out, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
        )
    return _inline(out.getvalue(), title)


def hours_png(
    names: Sequence[str],
    totals: Sequence[int],
    series: Sequence[Series],
    deaf: Sequence[tuple[float, float]] = (),
) -> bytes:
    """Return the same as a PNG on white, twice as fine as it is shown: mail shows no SVG."""
    ink = "#1b1b1f"
    with _style(ink):
        out = BytesIO()
        _drawn(names, totals, series, deaf, ink, width=6.4).savefig(
            out, format="png", dpi=200, facecolor="#ffffff", metadata={"Software": None}
        )
    return out.getvalue()


@contextmanager
def _style(ink: str) -> Iterator[None]:
    import matplotlib as mpl

    colours = {name: ink for name, value in _STYLE.items() if value == _INK}
    # Style and warnings are the whole process's, and outputs draw in threads of their own: one at a time,
    # or a mail's chart has the other's ink. A letter that matplotlib's own font lacks is drawn by the
    # reader's, so there is no need to warn.
    with _ALONE, mpl.rc_context(_STYLE | colours), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _drawn(
    names: Sequence[str],
    totals: Sequence[int],
    series: Sequence[Series],
    deaf: Sequence[tuple[float, float]],
    ink: str,
    width: float = 8,
) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    figure = Figure(figsize=(width, 2.8), layout="constrained")
    axes = figure.add_subplot()
    middles = [place + 0.5 for place in range(len(totals))]
    marks: list[Any] = [axes.bar(middles, totals, width=0.9, color=ink, alpha=0.14)]
    marks += [
        axes.plot(middles, one.counts, color=one.colour, linewidth=2, marker="o", ms=3)[0]
        for one in series
    ]
    legend = ["All posts", *(one.title for one in series)]
    hatched = [
        axes.axvspan(since, until, facecolor="none", edgecolor=ink, alpha=0.35, hatch="////")
        for since, until in deaf
    ]
    if hatched:
        marks.append(hatched[0])
        legend.append("Not listening")
    axes.set_xlim(0, max(len(names), 1))
    axes.set_ylim(0, max(*totals, 1, 1) * 1.08)
    axes.set_xticks(range(0, len(names), 3), names[::3])
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=ink, alpha=0.12)
    axes.set_axisbelow(True)
    figure.legend(
        marks, legend, frameon=False, ncols=_columns(legend, width), loc="outside upper left"
    )
    return figure


def _columns(legend: list[str], width: float) -> int:
    """Return how many names of the legend stand side by side: all of five where they fit."""
    if width >= 8:
        return 6
    return 5 if sum(len(name) + 5 for name in legend) <= width * 12 else 3


def _inline(document: str, title: str) -> str:
    svg = document[document.index("<svg") :].strip()
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = svg.replace(_INK, "currentColor")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
