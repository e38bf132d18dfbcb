"""A roll of what was said: posts of some days as arrays of numbers, each voice of a day with one of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from models.copies import Numbers
    from models.store.gathered import Gathered


class Row(NamedTuple):
    """A post: its number, the day it counts for, labels as items have them, cluster, and whose voice it is."""

    id: int
    day: int
    labels: str
    cluster: int
    voice: str


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """
    n posts: arrays of n numbers, and for each label n truths.

    `clusters` count from 0, and so do `voices`; `posts` says how many posts each cluster has.
    """

    ids: Numbers
    clusters: Numbers
    voices: Numbers
    posts: Numbers
    having: dict[str, Any]


def distinct(places: Numbers) -> int:
    """Return how many different numbers there are; they count from 0."""
    import numpy as np

    return int(np.count_nonzero(np.bincount(places)))


def roll(days: Iterable[tuple[Gathered | None, Sequence[Row]]], labels: Sequence[str]) -> Roll:
    """Return what was said on days, given as items that were gathered and rows of what else was said."""
    import numpy as np

    ids, clusters, voices = ([np.zeros(0, np.int64)] for _ in range(3))
    having: dict[str, list[Any]] = {label: [np.zeros(0, bool)] for label in labels}
    first = 0
    for items, rows in days:
        known = _Known(items)
        if items is not None:
            ids.append(items.ids)
            clusters.append(items.clusters)
            voices.append(known.of(items) + first)
            for label, mine in having.items():
                mine.append(items.having([label]))
        ids.append(np.array([row.id for row in rows], np.int64))
        clusters.append(np.array([row.cluster for row in rows], np.int64))
        voices.append(np.array([known[row.voice] for row in rows], np.int64) + first)
        for label, mine in having.items():
            mine.append(np.array([f",{label}," in row.labels for row in rows], bool))
        first = known.next + first
    _, places, posts = np.unique(np.hstack(clusters), return_inverse=True, return_counts=True)
    return Roll(
        ids=np.hstack(ids), clusters=places, voices=np.hstack(voices), posts=posts,
        having={label: np.hstack(mine) for label, mine in having.items()},
    )  # fmt: skip


class _Known:
    """The numbers of a day's voices: those the items have, and more for whom they don't name."""

    def __init__(self, items: Gathered | None) -> None:
        self._names = {} if items is None else items.names
        self._more: dict[str, int] = {}
        self._numbers = count(len(self._names))

    def __getitem__(self, voice: str) -> int:
        if voice in self._names:
            return self._names[voice]
        if voice not in self._more:
            self._more[voice] = next(self._numbers)
        return self._more[voice]

    @property
    def next(self) -> int:
        """The first number that nobody has."""
        return len(self._names) + len(self._more)

    def of(self, items: Gathered) -> Numbers:
        """Return the voice of each item; without an author it is the text's."""
        import numpy as np

        voices = items.voices.copy()
        nameless = np.flatnonzero(voices == self._names.get("", -1))
        said, places = np.unique(items.clusters[nameless], return_inverse=True)
        voices[nameless] = np.array([self[f"#{one}"] for one in said.tolist()], np.int64)[places]
        return voices
