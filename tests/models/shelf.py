"""Originals in plain dictionaries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from models.copies import Numbers
from models.likeness import Sketch


class Memory:
    """A shelf that forgets when it is let go of."""

    def __init__(self) -> None:
        self.under: dict[int, list[int]] = {}
        self.texts: dict[int, Sketch] = {}

    def holders(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """Return those of these keys under which texts were put, and beside each its text."""
        rows = [(key, text) for key in keys.tolist() for text in self.under.get(key, ())]
        found = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def features(self, texts: Collection[int]) -> Mapping[int, bytes]:
        """Return the features of these texts."""
        return {text: self.texts[text].features for text in texts}

    def put(self, texts: Mapping[int, Sketch], keys: Sequence[int], names: Sequence[int]) -> None:
        """Put new texts there."""
        self.texts |= texts
        for key, text in zip(keys, names, strict=True):
            self.under.setdefault(key, []).append(text)
