"""
Spheres: texts laid out by their words, and gathered around centres with which they share a direction.

Every step is settled by what is given, chance included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.stats import binom
from sklearn.cluster import kmeans_plusplus
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

MOST, OLD = 8, 6
"""Groups at most, and how many of them may come from splitting others: what is new must find a place."""

WIDTH = 16
"""Directions that are kept of the words."""

WIDEST = 0.9
"""Share of the texts with a phrase beyond which it tells nothing apart."""

NEAR = 0.35
"""How near to its centre, as a cosine, a text must lie to belong to a group."""

SPLIT, NEW, MERGE = 1.12, 1.03, 0.98
"""
How many times as clear one group more must make things, and one that is mostly new; and how clear things must
stay with one less.
"""

CHANCE = 1e-4
"""How seldom chance alone may make a group look new."""

MOSTLY = 0.75
"""Share of a group's texts that must be new for the group to be."""

STAY = 0.15
"""How much nearer to another centre a text must lie to leave the group it was in."""

CLEAR = 0.2
"""How clear two groups must be at least; texts that are less so are one."""

_TURNS, _SEEDS = 12, 4

Rows = NDArray[np.int64]
Matrix = NDArray[np.float64]


class Group(msgspec.Struct):
    """A group of texts: its number, which it keeps, and its direction."""

    id: int
    centre: Matrix


class Place(msgspec.Struct):
    """
    Where texts lie: `points` is (n, width), rows of length 1, or 0 for one that says nothing.

    The first `known` of them have made the space, the rest was put into it.
    """

    points: Matrix
    known: int

    def joined(self, groups: Sequence[Group], themes: Rows) -> Iterator[tuple[Group, list[int]]]:
        """Yield each group and its rows, the nearest first; what came later joins where it lies near."""
        # The directions may have other signs than when the groups were made, the texts are the same.
        centres = np.array([_centre(self.points[: self.known][themes == g.id]) for g in groups])
        like = self.points @ centres.T
        own = np.where(like.max(1) >= NEAR, like.argmax(1), -1)
        own[: self.known] = np.array([-1, *range(len(groups))])[
            1 + np.array([_index(groups, theme) for theme in themes.tolist()], int)
        ]
        for place, group in enumerate(groups):
            rows = np.flatnonzero(own == place)
            yield group, rows[np.lexsort((rows, -like[rows, place].round(9)))].tolist()


def layout(held: csr_array, known: int, count: int) -> Place | None:
    """Return where the first `count` texts lie by the words of the first `known`; None if nothing tells."""
    mine = held[:known]
    holders = np.asarray(mine.sum(axis=0)).ravel()
    keep = np.flatnonzero((holders > 1) & (holders <= WIDEST * known))
    size = min(WIDTH, len(keep) - 1, known - 1)
    if size < 2:
        return None
    rarity = np.log((1 + known) / (1 + holders[keep])) + 1
    rows = normalize(held[:count][:, keep].multiply(rarity).tocsr())
    space = TruncatedSVD(size, random_state=0).fit(rows[:known])
    return Place(normalize(space.transform(rows).astype(float)), known)


def gathered(place: Place, weights: Matrix) -> tuple[list[Group], Rows]:
    """Return the groups of texts that were never gathered, and of each text its group's number, or -1."""
    best: tuple[float, Matrix] | None = None
    for seed in range(_SEEDS):
        if len(np.unique(place.points.round(6), axis=0)) < 2:
            break
        centres = kmeans_plusplus(place.points, 2, random_state=seed)[0]
        found = _settled(place.points, weights, centres)
        if best is None or found[0] > best[0]:
            best = found
    if best is None or best[0] < CLEAR:
        return _told(place, _centre(place.points, weights)[None], np.full(len(weights), -1), 0)
    old = np.full(len(weights), -1)
    return _told(place, _grown(place.points, weights, best, len(old))[1], old, 0)


def regathered(
    place: Place, weights: Matrix, themes: Rows, number: int, fresh: int
) -> tuple[list[Group], Rows]:
    """
    Return groups that go on from those before, as `themes` has them; new ones have numbers from `number` on.

    Texts from the row `fresh` on are new.
    """
    ids = [int(one) for one in np.unique(themes) if one >= 0]
    if not ids:
        return gathered(place, weights)
    points = place.points
    centres = np.array([_centre(points[themes == one], weights[themes == one]) for one in ids])
    found = _fewer(points, weights, _settled(points, weights, centres))
    return _told(place, _grown(points, weights, found, fresh)[1], themes, number)


def _grown(
    points: Matrix, weights: Matrix, found: tuple[float, Matrix], fresh: int
) -> tuple[float, Matrix]:
    """Make one group more as long as that is worth it; one that is mostly new need not be worth as much."""
    while len(found[1]) < MOST:
        tries = [
            (clear / (NEW if new else SPLIT), clear, centres)
            for clear, centres in _more(points, weights, found[1], fresh)
            if len(centres) == len(found[1]) + 1
            and ((new := _mostly(points @ centres.T, fresh)) or len(centres) <= OLD)
        ]
        best = max(tries, key=lambda one: one[0], default=None)
        if best is None or best[0] < found[0] or best[1] < CLEAR:
            break
        found = best[1:]
    return found


