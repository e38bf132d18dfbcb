"""Charts as inline SVG: text stays text, and the same numbers give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO


def hours(
    title: str, hours_: Sequence[str], series: Sequence[tuple[str, str, Sequence[int]]]
) -> str:
    """
    Return lines of counts per hour as an SVG element.

    `hours_` names each hour; a series is (title, colour, one count an hour).
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "amends", "font.size": 9}):
        figure = Figure(figsize=(8, 2.6), layout="constrained")
        axes = figure.add_subplot()
        places = range(len(hours_))
        for name, colour, counts in series:
            axes.plot(places, counts, color=colour, label=_bare(name), linewidth=2)
        axes.set_ylim(bottom=0)
        axes.set_xticks(list(places)[::3], list(hours_)[::3])
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
        if series:
            axes.legend(frameon=False, ncols=4, loc="upper left")
        out = StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    return svg.replace("<svg ", f'<svg role="img" aria-label="{_bare(title)}" ', 1)


def _bare(text: str) -> str:
    """Return a name without what has a meaning in a chart's text or in SVG."""
    return "".join(c for c in text if c.isalnum() or c in " -_.,:()")
