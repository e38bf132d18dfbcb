"""
Copies: which texts belong to one another, as they come in.

The text that came first stands for its copies, and a new one is held against those alone: so no chain of
small changes leads from one statement to another, and nothing once gathered moves because of what comes
later. A text like two of them goes to the one it is more like, and at a tie to the one with the
smaller fingerprint. What comes of a series of texts is the same however it is cut into batches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.likeness import KEYS, Sketch, likeness, sketches, unpacked

MOST_HELD = 8
"""Texts found by one key: what more have in common tells nothing, and a flood must stay cheap."""

MOST_TRIED = 4
"""Texts one is held against: of those with at least half as many keys in common as any."""

FEWEST_SHARED = 2
"""Keys a text with all of them must have in common with another: one alone is a common phrase."""

BATCH = 4_000

Numbers = NDArray[np.int64]

_NOBODY: dict[int, int] = {}
_NONE: Mapping[str, Sketch] = {}


class Shelf(Protocol):
    """Where the texts that stand for others are found again, by fingerprint."""

    def holders(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """Return those of these sorted keys under which texts were put, and beside each its text."""

    def features(self, texts: Collection[int]) -> Mapping[int, bytes]:
        """Return the features of these texts, as their sketches have them."""

    def put(self, texts: Mapping[int, Sketch], keys: Sequence[int], names: Sequence[int]) -> None:
        """Put new texts there, and under which keys they are found: beside each key its text."""


def gather(texts: Mapping[int, str], shelf: Shelf) -> dict[int, int]:
    """
    Return for new texts, by fingerprint and in the order they came, the one each is a copy of.

    One that is nobody's copy has its own fingerprint there, and stands for those that follow.
    """
    found: dict[int, int] = {}
    names = list(texts)
    for start in range(0, len(names), BATCH):
        found |= gathered(
            drawn({name: texts[name] for name in names[start : start + BATCH]}), shelf
        )
    return found


def drawn(texts: Mapping[int, str], known: Mapping[str, Sketch] = _NONE) -> dict[int, Sketch]:
    """
    Return the sketches of a batch of texts, by fingerprint: what takes long and needs no shelf.

    Texts whose sketch is `known` aren't sketched again.
    """
    new = [text for text in texts.values() if text not in known]
    fresh = iter(sketches(new))
    return {name: known[text] if text in known else next(fresh) for name, text in texts.items()}


def gathered(batch: Mapping[int, Sketch], shelf: Shelf) -> dict[int, int]:
    """Return for a batch of sketches what `gather` does for their texts."""
    return _gathered(list(batch), list(batch.values()), shelf)


def _gathered(names: Sequence[int], each: Sequence[Sketch], shelf: Shelf) -> dict[int, int]:
    own = np.array([key for sketch in each for key in sketch.keys], dtype=np.int64)
    keys, texts = shelf.holders(np.unique(own))
    counts = dict(
        zip(*(part.tolist() for part in np.unique(keys, return_counts=True)), strict=True)
    )
    # What is worth trying of those put there before is all that can be once newer ones have joined in.
    lengths = np.array([len(sketch.keys) for sketch in each])
    leasts = np.where(lengths == KEYS, FEWEST_SHARED, 1).tolist()
    votes = _votes(own, lengths, np.array(leasts), keys, texts)
    kept = shelf.features({text for one in votes.values() for text in one})
    features = {text: unpacked(one) for text, one in kept.items()}
    # Most keys have one text, so only what a second one shares is a list.
    newer: dict[int, int] = {}
    more: dict[int, list[int]] = {}
    found: dict[int, int] = {}
    fresh: dict[int, Sketch] = {}
    put_under: list[int] = []
    put: list[int] = []
    for place, (name, sketch) in enumerate(zip(names, each, strict=True)):
        known = votes.get(place, _NOBODY)
        joined = [newer[key] for key in sketch.keys if key in newer]
        if joined:
            joined += [text for key in sketch.keys for text in more.get(key, ())]
        tried = _tried(known, joined, leasts[place]) if joined else known
        how, text = _best(sketch, tried, features, fresh) if tried else (0.0, 0)
        found[name] = text if how else name
        if how or not sketch.keys:
            continue
        fresh[name] = sketch
        for key in sketch.keys:
            count = counts.get(key, 0)
            if count < MOST_HELD:
                counts[key] = count + 1
                if newer.setdefault(key, name) != name:
                    more.setdefault(key, []).append(name)
                put_under.append(key)
                put.append(name)
    shelf.put(fresh, put_under, put)
    return found


def _best(
    sketch: Sketch,
    tried: Collection[int],
    features: dict[int, frozenset[int]],
    fresh: Mapping[int, Sketch],
) -> tuple[float, int]:
    """Return how alike the text most like this one is, and which; at a tie the smaller."""
    own, best = unpacked(sketch.features), (0.0, 0)
    for text in tried:
        if text not in features:
            features[text] = unpacked(fresh[text].features)
        how = likeness(own, features[text])
        if how > best[0] or (how == best[0] and text < best[1]):
            best = (how, text)
    return best


def _tried(known: Mapping[int, int], joined: Sequence[int], least: int) -> list[int]:
    """Return the texts most worth holding one against, with those that joined in."""
    votes = dict(known)
    for text in joined:
        votes[text] = votes.get(text, 0) + 1
    enough = max(max(votes.values()) / 2, least)
    tried = [text for text, count in votes.items() if count >= enough]
    tried.sort(key=lambda text: (-votes[text], text))
    return tried[:MOST_TRIED]


def _votes(
    own: Numbers, lengths: Numbers, leasts: Numbers, keys: Numbers, texts: Numbers
) -> dict[int, dict[int, int]]:
    """Return by sketch the texts most worth trying, and how many keys it has in common with each."""
    order = np.argsort(keys, kind="stable")
    keys, texts = keys[order], texts[order]
    first = np.searchsorted(keys, own)
    many = np.searchsorted(keys, own, "right") - first
    owner = np.repeat(np.repeat(np.arange(len(lengths)), lengths), many)
    ends = np.cumsum(many)
    within = np.arange(len(owner)) - np.repeat(ends - many, many)
    text = texts[np.repeat(first, many) + within]
    order = np.lexsort((text, owner))
    owner, text = owner[order], text[order]
    starts = np.flatnonzero(_changes(owner) | _changes(text))
    count = np.diff(starts, append=len(owner))
    owner, text = owner[starts], text[starts]
    order = np.lexsort((text, -count, owner))
    owner, text, count = owner[order], text[order], count[order]
    begins = np.flatnonzero(_changes(owner))
    sizes = np.diff(begins, append=len(owner))
    rank = np.arange(len(owner)) - np.repeat(begins, sizes)
    worth = (rank < MOST_TRIED) & (count * 2 >= np.repeat(count[begins], sizes))
    worth &= count >= leasts[owner]
    votes: dict[int, dict[int, int]] = {}
    for at, one, shared in zip(
        owner[worth].tolist(), text[worth].tolist(), count[worth].tolist(), strict=True
    ):
        votes.setdefault(at, {})[one] = shared
    return votes


def _changes(values: Numbers) -> NDArray[np.bool_]:
    """Return where a value differs from the one before; the first does."""
    found = np.ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found
