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
        keys = [(words.keys[place], score) for place, score in telling]
        name = _kept(before.get(ids[at]), keys, taken) or _name(words, keys, taken, len(themes))
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


def _kept(name: Name | None, keys: list[tuple[Key, float]], taken: set[Key]) -> Name | None:
    if name is None or not keys or taken & set(name.keys):
        return None
    good = {key for key, score in keys if score >= STAYS * keys[0][1]}
    return name if good.issuperset(name.keys) else None


def _name(
    words: Phrases, keys: list[tuple[Key, float]], taken: set[Key], count: int
) -> Name | None:
    free = [(key, score) for key, score in keys if key not in taken]
    if not free:
        return None
    pair = next(((key, score) for key, score in free if len(key) == 2), None)
    alone = pair is not None and pair[1] >= PAIR * free[0][1]
    single = [key for key, _ in free if len(key) == 1][:2]
    chosen = (pair[0],) if pair is not None and (alone or not single) else tuple(single)
    return Name(chosen, ", ".join(_form(words, key, count) for key in chosen))


def _form(words: Phrases, key: Key, count: int) -> str:
    forms = Counter(form for row, form in words.forms[words.keys.index(key)] if row < count)
    return max(forms.items(), key=lambda form: (form[1], form[0]))[0]