def _mostly(like: Matrix, fresh: int) -> bool:
    """Return whether the texts of the last group are mostly new, and more so than by chance."""
    rows = np.flatnonzero(like.argmax(1) == like.shape[1] - 1)
    new = int(np.sum(rows >= fresh))
    return (
        new >= MOSTLY * max(len(rows), 1) and by_chance(new, len(rows), fresh, len(like)) < CHANCE
    )


def by_chance(new: int, among: int, before: int, every: int) -> float:
    """Return how seldom so many of a group are new by chance, if its share of all had always been the same."""
    return float(binom.sf(new - 1, among, 1 - before / every))


def _more(
    points: Matrix, weights: Matrix, centres: Matrix, fresh: int
) -> Iterator[tuple[float, Matrix]]:
    """Yield ways to have one group more: one comes in two, or what is new has one of its own."""
    for at, halves in _halves(points, weights, centres):
        yield _settled(points, weights, np.vstack([np.delete(centres, at, 0), halves]))
    new, weigh = points[fresh:], weights[fresh:]
    for count in range(2, min(len(centres) + 2, len(np.unique(new.round(6), axis=0)))):
        seeds = kmeans_plusplus(new, count, random_state=0)[0]
        for one in _settled(new, weigh, seeds)[1]:
            yield _settled(points, weights, np.vstack([centres, one]))


def _fewer(points: Matrix, weights: Matrix, found: tuple[float, Matrix]) -> tuple[float, Matrix]:
    """Put groups together as long as that leaves things as clear."""
    while len(centres := found[1]) > 2:
        sizes = np.bincount((points @ centres.T).argmax(1), minlength=len(centres))
        like = np.tril(centres @ centres.T, -1) - 2 * np.triu(np.ones((len(centres),) * 2))
        two = np.array(np.unravel_index(like.argmax(), like.shape))
        whole = _length(sizes[two] @ centres[two])
        fewer = _settled(points, weights, np.vstack([np.delete(centres, two, 0), whole]))
        if fewer[0] < MERGE * found[0]:
            break
        found = fewer
    return found


def _halves(points: Matrix, weights: Matrix, centres: Matrix) -> Iterator[tuple[int, Matrix]]:
    own = (points @ centres.T).argmax(1)
    for at in range(len(centres)):
        mine = np.flatnonzero((own == at) & points.any(1))
        if len(np.unique(points[mine].round(6), axis=0)) < 2:
            continue
        for seed in range(2):
            seeds = kmeans_plusplus(points[mine], 2, random_state=seed)[0]
            _, halves = _settled(points[mine], weights[mine], seeds)
            if len(halves) == 2:
                yield at, halves


def _settled(points: Matrix, weights: Matrix, centres: Matrix) -> tuple[float, Matrix]:
    """Return centres moved to the middle of what lies around them, and how clear that makes things (-1 to 1)."""
    own, some = np.full(len(points), -1), points.any(1)
    for _ in range(_TURNS):
        nearest = (points @ centres.T).argmax(1)
        if (nearest == own).all():
            break
        own = nearest
        # Groups stand one behind the other: to pick each of them out of all takes three times as long.
        order = np.argsort(own.astype(np.int16), kind="stable")
        put, weighs = points[order], weights[order]
        ends = np.cumsum(np.bincount(own, minlength=len(centres))).tolist()
        full = np.bincount(own[some], minlength=len(centres)).tolist()
        centres = np.array(
            [
                _centre(put[begin:end], weighs[begin:end])
                for begin, end, any_ in zip([0, *ends], ends, full, strict=False)
                if any_
            ]
        )
    return _clear(points, weights * some, centres), centres


def _clear(points: Matrix, weights: Matrix, centres: Matrix) -> float:
    """Return the mean silhouette, by the distance to the centres; what says nothing weighs 0."""
    if len(centres) < 2:
        return 0.0
    far = np.partition(1 - points @ centres.T, 1, axis=1)[:, :2]
    each = (far[:, 1] - far[:, 0]) / np.maximum(far[:, 1], 1e-12)
    return float(np.average(each, weights=weights + 1e-12))


def _told(place: Place, centres: Matrix, before: Rows, number: int) -> tuple[list[Group], Rows]:
    """Give groups their numbers: the one they had when most of their texts were gathered before, or a new one."""
    like = place.points @ centres.T
    own = np.where(like.max(1) >= NEAR, like.argmax(1), -1)
    ids = np.unique(before[before >= 0])
    common = np.array(
        [[np.sum((own == at) & (before == one)) for one in ids] for at in range(len(centres))]
    ).reshape(len(centres), len(ids))
    went_on = {
        int(at): int(ids[one])
        for at, one in zip(*linear_sum_assignment(-common), strict=True)
        if common[at, one]
    }
    groups = []
    for at, centre in enumerate(centres):
        groups.append(Group(went_on.get(at, number), centre))
        number += at not in went_on
    numbers = np.array([group.id for group in groups])
    was = before[:, None] == numbers[None, :]
    like = like + STAY * was
    return groups, np.where(like.max(1) >= NEAR, numbers[like.argmax(1)], -1)


def _centre(points: Matrix, weights: Matrix | None = None) -> Matrix:
    return _length(points.sum(0) if weights is None else weights @ points)


def _length(vector: Matrix) -> Matrix:
    size = sqrt(vector.dot(vector))
    return vector / size if size > 0 else vector


def _index(groups: Sequence[Group], theme: int) -> int:
    return next((at for at, group in enumerate(groups) if group.id == theme), -1)
