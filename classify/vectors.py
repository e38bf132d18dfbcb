"""
Vectors: what words mean, as a sentence encoder sees them, so that related words count alike.

An encoder (a neural network, through the extra `amends[semantic]`) is asked once for the vector of
every word of its own vocabulary and of the examples. From then on a text's meaning is the mean of its
words' vectors, rare words first: no network runs while posts are scored.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classify.words import Keys, Places, words
from models.errors import SetupError

BATCH = 1_024
"""Words given to the encoder at a time."""

WIDEST = 256
"""Numbers kept of each vector; the ones that differ most between words."""

REMEDY = "amends classify vectors makes them anew; or remove the file to go on without"


class Encoder(Protocol):
    """What gives vectors: a sentence-transformers encoder, or anything alike."""

    def vocabulary(self) -> Iterable[str]:
        """Return the words it was made for."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector for each of n texts, (n, width)."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """The keys of n words, sorted, and their vectors, (n, width) at half precision."""

    keys: Keys
    rows: NDArray[np.float16]

    @property
    def digest(self) -> str:
        """A hash of all of it."""
        return hashlib.sha256(self.keys.tobytes() + self.rows.tobytes()).hexdigest()

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self.rows.shape[1])

    def rarity(self, keys: Keys, holders: Places, texts: int) -> NDArray[np.float32]:
        """Return the weight of each word: `holders` of the texts hold the words with `keys`."""
        held = np.zeros(len(self.keys))
        place, known = self._find(keys)
        held[place[known]] = holders[known]
        return (np.log((1 + texts) / (1 + held)) + 1).astype(np.float32)

    def of(self, keys: Keys, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the weighed vectors of words, (n, width); 0 for those that have none."""
        found = np.zeros((len(keys), self.width), np.float32)
        place, known = self._find(keys)
        found[known] = self.rows[place[known]] * weights[place[known], None]
        return found

    def _find(self, keys: Keys) -> tuple[Places, NDArray[np.bool_]]:
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return place, self.keys[place] == keys


def distil(
    encoder: Encoder, texts: Iterable[str], progress: Callable[[str], None] | None = None
) -> Vectors:
    """Return vectors for the words of an encoder's vocabulary and of these texts."""
    found = words([*encoder.vocabulary(), *texts])
    names = np.array(found.names(), object)[found.spelled]
    keys, first = np.unique(found.key[found.spelled], return_index=True)
    asked = names[first].tolist()
    if not asked:
        message = "there are no words to find vectors for"
        raise SetupError(message, "name an encoder with a vocabulary, or add examples")
    parts = []
    for start in range(0, len(asked), BATCH):
        parts.append(np.asarray(encoder.encode(asked[start : start + BATCH]), np.float32))
        if progress is not None:
            progress(f"{min(start + BATCH, len(asked)):,} of {len(asked):,} words")
    rows = np.concatenate(parts)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        message = "the encoder's answers aren't vectors of numbers"
        raise SetupError(message, "try another encoder")
    return Vectors(keys, _narrow(rows).astype(np.float16))


def save(path: Path, vectors: Vectors) -> None:
    """Keep vectors in a file, whole or not at all; SetupError if that can't be done."""
    begun = path.with_name(f".{path.name}")
    try:
        with begun.open("wb") as file:
            np.savez_compressed(file, keys=vectors.keys, rows=vectors.rows)
        begun.replace(path)
    except OSError as error:
        message = f"can't write {path}: {error.strerror or error}"
        raise SetupError(message, "check the disk's space and who may write there") from error


def load(path: Path) -> Vectors | None:
    """Return the vectors in a file, None where there is no file; SetupError if it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            keys, rows = held["keys"], held["rows"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        message = f"{path} holds no vectors: {error}"
        raise SetupError(message, REMEDY) from error
    if keys.dtype != np.uint64 or rows.dtype != np.float16 or rows.shape[:1] != keys.shape:
        message = f"{path} holds no vectors of ours"
        raise SetupError(message, REMEDY)
    return Vectors(keys, rows)


def _narrow(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn the vectors so that their first numbers tell most, and keep those."""
    if rows.shape[1] <= WIDEST:
        return rows
    _, turned = np.linalg.eigh(rows.T @ rows)
    narrow: NDArray[np.float32] = rows @ turned[:, ::-1][:, :WIDEST]
    return narrow
