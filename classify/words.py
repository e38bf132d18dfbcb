"""
From texts to their words, the way the classifier sees them: a batch at a time, in arrays.

All texts of a batch are laid end to end as one array of characters, and every step is taken for all
of them at once. A loop over words in Python would cost more than all the rest of scoring.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classify.characters import (
    APOSTROPHE,
    DIGIT,
    END,
    GAP,
    LETTER,
    LIGATURE,
    LINK,
    NOTHING,
    NUMBER,
    POINT,
    SIGN,
    UNSEEN,
    Points,
    kinds_of,
    letters_of,
    plain_of,
    points_of,
)

LONGEST_TEXT = 5_000
"""Characters looked at, of those that can be seen: a post says soon enough what it is about."""

LONGEST_WORD = 40

Keys = NDArray[np.uint64]
Places = NDArray[np.int64]

_LINKS = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_NAMES = re.compile(r"@\w+")

_ODD = np.uint64(0x9E3779B97F4A7C15)
_BASE = 0xD6E8FEB86659FD93
_POWERS = np.array([pow(_BASE, place, 2**64) for place in range(LONGEST_WORD)], np.uint64)


class Words(NamedTuple):
    """
    The words of n texts, one after the other.

    `text` says in which text each word stands, `key` what it is: equal words have equal keys.
    `start` and `end` are its place among `chars`, the plain characters, `begins` and `ends` its
    place in the texts laid end to end. `spelled` is False for numbers, links and signs, `capital`
    True for words that begin with one of A to Z.
    """

    text: Places
    key: Keys
    start: Places
    end: Places
    begins: Places
    ends: Places
    spelled: NDArray[np.bool_]
    capital: NDArray[np.bool_]
    chars: Points

    def names(self, which: Places | slice = slice(None)) -> list[str]:
        """Return the words themselves, or those at `which`: "down", "<number>", "<link>", "!"."""
        edges = zip(self.start[which].tolist(), self.end[which].tolist(), strict=True)
        names = (
            self.chars[start:end].astype("<u4").tobytes().decode("utf-32-le", "replace")
            for start, end in edges
        )
        return [{LINK: "<link>", NUMBER: "<number>"}.get(name, name) for name in names]


def words(texts: Sequence[str]) -> Words:
    """
    Return the words of n texts.

    Letters become small and plain (NFKC; a ligature is its letters), one drawn out is kept twice
    ("sooo" is "soo"), numbers and links are each one word, and an @name is none: whom a post is
    addressed to must not decide what it says. Signs of mood and emoji are words; what can't be seen
    is taken out.
    """
    texts, taken = _openings(texts)
    joined = END.join(text.replace(END, " ") for text in texts)
    # Each is replaced by something as long, so that every place stays what it was.
    if "://" in joined or "www." in joined.lower():
        joined = _LINKS.sub(lambda found: LINK + UNSEEN * (len(found[0]) - 1), joined)
    if "@" in joined:
        joined = _NAMES.sub(lambda found: " " * len(found[0]), joined)
    raw = points_of(joined)
    upper = (raw >= ord("A")) & (raw <= ord("Z"))
    whole, kinds, at = _whole(raw, kinds_of(raw))
    chars, kinds, at = _only(kinds != NOTHING, plain_of(whole), kinds, at)
    chars, kinds, at = _only(_not_long_drawn(chars, kinds), chars, kinds, at)
    at = np.append(at, len(raw))
    for kind, between in ((APOSTROPHE, LETTER), (POINT, DIGIT)):
        _settle(kinds, kind, between)
    found = _cut(chars, kinds, at, upper)
    if taken:
        came_from = _came_from(texts, taken)
        found = found._replace(begins=came_from[found.begins], ends=came_from[found.ends])
    return found


def opening(text: str) -> tuple[str, Places | None]:
    """
    Return the first LONGEST_TEXT characters of a text that can be seen, and their places in it.

    The places are None where each character stands where it stood.
    """
    size = LONGEST_TEXT
    if len(text) <= size or text[:size].isascii():
        return text[:size], None
    seen: Places = np.zeros(0, np.int64)
    while len(seen) < LONGEST_TEXT:
        points = points_of(text[:size])
        seen = np.flatnonzero(kinds_of(points) != NOTHING)[:LONGEST_TEXT]
        if size >= len(text):
            break
        size *= 4
    if len(seen) == LONGEST_TEXT and seen[-1] == LONGEST_TEXT - 1:
        return text[:LONGEST_TEXT], None
    return points[seen].tobytes().decode("utf-32-le", "surrogatepass"), seen


def pair_keys(words: Words, first: Places) -> Keys:
    """Return the keys of the pairs that begin with the words at `first`."""
    keys = words.key[first] * np.uint64(_BASE) + words.key[first + 1] * _ODD
    return mixed(keys + np.uint64(1))


def end_keys(words: Words, heads: Places, tails: Places) -> Keys:
    """Return the keys of the words at `heads` as openings, then of those at `tails` as closings."""
    opening = words.key[heads] * np.uint64(_BASE) + np.uint64(2)
    closing = words.key[tails] * np.uint64(_BASE) + np.uint64(3)
    return mixed(np.concatenate([opening, closing]))


def mixed(keys: Keys) -> Keys:
    """Return keys whose every bit depends on all bits of those given."""
    keys = keys ^ (keys >> np.uint64(32))
    keys *= _ODD
    keys ^= keys >> np.uint64(29)
    return keys


def runs(start: Places, length: Places) -> Places:
    """Return the places start, start + 1 … of every run, one run after the other."""
    ends = np.cumsum(length)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(start - ends + length, length) + np.arange(total)


def spellings(words: Words, which: Places, shortest: int, longest: int) -> tuple[Places, Keys]:
    """
    Return the stretches of `shortest` to `longest` letters of the words at `which`.

    A word is framed by blanks first. The answer is, for each stretch, its word's place in `which`
    and its key. Numbers, links and signs have none.
    """
    start, length = words.start[which], words.end[which] - words.start[which]
    length = np.where(words.spelled[which], length, 0)
    framed = np.where(words.spelled[which], length + 2, 0)
    heads = np.cumsum(framed) - framed
    chars = np.full(int(framed.sum()), ord(" "), np.uint32)
    chars[runs(heads + 1, length)] = words.chars[runs(start, length)]
    scattered = _scattered(chars)
    owner = np.repeat(np.arange(len(which)), framed)
    owners, keys = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for size in range(shortest, longest + 1):
        count = max(len(chars) - size + 1, 0)
        inside = owner[:count] == owner[len(owner) - count :]
        found = np.full(count, size, np.uint64)
        for place in range(size):
            found += scattered[place : place + count] * _POWERS[place]
        owners.append(owner[:count][inside])
        keys.append(mixed(found[inside]))
    return np.concatenate(owners), np.concatenate(keys)


def stretches(words: Words, which: Places, shortest: int, longest: int) -> list[str]:
    """Return the names of what `spellings` finds, in its order."""
    named = zip(words.names(which), words.spelled[which].tolist(), strict=True)
    framed = [f" {name} " if spelled else "" for name, spelled in named]
    return [
        one[place : place + size]
        for size in range(shortest, longest + 1)
        for one in framed
        for place in range(len(one) - size + 1)
    ]


def _openings(texts: Sequence[str]) -> tuple[Sequence[str], dict[int, Places]]:
    """Return the texts as far as they are looked at, and by row the places of what is left."""
    long = [row for row, text in enumerate(texts) if len(text) > LONGEST_TEXT]
    if not long:
        return texts, {}
    cut = list(texts)
    taken = {}
    for row in long:
        cut[row], seen = opening(cut[row])
        if seen is not None:
            taken[row] = seen
    return cut, taken


def _whole(points: Points, kinds: NDArray[np.uint8]) -> tuple[Points, NDArray[np.uint8], Places]:
    """Return characters and kinds with the letters of each ligature in its place, and their places."""
    at = np.arange(len(points))
    which = np.flatnonzero(kinds == LIGATURE)
    if not len(which):
        return points, kinds, at
    letters = letters_of(points[which])
    size = np.ones(len(points), np.int64)
    size[which] = [len(one) for one in letters]
    at = np.repeat(at, size)
    whole = points[at]
    whole[runs((np.cumsum(size) - size)[which], size[which])] = np.concatenate(letters)
    return whole, kinds_of(whole), at


def _came_from(texts: Sequence[str], taken: dict[int, Places]) -> Places:
    """Return where what stands in the joined texts stood before the unseen was taken out of some."""
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    steps = np.ones(starts[-1], np.int64)
    steps[0] = 0
    for row, places in taken.items():
        steps[starts[row] : starts[row] + len(places)] += np.diff(places, prepend=-1) - 1
    return np.cumsum(steps)


def _only(keep: NDArray[np.bool_], *arrays: NDArray[np.generic]) -> tuple[NDArray, ...]:  # type: ignore[type-arg]
    return arrays if keep.all() else tuple(array[keep] for array in arrays)


def _not_long_drawn(chars: Points, kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    keep = np.ones(len(chars), bool)
    same = chars[1:] == chars[:-1]
    keep[2:] = ~(same[1:] & same[:-1] & (kinds[2:] == LETTER))
    return keep


def _settle(kinds: NDArray[np.uint8], kind: int, between: int) -> None:
    """Make a sign of this kind a part of the word it stands in, and a gap everywhere else."""
    places = np.flatnonzero(kinds == kind)
    inner = places[(places > 0) & (places < len(kinds) - 1)]
    inner = inner[(kinds[inner - 1] == between) & (kinds[inner + 1] == between)]
    kinds[places] = GAP
    kinds[inner] = between


def _cut(chars: Points, kinds: NDArray[np.uint8], at: Places, upper: NDArray[np.bool_]) -> Words:
    edge = np.ones(len(kinds) + 1, bool)
    edge[1:-1] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == SIGN)
    edges = np.flatnonzero(edge)
    start, end = edges[:-1], edges[1:]
    kind = kinds[start] if len(kinds) else np.zeros(0, np.uint8)
    start, end, kind = _only(kind != GAP, start[: len(kind)], end[: len(kind)], kind)
    text = np.searchsorted(np.flatnonzero(chars == ord(END)), start)
    # Every number is the same word, as long as its first digit.
    chars[start[kind == DIGIT]] = ord(NUMBER)
    length = np.where(kind == DIGIT, 1, np.minimum(end - start, LONGEST_WORD))
    key = _keys(chars, start, length)
    begins = at[start]
    return Words(
        text, key, start, start + length, begins, at[end], kind == LETTER, upper[begins], chars
    )


def _keys(chars: Points, start: Places, length: Places) -> Keys:
    if not len(start):
        return np.zeros(0, np.uint64)
    heads = np.cumsum(length) - length
    places = runs(start, length)
    flat = _scattered(chars[places]) * _POWERS[places - np.repeat(start, length)]
    return mixed(np.add.reduceat(flat, heads))


def _scattered(chars: Points) -> Keys:
    keys = (chars.astype(np.uint64) + np.uint64(1)) * _ODD
    keys ^= keys >> np.uint64(31)
    return keys
