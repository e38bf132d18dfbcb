"""
Texts written for the tests, in `fixtures/truth/`: what is told otherwise or fails, and what only looks like it.

A line is `channel says | text` or `component symptom/device | text`, with ` @place` before the bar where one is
named. Those of `_later` were written when the rules were settled; only one rule, on negations such as
“hasn't crashed once”, was mended after them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[3] / "fixtures" / "truth"


class Case(NamedTuple):
    """A text, what is to be found in it, and the place it names; empty if the line says none."""

    text: str
    what: str
    place: str


def cases(name: str) -> list[Case]:
    """Return the texts of a file with what they say."""
    found = []
    for line in lines(name):
        head, _, text = line.partition(" | ")
        what, _, place = head.partition(" @")
        found.append(Case(text, what, place))
    return found


def lines(name: str) -> list[str]:
    """Return the texts of a file that say nothing."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def failure(what: str) -> tuple[str, str, str]:
    """Return component, symptom and device as a line writes them; `none` is no component."""
    component, _, rest = what.partition(" ")
    symptom, _, device = rest.partition("/")
    return "" if component == "none" else component, symptom.replace("error_", "error "), device
