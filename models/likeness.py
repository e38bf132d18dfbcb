"""
Likeness: whether one text is a copy of another with small changes, as people pass texts on.

A text is sketched in hashes of its words and of every two in a row, worked out for a whole batch in
arrays. Two are copies if they share nearly all, or one nearly holds the other: cut off, or with a
remark before it. A number or a “not” that differs makes another statement of the same words. Of texts
under `FEWEST` words only those with the same words are copies: "same here" says nothing of its own.

Copies are looked for by `KEYS` of a text's runs of three words, those with the smallest hashes: of a
text cut to half each of them is left with a chance of one half.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.voice import words

LONGEST = 2_000
"""Characters of a text that are sketched; a longer one is known by its beginning."""

FEWEST = 4
"""Words below which a text has no near copies."""

KEYS = 6
"""Keys by which a text is looked for."""

SHARED = 0.55
"""Share of all features of two texts from which they are copies."""

HELD = 0.80
"""Share of the shorter text's features from which it is held by the longer one."""

SHORTEST_HELD = 13
"""Features a text must have to be known in a longer one: seven words, or a few more."""

LONGEST_HOLDER = 4.0
"""How many times as long the longer one may be: what only cites a phrase is a text of its own."""

SLIGHT = 8
"""Features by which two texts may differ in length while a “not” still turns one round."""

_PLAIN, _NUMBER, _NOT, _PAIR = range(4)

_FIGURES = "2 3 4 5 6 7 8 9 10 11 12"
_NUMBERS = (
    "two three four five six seven eight nine ten eleven twelve",
    "dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "deux trois quatre cinq six sept huit neuf dix onze douze",
)
_NOTS = (
    "not no never none nobody nothing without cannot cant dont doesnt didnt isnt wasnt arent werent wont "
    "hasnt havent don doesn didn isn wasn aren weren won hasn haven couldn wouldn shouldn nicht kein keine keinen nie niemand nichts ohne ne pas jamais rien sans "
    "nunca nadie nada sin tampoco"
)

# Scripts that put no spaces between words: each of their signs counts as one.
_UNSPACED = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])")

Hashes = NDArray[np.uint64]

_POWERS = np.cumprod(np.full(256, 0x9E3779B97F4A7C15, dtype=np.uint64))
_FIRST, _SECOND, _THIRD = (
    np.uint64(n) for n in (0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)
)


class Sketch(NamedTuple):
    """What is kept of a text to know its copies by; nobody can read the text from it."""

    features: bytes
    keys: tuple[int, ...]


def sketches(texts: Sequence[str]) -> list[Sketch]:
    """Return the sketches of a batch of texts, in their order."""
    if not texts:
        return []
    hashes, kinds, line = _hashed("\n".join(_line(text) for text in texts) + "\n")
    _told(hashes, kinds)
    count = len(texts)
    same = line[1:] == line[:-1]
    pairs = _mixed(hashes[:-1] * _FIRST + hashes[1:] * _SECOND)[same]
    features = np.concatenate(
        [_kinded(hashes, kinds), _kinded(pairs, np.full(len(pairs), _PAIR, dtype=np.uint64))]
    )
    owners = np.concatenate([line, line[:-1][same]]).astype(np.uint64)
    each = np.sort(owners << np.uint64(32) | features)
    each = each[np.append(True, each[1:] != each[:-1])[: len(each)]]
    values = (each & np.uint64(0xFFFFFFFF)).astype("<u4").tobytes()
    ends = 4 * np.searchsorted(each >> np.uint64(32), np.arange(count + 1, dtype=np.uint64))
    keys = _keys(hashes, line, count)
    return [
        Sketch(values[begin:end], keys[place])
        for place, (begin, end) in enumerate(pairwise(ends.tolist()))
    ]


def unpacked(features: bytes) -> frozenset[int]:
    """Return a sketch's features one by one, to hold them against others."""
    return frozenset(struct.unpack(f"<{len(features) // 4}I", features))


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """Return how alike two texts are, up to 1, or 0 if neither is a copy of the other."""
    common = len(one & other)
    shorter, longer = sorted((len(one), len(other)))
    if not common:
        return 0.0
    shared, held = common / (shorter + longer - common), common / shorter
    enough = shorter >= SHORTEST_HELD and longer <= LONGEST_HOLDER * shorter
    if shared < SHARED and not (held >= HELD and enough):
        return 0.0
    mine, theirs = _kinds(one - other), _kinds(other - one)
    little, much = (mine, theirs) if len(one) <= len(other) else (theirs, mine)
    if _NUMBER in little or (_NUMBER in much and longer - shorter <= 2):
        return 0.0
    if longer - shorter <= SLIGHT and (_NOT in mine) != (_NOT in theirs):
        return 0.0
    return max(shared, held * SHARED)


