"""
From texts to their words, the way the classifier sees them: a batch at a time, in arrays.

All texts of a batch are laid end to end as one array of characters, and every step is taken for all
of them at once. A loop over words in Python would cost more than all the rest of scoring.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LONGEST_TEXT = 5_000
"""Characters looked at: a post says what it is about in its first few thousand."""

LONGEST_WORD = 40

Keys = NDArray[np.uint64]
Places = NDArray[np.int64]

_GAP, _LETTER, _DIGIT, _SIGN, _APOSTROPHE, _POINT, _NOTHING, _UNKNOWN = range(8)

# From the private area of Unicode, where no post has characters of its own.
_LINK, _NUMBER = "\ue000", "\ue001"
_UNSEEN = "\u200b"
_END = "\n"

_LINKS = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_NAMES = re.compile(r"@\w+")
_MOODS = "!?#%$£€¥"

_POINTS = 0x110000
_kinds = np.full(_POINTS, _UNKNOWN, np.uint8)
_plain = np.arange(_POINTS, dtype=np.uint32)

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
    chars: NDArray[np.uint32]

    def names(self) -> list[str]:
        """Return the words themselves: "down", "<number>", "<link>", "!"."""
        names = (
            self.chars[start:end].astype("<u4").tobytes().decode("utf-32-le", "replace")
            for start, end in zip(self.start.tolist(), self.end.tolist(), strict=True)
        )
        return [{_LINK: "<link>", _NUMBER: "<number>"}.get(name, name) for name in names]


def words(texts: Sequence[str]) -> Words:
    """
    Return the words of n texts.

    Letters become small and plain (NFKC), a letter drawn out is kept twice ("sooo" is "soo"),
    numbers and links are each one word, and an @name is none: whom a post is addressed to must not
    decide what it says. Signs of mood and emoji are words; what can't be seen is taken out.
    """
    joined = _END.join(text[:LONGEST_TEXT].replace(_END, " ") for text in texts)
    # Each is replaced by something as long, so that every place stays what it was.
    if "://" in joined or "www." in joined.lower():
        joined = _LINKS.sub(lambda found: _LINK + _UNSEEN * (len(found[0]) - 1), joined)
    if "@" in joined:
        joined = _NAMES.sub(lambda found: " " * len(found[0]), joined)
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds[raw]
    unknown = kinds == _UNKNOWN
    if unknown.any():
        _learn(np.unique(raw[unknown]))
        kinds = _kinds[raw]
    chars, kinds, at = _only(kinds != _NOTHING, _plain[raw], kinds, np.arange(len(raw)))
    chars, kinds, at = _only(_not_long_drawn(chars, kinds), chars, kinds, at)
    at = np.append(at, len(raw))
    for kind, between in ((_APOSTROPHE, _LETTER), (_POINT, _DIGIT)):
        _settle(kinds, kind, between)
    return _cut(chars, kinds, at, (raw >= ord("A")) & (raw <= ord("Z")))


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
    names = words.names()
    framed = [f" {names[at]} " if words.spelled[at] else "" for at in which.tolist()]
    return [
        one[place : place + size]
        for size in range(shortest, longest + 1)
        for one in framed
        for place in range(len(one) - size + 1)
    ]


def _learn(points: NDArray[np.uint32]) -> None:
    """Note for characters met the first time of what kind they are, and what they look like plain."""
    for point in points.tolist():
        char = chr(point)
        plain = unicodedata.normalize("NFKC", char).lower()
        plain = "'" if char == "’" else plain if len(plain) == 1 else char
        _plain[point] = ord(plain)
        _kinds[point] = _kind(plain)


def _kind(char: str) -> int:
    category = unicodedata.category(char)
    plain = {"'": _APOSTROPHE, ".": _POINT, ",": _POINT, ":": _POINT, _LINK: _SIGN}
    if char in plain:
        return plain[char]
    if category[0] == "L":
        return _LETTER
    if category == "Nd":
        return _DIGIT
    if char.isascii() or "\u2010" <= char <= "\u2027":
        return _SIGN if char in _MOODS else _GAP
    # Marks on letters, joiners, skin tones: a text with them says what it says without them.
    if category[0] == "M" or category in ("Cf", "Sk"):
        return _NOTHING
    return _SIGN if category[0] in "SP" else _GAP


def _only(keep: NDArray[np.bool_], *arrays: NDArray[np.generic]) -> tuple[NDArray, ...]:  # type: ignore[type-arg]
    return arrays if keep.all() else tuple(array[keep] for array in arrays)


def _not_long_drawn(chars: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    keep = np.ones(len(chars), bool)
    same = chars[1:] == chars[:-1]
    keep[2:] = ~(same[1:] & same[:-1] & (kinds[2:] == _LETTER))
    return keep


def _settle(kinds: NDArray[np.uint8], kind: int, between: int) -> None:
    """Make a sign of this kind a part of the word it stands in, and a gap everywhere else."""
    places = np.flatnonzero(kinds == kind)
    inner = places[(places > 0) & (places < len(kinds) - 1)]
    inner = inner[(kinds[inner - 1] == between) & (kinds[inner + 1] == between)]
    kinds[places] = _GAP
    kinds[inner] = between


def _cut(
    chars: NDArray[np.uint32], kinds: NDArray[np.uint8], at: Places, upper: NDArray[np.bool_]
) -> Words:
    edge = np.ones(len(kinds) + 1, bool)
    edge[1:-1] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == _SIGN)
    edges = np.flatnonzero(edge)
    start, end = edges[:-1], edges[1:]
    kind = kinds[start] if len(kinds) else np.zeros(0, np.uint8)
    start, end, kind = _only(kind != _GAP, start[: len(kind)], end[: len(kind)], kind)
    text = np.searchsorted(np.flatnonzero(chars == ord(_END)), start)
    # Every number is the same word, as long as its first digit.
    chars[start[kind == _DIGIT]] = ord(_NUMBER)
    length = np.where(kind == _DIGIT, 1, np.minimum(end - start, LONGEST_WORD))
    key = _keys(chars, start, length)
    begins = at[start]
    return Words(
        text, key, start, start + length, begins, at[end], kind == _LETTER, upper[begins], chars
    )


def _keys(chars: NDArray[np.uint32], start: Places, length: Places) -> Keys:
    if not len(start):
        return np.zeros(0, np.uint64)
    heads = np.cumsum(length) - length
    places = runs(start, length)
    flat = _scattered(chars[places]) * _POWERS[places - np.repeat(start, length)]
    return mixed(np.add.reduceat(flat, heads))


def _scattered(chars: NDArray[np.uint32]) -> Keys:
    keys = (chars.astype(np.uint64) + np.uint64(1)) * _ODD
    keys ^= keys >> np.uint64(31)
    return keys


_learn(np.array([*range(128), ord(_LINK)], np.uint32))
