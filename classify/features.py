"""
Features: what the classifier weighs in a text.

Words, pairs of neighbours, and the words at both ends of the text (a "thanks" that opens a post and
one that closes it mean different things), weighed by TF-IDF; beside them how the words are spelled
(stretches of 3 to 5 letters), which helps with typos and forms never seen. A feature is known by a
64-bit key worked out for a whole batch in arrays; its name is kept for whoever asks. Where there are
vectors, a text's meaning stands beside all that: the direction in which its words point together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from classify.keys import KeyIndex
from classify.rows import Floats, ones, scales, squares
from classify.vectors import Vectors
from classify.words import (
    Keys,
    Places,
    Words,
    end_keys,
    pair_keys,
    spellings,
    stretches,
    words,
)

VERSION = 3
"""Raised whenever the same examples would give another classifier."""

_NOT_SAVED = "_found_by"


class Features(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """
    Texts to a sparse matrix: words, pairs and ends on the left, their spelling beside them.

    A feature is kept if `rarest` examples have it. How often a text repeats itself doesn't count.
    Each part of a row has length 1 (the spelling's is summed up word by word); a text without a
    known word has an empty row. With `vectors` the meaning is a third part, on the right.
    """

    def __init__(
        self,
        rarest: int = 2,
        shortest: int = 3,
        longest: int = 5,
        vectors: Vectors | None = None,
    ) -> None:
        self.rarest = rarest
        self.shortest = shortest
        self.longest = longest
        self.vectors = vectors

    def fit(self, texts: Sequence[str], y: object = None) -> Self:  # noqa: ARG002  sklearn's contract
        """Learn which features there are and how rare each is."""
        found = words(_checked(texts))
        pairs, (heads, tails) = pairs_of(found), _ends(found)
        keys, first, which = np.unique(
            np.concatenate([found.key, pair_keys(found, pairs), end_keys(found, heads, tails)]),
            return_index=True,
            return_inverse=True,
        )
        held = ones(_owners(found, pairs, heads, tails), which, len(texts), len(keys))
        kept, self.said_weights_ = self._kept(held)
        _, once, word = np.unique(found.key, return_index=True, return_inverse=True)
        name = found.names(once)
        names = [name[at] for at in word.tolist()]
        names += [
            *(f"{names[at]} {names[at + 1]}" for at in pairs.tolist()),
            *(f"^{names[at]}" for at in heads.tolist()),
            *(f"{names[at]}$" for at in tails.tolist()),
        ]
        self.said_keys_ = keys[kept]
        self.said_ = np.array([names[at] for at in first[kept].tolist()], np.str_)

        holds = ones(found.text, word, len(texts), len(once))
        if self.vectors is not None:
            holders = np.bincount(holds.indices, minlength=len(once))
            self.meant_weights_ = self.vectors.rarity(found.key[once], holders, len(texts))
        word, keys = spellings(found, once, self.shortest, self.longest)
        names = stretches(found, once, self.shortest, self.longest)
        keys, first, which = np.unique(keys, return_index=True, return_inverse=True)
        kept, self.spelled_weights_ = self._kept(
            holds @ ones(word, which, holds.shape[1], len(keys))
        )
        self.spelled_keys_ = keys[kept]
        self.spelled_ = np.array([names[at] for at in first[kept].tolist()], np.str_)
        self.__dict__.pop(_NOT_SAVED, None)
        return self

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return the features of n texts as an (n, features) matrix."""
        read = self._read(words(_checked(texts)), len(texts))
        said = diags(read.said_scale) @ read.said
        spelled = diags(read.spelled_scale) @ (read.holds @ read.spelled)
        meant = read.points * read.meant_scale[:, None]
        return hstack([said, spelled, csr_matrix(meant)], "csr")

    def weighed(
        self, found: Words, texts: int, weights: Floats
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """
        Return what `transform(texts) @ weights` does, and which texts have a known word.

        The weights are (features, labels), the answers (n, labels) and (n). That matrix isn't made:
        the spelling of a word is weighed once for the whole batch.
        """
        read = self._read(found, texts)
        ends = np.cumsum([len(self.said_keys_), len(self.spelled_keys_)])
        of_said, of_spelled, of_meant = np.split(weights, ends)
        said = (read.said @ of_said) * read.said_scale[:, None]
        spelled = read.holds @ (read.spelled @ of_spelled)
        meant = read.points @ of_meant.astype(np.float32)
        return (
            said + spelled * read.spelled_scale[:, None] + meant * read.meant_scale[:, None],
            read.said_scale > 0,
        )

    def pieces(self, *texts: str) -> tuple[Words, csr_matrix]:
        """
        Return the m words of texts, and the share of its text's row that each and each pair brings.

        The first m rows of the matrix belong to the words, the rest to the pairs that begin at
        `pairs_of` them; those of a text add up to the row that `transform` gives. A word said twice
        brings half each time; the first and the last word bring that they stand there.
        """
        found = words(texts)
        read = self._read(found, len(texts))
        of = found.text
        _, which = np.unique(found.key, return_inverse=True)
        often = _often(of, which)
        alone = self._said_alone(found.key, often) + self._said_at_ends(found)
        spelled = diags(read.spelled_scale[of] / often) @ read.spelled[which]
        meant = diags(read.meant_scale[of] / often) @ csr_matrix(read.meant[which])
        alone = hstack([diags(read.said_scale[of]) @ alone, spelled, meant])
        pairs = pairs_of(found)
        keys, of = pair_keys(found, pairs), of[pairs]
        _, which = np.unique(keys, return_inverse=True)
        beside = diags(read.said_scale[of]) @ self._said_alone(keys, _often(of, which))
        beside.resize(beside.shape[0], alone.shape[1])
        return found, vstack([alone, beside], "csr")

    def get_feature_names_out(
        self,
        input_features: object = None,  # noqa: ARG002  sklearn's contract
    ) -> NDArray[np.object_]:
        """
        Return the features' names: words "no", pairs "no signal", ends "^no" and "no$".

        Spellings are "/sig/", and the directions of meaning "~0", "~1" …
        """
        check_is_fitted(self)
        names = [*self.said_.tolist(), *(f"/{name}/" for name in self.spelled_.tolist())]
        return np.array([*names, *(f"~{at}" for at in range(self.width))], object)

    @property
    def width(self) -> int:
        """How many of the features, the last ones, are directions of meaning."""
        return 0 if self.vectors is None else self.vectors.width

    def __sklearn_tags__(self) -> object:
        """Say that this takes texts, not numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be worked out again."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != _NOT_SAVED}

    def _places(self) -> tuple[KeyIndex, KeyIndex]:
        if _NOT_SAVED not in self.__dict__:
            self._found_by = (KeyIndex(self.said_keys_), KeyIndex(self.spelled_keys_))
        return self._found_by

    def _kept(self, held: csr_matrix) -> tuple[Places, Floats]:
        held.sum_duplicates()
        holders = np.bincount(held.indices, minlength=held.shape[1])
        kept = np.flatnonzero(holders >= self.rarest)
        return kept, np.log((1 + held.shape[0]) / (1 + holders[kept])) + 1

    def _read(self, found: Words, texts: int) -> _Read:
        check_is_fitted(self)
        said_keys, spelled_keys = self._places()
        _, first, which = np.unique(found.key, return_index=True, return_inverse=True)
        pairs, (heads, tails) = pairs_of(found), _ends(found)
        column = np.concatenate(
            [
                said_keys.find(found.key[first])[which],
                said_keys.find(pair_keys(found, pairs)),
                said_keys.find(end_keys(found, heads, tails)),
            ]
        )
        text = _owners(found, pairs, heads, tails)
        known = column >= 0
        said = ones(text[known], column[known], texts, len(self.said_keys_))
        said.data = self.said_weights_[said.indices]
        word, keys = spellings(found, first, self.shortest, self.longest)
        column = spelled_keys.find(keys)
        known = column >= 0
        spelled = csr_matrix(
            (self.spelled_weights_[column[known]], (word[known], column[known])),
            shape=(len(first), len(self.spelled_keys_)),
        )
        holds = ones(found.text, which, texts, len(first))
        meant = np.zeros((len(first), 0), np.float32)
        if self.vectors is not None:
            meant = self.vectors.of(found.key[first], self.meant_weights_)
        points = holds.astype(np.float32) @ meant
        said_squares = squares(said)
        # A text without a known word says nothing, however it is spelled.
        known = said_squares > 0
        parts = (said_squares, holds @ squares(spelled), (points**2).sum(axis=1))
        return _Read(said, holds, spelled, meant, points, *(scales(part * known) for part in parts))

    def _said_alone(self, keys: Keys, often: Places) -> csr_matrix:
        column = self._places()[0].find(keys)
        row = np.flatnonzero(column >= 0)
        shares = self.said_weights_[column[row]] / often[row]
        return csr_matrix((shares, (row, column[row])), (len(keys), len(self.said_keys_)))

    def _said_at_ends(self, found: Words) -> csr_matrix:
        heads, tails = _ends(found)
        column = self._places()[0].find(end_keys(found, heads, tails))
        known = column >= 0
        row, column = np.concatenate([heads, tails])[known], column[known]
        shape = (len(found.key), len(self.said_keys_))
        return csr_matrix((self.said_weights_[column], (row, column)), shape)


class _Read(NamedTuple):
    """
    A batch taken apart: what the texts say, which words they hold, how those are spelled and meant.

    `points` are the texts' meanings. The scales make every part of a text's row 1 long.
    """

    said: csr_matrix
    holds: csr_matrix
    spelled: csr_matrix
    meant: NDArray[np.float32]
    points: NDArray[np.float32]
    said_scale: Floats
    spelled_scale: Floats
    meant_scale: Floats


def _checked(texts: Sequence[str]) -> Sequence[str]:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        message = "features are made of a list of texts"
        raise ValueError(message)
    return texts


def pairs_of(found: Words) -> Places:
    """Return where a word has a neighbour to its right in the same text."""
    return np.flatnonzero(found.text[1:] == found.text[:-1])


def _often(text: Places, which: Places) -> Places:
    """Return how often each of these is in its own text."""
    _, at, times = np.unique(
        np.stack([text, which]), axis=1, return_inverse=True, return_counts=True
    )
    return times[at.ravel()]


def _ends(found: Words) -> tuple[Places, Places]:
    """Return where each text's first word stands, and where its last."""
    edges = np.flatnonzero(found.text[1:] != found.text[:-1])
    some = min(len(found.text), 1)
    heads = np.concatenate([np.zeros(some, np.int64), edges + 1])
    return heads, np.concatenate([edges, np.full(some, len(found.text) - 1)])


def _owners(found: Words, pairs: Places, heads: Places, tails: Places) -> Places:
    """Return in which text each word, pair and end stands."""
    return np.concatenate([found.text, found.text[pairs], found.text[heads], found.text[tails]])
