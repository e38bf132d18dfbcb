"""
Corrections: what people say of posts, as examples to learn from and to be examined by.

One text counts once, however many copies of it were corrected. One correction in five is never
learnt from: which one is decided by its words alone, so it stays in the exam for good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from classify.examples import Labelled
from classify.labels import Labels
from models.store.tags import Said

WEIGHT = 3.0
"""How many shipped examples a correction outweighs: it is of the stream that counts."""

MOST_BY_ONE = 500
"""Corrections of one person that count, the newest: nobody turns the classifier alone."""

_EXAM = 5


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A text with the labels people put on it and those they `judged`; `by` spoke last."""

    text: str
    near: int
    source: str
    labels: tuple[str, ...]
    judged: tuple[str, ...]
    by: str
    at: datetime

    @property
    def part(self) -> Literal["exam", "train"]:
        """Whether it is learnt from, or examined by."""
        # Not by the last digits: those already decide the fold.
        return "exam" if (self.near >> 20) % _EXAM == 0 else "train"

    def example(self) -> Labelled:
        """Return it as an example to learn from."""
        return Labelled(self.text, self.labels, self.judged, WEIGHT)


def corrections(said: Iterable[Said], labels: Labels) -> list[Correction]:
    """Return one correction for each text, oldest first; labels that are gone are left out."""
    by_text: dict[int, dict[str, Said]] = {}
    for one in sorted(said, key=lambda one: one.at):
        if one.label in labels.names:
            by_text.setdefault(one.near, {})[one.label] = one
    told = [_one(near, list(of.values())) for near, of in by_text.items()]
    told.sort(key=lambda one: (one.at, one.near))
    counts: Counter[str] = Counter()
    kept = []
    for correction in reversed(told):
        counts[correction.by] += 1
        if counts[correction.by] <= MOST_BY_ONE:
            kept.append(correction)
    return kept[::-1]


def _one(near: int, of: list[Said]) -> Correction:
    last = max(of, key=lambda one: one.at)
    return Correction(
        text=last.text,
        near=near,
        source=last.source,
        labels=tuple(one.label for one in of if one.put),
        judged=tuple(one.label for one in of),
        by=last.by,
        at=last.at,
    )
