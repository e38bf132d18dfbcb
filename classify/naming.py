"""
Names of themes: the words that tell one from the others, two or three, as people wrote them.

Words and pairs are ordered by how much larger a share of a theme's texts has them than of the rest:
log-odds over their standard error. What few have, or as many elsewhere, names nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from classify.phrases import Key, Phrases

SHARE = 0.12
"""Share of a theme's texts that a phrase must stand in to name it; of a theme alone it is the half."""

ALONE = 0.5

FEWEST = 3.0
"""Authors that a phrase needs to name a theme."""

TIMES = 2.0
"""How many times as common it must be within as without."""

STAYS = 0.4
"""How telling each word of a name must stay, beside the most telling phrase, for the name to be kept."""

COVER, COVERED = 0.35, 0.2
"""Share of a theme's texts that must have some word of its name, when it is given and later."""

PAIR = 0.7
"""How telling a pair must be beside the most telling word, to name a theme by itself."""


class Name(NamedTuple):
    """A name: its phrases, and how most people wrote them when it was given."""

    keys: tuple[Key, ...]
    said: str


def names(
    words: Phrases, themes: NDArray[np.int64], shares: NDArray[np.float64], before: dict[int, Name]
) -> dict[int, Name]:
    """
    Return the names of themes; one that nothing tells apart has none.

    `themes` is of each of the first n texts its theme, or -1; `shares` what each counts. `before` are the
    names so far, which stay as long as they fit.
    """
    ids = [int(one) for one in np.unique(themes) if one >= 0]
    # What belongs to no theme is a part of the rest.
    inside = (themes[:, None] == np.array(ids)[None, :]).astype(float) * shares[:, None]
    among, every = inside.sum(0), shares.sum()
    held = words.held[: len(themes)]
    have = np.asarray(held.T @ inside)
    all_have = np.asarray(held.T @ shares)
    found: dict[int, Name] = {}
    taken: set[Key] = set()
    for at in np.argsort(-among, kind="stable").tolist():
        telling = _telling(have[:, at], among[at], all_have - have[:, at], every - among[at])
        mine = held[np.flatnonzero(inside[:, at])]
        keys = _Keys(words, telling, mine, shares[np.flatnonzero(inside[:, at])], len(themes))
        name = keys.kept(before.get(ids[at]), taken) or keys.name(taken)
        if name is not None:
            found[ids[at]] = name
            taken.update(name.keys)
    return found


def _telling(
    have: NDArray[np.float64], among: float, others: NDArray[np.float64], rest: float
) -> Sequence[tuple[int, float]]:
    """Return the places of the phrases that tell a theme, and how well, the best first."""
    alone = rest < FEWEST
    good = (have >= FEWEST) & (have >= (ALONE if alone else SHARE) * among)
    if not alone:
        good &= have / among >= TIMES * others / rest
    places = np.flatnonzero(good)
    yes, yes_rest = have[places] + 0.5, others[places] + 0.5
    no, no_rest = among - have[places] + 0.5, np.maximum(rest - others[places], 0) + 0.5
    scores = (np.log(yes / no) - np.log(yes_rest / no_rest)) / np.sqrt(
        1 / yes + 1 / no + 1 / yes_rest + 1 / no_rest
    )
    order = np.lexsort((places, -scores.round(9)))
    return list(zip(places[order].tolist(), scores[order].tolist(), strict=True))


class _Keys(NamedTuple):
    """The phrases that tell a theme, the best first, and what its texts hold of all phrases."""

    words: Phrases
    telling: Sequence[tuple[int, float]]
    held: csr_array
    shares: NDArray[np.float64]
    size: int

    def kept(self, name: Name | None, taken: set[Key]) -> Name | None:
        """Return the name there was, if it still fits."""
        if name is None or not self.telling or taken & set(name.keys):
            return None
        least = STAYS * self.telling[0][1]
        good = {self.words.keys[at]: at for at, score in self.telling if score >= least}
        fits = good.keys() >= set(name.keys)
        return name if fits and self._cover([good[key] for key in name.keys]) >= COVERED else None

    def name(self, taken: set[Key]) -> Name | None:
        """Return a pair that tells nearly as much as any word, or else two or three words."""
        free = [(at, score) for at, score in self.telling if self.words.keys[at] not in taken]
        if not free:
            return None
        pair = next(((at, score) for at, score in free if len(self.words.keys[at]) == 2), None)
        if pair and pair[1] >= PAIR * free[0][1] and self._cover([pair[0]]) >= COVER:
            return self._said([pair[0]])
        single = [at for at, _ in free if len(self.words.keys[at]) == 1]
        for size in (2, 3):
            if single and self._cover(single[:size]) >= COVER:
                return self._said(single[:size])
        return None

    def _cover(self, places: list[int]) -> float:
        some = np.asarray(self.held[:, places].sum(axis=1)).ravel() > 0
        return float(np.average(some, weights=self.shares))

    def _said(self, places: list[int]) -> Name:
        forms = [
            Counter(form for row, form in self.words.forms[at] if row < self.size) for at in places
        ]
        most = [max(one.items(), key=lambda form: (form[1], form[0]))[0] for one in forms]
        return Name(tuple(self.words.keys[at] for at in places), ", ".join(most))
