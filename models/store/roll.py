"""A roll of what was said: posts of some days as arrays of numbers, each voice of a day with one of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        of_day = [np.array([hash(row.voice) for row in rows], np.int64)]
        if items is not None:
            ids.append(items.ids)
            clusters.append(items.clusters)
            of_day.insert(0, items.speakers)
            for label, mine in having.items():
                mine.append(items.having([label]))
        ids.append(np.array([row.id for row in rows], np.int64))
        clusters.append(np.array([row.cluster for row in rows], np.int64))
        for label, mine in having.items():
            mine.append(np.array([f",{label}," in row.labels for row in rows], bool))
        known, places = np.unique(np.hstack(of_day), return_inverse=True)
        voices.append(places + first)
        first += len(known)
    _, places, posts = np.unique(np.hstack(clusters), return_inverse=True, return_counts=True)
    return Roll(
        ids=np.hstack(ids), clusters=places, voices=np.hstack(voices), posts=posts,
        having={label: np.hstack(mine) for label, mine in having.items()},
    )  # fmt: skip