def _kinds(features: frozenset[int]) -> set[int]:
    return {feature & 3 for feature in features}


def _line(text: str) -> str:
    found = words(text[:LONGEST])
    line = " ".join(found)
    return line if line.isascii() else " ".join(_UNSPACED.sub(r" \1 ", line).split())


def _hashed(lines: str) -> tuple[Hashes, Hashes, NDArray[np.int64]]:
    """Return the hash of every word, its kind, and in which line it stands."""
    letters = np.frombuffer(lines.encode("utf-8", "replace"), dtype=np.uint8)
    gaps = letters <= ord(" ")
    begins = ~gaps
    begins[1:] &= gaps[:-1]
    starts = np.flatnonzero(begins)
    if not len(starts):
        empty = np.zeros(0, dtype=np.uint64)
        return empty, empty, np.zeros(0, dtype=np.int64)
    line = np.cumsum(letters == ord("\n"))[starts]
    lengths = np.diff(starts, append=len(letters))
    inside = np.arange(starts[0], len(letters)) - np.repeat(starts, lengths)
    weights = _POWERS[np.minimum(inside, len(_POWERS) - 1)]
    found = letters[starts[0] :].astype(np.uint64) * weights
    found[gaps[starts[0] :]] = 0
    at = starts - starts[0]
    hashes = _mixed(np.add.reduceat(found, at))
    digits = (letters[starts[0] :] >= ord("0")) & (letters[starts[0] :] <= ord("9"))
    kinds = np.where(np.logical_or.reduceat(digits, at), _NUMBER, _PLAIN).astype(np.uint64)
    return hashes, kinds, line


def _told(hashes: Hashes, kinds: Hashes) -> None:
    """Take numbers that are words for figures, and mark words that turn a statement round."""
    words_, figures, nots = _known()
    at = np.minimum(np.searchsorted(words_, hashes), len(words_) - 1)
    hit = words_[at] == hashes
    hashes[hit] = figures[at[hit]]
    kinds[hit] = _NUMBER
    kinds[np.isin(hashes, nots)] = _NOT


@cache
def _known() -> tuple[Hashes, Hashes, Hashes]:
    """Return the hashes of words for numbers, sorted, those of their figures, and of all that deny."""
    each = _hashed(" ".join(_NUMBERS) + "\n")[0]
    figures = np.tile(_hashed(_FIGURES + "\n")[0], len(_NUMBERS))
    named, first = np.unique(each, return_index=True)
    return named, figures[first], _hashed(_NOTS + "\n")[0]


def _keys(hashes: Hashes, line: NDArray[np.int64], count: int) -> list[tuple[int, ...]]:
    """Return for every line the smallest hashes of its runs of three words, if it has words enough."""
    if len(hashes) < FEWEST:
        return [()] * count
    run = _mixed(hashes[:-2] * _FIRST + hashes[1:-1] * _SECOND + hashes[2:] * _THIRD)
    enough = np.bincount(line, minlength=count) >= FEWEST
    within = (line[2:] == line[:-2]) & enough[line[2:]]
    run, owner = run[within], line[2:][within]
    order = np.lexsort((run, owner))
    run, owner = run[order], owner[order]
    fresh = np.ones(len(run), dtype=bool)
    fresh[1:] = (run[1:] != run[:-1]) | (owner[1:] != owner[:-1])
    run, owner = run[fresh], owner[fresh]
    starts = np.searchsorted(owner, np.arange(count + 1))
    signed = run.view(np.int64).tolist()
    ends = np.minimum(starts[:-1] + KEYS, starts[1:]).tolist()
    return [tuple(signed[a:b]) for a, b in zip(starts[:-1].tolist(), ends, strict=True)]


def _kinded(hashes: Hashes, kinds: Hashes) -> Hashes:
    return (hashes >> np.uint64(32)) & np.uint64(0xFFFFFFFC) | kinds


def _mixed(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    mixed: Hashes = hashes ^ (hashes >> np.uint64(33))
    return mixed
