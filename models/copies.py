"""
Copies: which texts belong to one another, as they come in.

The text that came first stands for its copies, and a new one is held against those alone: so no chain of
small changes leads from one statement to another, and nothing once gathered moves because of what comes
later. A text like two of them goes to the one it is more like, and at a tie to the one with the
smaller fingerprint. What comes of a series of texts is the same however it is cut into batches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from models.likeness import Sketch, likeness, sketches

MOST_HELD = 16
"""Texts found by one key: what more have in common tells nothing, and a flood must stay cheap."""

MOST_TRIED = 12
"""Texts one is held against, those with most keys in common first."""

BATCH = 4_000


class Shelf(Protocol):
    """Where the texts that stand for others are found again, by fingerprint."""

    def holders(self, keys: Collection[int]) -> Iterable[tuple[int, int]]:
        """Return (key, text) for each of these keys under which a text was put."""

    def features(self, texts: Collection[int]) -> Mapping[int, frozenset[int]]:
        """Return the features of these texts."""

    def put(
        self, texts: Mapping[int, Sketch], keys: Sequence[tuple[int, int]]
    ) -> None:
        """Put new texts there, and under which keys they are found."""


def gather(texts: Mapping[int, str], shelf: Shelf) -> dict[int, int]:
    """
    Return for new texts, by fingerprint and in the order they came, the one each is a copy of.

    One that is nobody's copy has its own fingerprint there, and stands for those that follow.
    """
    found: dict[int, int] = {}
    names = list(texts)
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        found |= _gathered(batch, sketches([texts[name] for name in batch]), shelf)
    return found


def _gathered(names: Sequence[int], each: Sequence[Sketch], shelf: Shelf) -> dict[int, int]:
    under: dict[int, list[int]] = {}
    for key, text in shelf.holders({key for sketch in each for key in sketch.keys}):
        under.setdefault(key, []).append(text)
    features = dict(shelf.features({text for texts in under.values() for text in texts}))
    found: dict[int, int] = {}
    fresh: dict[int, Sketch] = {}
    put: list[tuple[int, int]] = []
    for name, sketch in zip(names, each, strict=True):
        best = _best(sketch, under, features)
        found[name] = name if best is None else best
        if best is not None or not sketch.keys:
            continue
        fresh[name], features[name] = sketch, sketch.features
        for key in sketch.keys:
            held = under.setdefault(key, [])
            if len(held) < MOST_HELD:
                held.append(name)
                put.append((key, name))
    shelf.put(fresh, put)
    return found


def _best(
    sketch: Sketch, under: Mapping[int, list[int]], features: Mapping[int, frozenset[int]]
) -> int | None:
    """Return which of the texts with a key in common this one is a copy of, if any."""
    votes: Counter[int] = Counter()
    for key in sketch.keys:
        if key in under:
            votes.update(under[key])
    if not votes:
        return None
    tried = sorted(votes, key=lambda text: (-votes[text], text))[:MOST_TRIED]
    ranked = [(likeness(sketch.features, features[text]), -text) for text in tried]
    how, text = max(ranked)
    return -text if how else None
