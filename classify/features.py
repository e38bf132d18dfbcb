"""
Features: what the classifier weighs in a text.

Words, pairs of neighbours, and the words at both ends of the text (a "thanks" that opens a post and
one that closes it mean different things), weighed by TF-IDF; beside them how the words are spelled
(stretches of 3 to 5 letters), which helps with typos and forms never seen. A feature is known by a
64-bit key worked out for a whole batch in arrays; its name is kept for whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

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

Floats = NDArray[np.float64]

_NOT_SAVED = "_found_by"


class Features(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """
    Texts to a sparse matrix: words, pairs and ends on the left, their spelling on the right.

    A feature is kept if `rarest` examples have it. How often a text repeats itself doesn't count.
    Each half of a row has length 1 (the spelling's is summed up word by word); a text without a
    known word has an empty row.
    """

    def __init__(self, rarest: int = 2, shortest: int = 3, longest: int = 5) -> None:
        self.rarest = rarest
        self.shortest = shortest
        self.longest = longest

    def fit(self, texts: Sequence[str], y: object = None) -> Self:  # noqa: ARG002  sklearn's contract
        """Learn which features there are and how rare each is."""
        found = words(_checked(texts))
        pairs, (heads, tails) = _pairs(found), _ends(found)
        keys, first, which = np.unique(
            np.concatenate([found.key, pair_keys(found, pairs), end_keys(found, heads, tails)]),
            return_index=True,
            return_inverse=True,
        )
        held = _ones(_owners(found, pairs, heads, tails), which, len(texts), len(keys))
        kept, self.said_weights_ = self._kept(held)
        names = found.names()
        names += [
            *(f"{names[at]} {names[at + 1]}" for at in pairs.tolist()),
            *(f"^{names[at]}" for at in heads.tolist()),
            *(f"{names[at]}$" for at in tails.tolist()),
        ]
        self.said_keys_ = keys[kept]
        self.said_ = np.array([names[at] for at in first[kept].tolist()], np.str_)

        _, first, which = np.unique(found.key, return_index=True, return_inverse=True)
        holds = _ones(found.text, which, len(texts), len(first))
        word, keys = spellings(found, first, self.shortest, self.longest)
        names = stretches(found, first, self.shortest, self.longest)
        keys, first, which = np.unique(keys, return_index=True, return_inverse=True)
        kept, self.spelled_weights_ = self._kept(
            holds @ _ones(word, which, holds.shape[1], len(keys))
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
        return hstack([said, spelled], "csr")

    def weighed(
        self, found: Words, texts: int, weights: Floats
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """
        Return what `transform(texts) @ weights` does, and which texts have a known word.

        The weights are (features, labels), the answers (n, labels) and (n). That matrix isn't made:
        the spelling of a word is weighed once for the whole batch.
        """
        read = self._read(found, texts)
        middle = len(self.said_keys_)
        said = (read.said @ weights[:middle]) * read.said_scale[:, None]
        spelled = read.holds @ (read.spelled @ weights[middle:])
        return said + spelled * read.spelled_scale[:, None], read.said_scale > 0

    def pieces(self, text: str) -> tuple[Words, csr_matrix]:
        """
        Return the m words of a text, and the share of its row that each and each pair brings.

        The first m rows of the matrix belong to the words, the rest to the pairs that begin there;
        all of them add up to the row that `transform` gives. A word said twice brings half each
        time; the first and the last word bring that they stand there.
        """
        found = words([text])
        read = self._read(found, 1)
        _, which, times = np.unique(found.key, return_inverse=True, return_counts=True)
        often = times[which]
        alone = self._said_alone(found.key, often) + self._said_at_ends(found)
        spelled = diags(read.spelled_scale[0] / often) @ read.spelled[which]
        alone = hstack([alone * read.said_scale[0], spelled])
        keys = pair_keys(found, _pairs(found))
        _, which, times = np.unique(keys, return_inverse=True, return_counts=True)
        pairs = self._said_alone(keys, times[which]) * read.said_scale[0]
        pairs.resize(pairs.shape[0], alone.shape[1])
        return found, vstack([alone, pairs], "csr")

    def get_feature_names_out(
        self,
        input_features: object = None,  # noqa: ARG002  sklearn's contract
    ) -> NDArray[np.object_]:
        """Return the features' names: "no", "no signal", "^no" and "no$" at the ends, "/sig/"."""
        check_is_fitted(self)
        names = [*self.said_.tolist(), *(f"/{name}/" for name in self.spelled_.tolist())]
        return np.array(names, object)

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

    def _places(self) -> tuple[_Keys, _Keys]:
        if _NOT_SAVED not in self.__dict__:
            self._found_by = (_Keys(self.said_keys_), _Keys(self.spelled_keys_))
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
        pairs, (heads, tails) = _pairs(found), _ends(found)
        column = np.concatenate(
            [
                said_keys.find(found.key[first])[which],
                said_keys.find(pair_keys(found, pairs)),
                said_keys.find(end_keys(found, heads, tails)),
            ]
        )
        text = _owners(found, pairs, heads, tails)
        known = column >= 0
        said = _ones(text[known], column[known], texts, len(self.said_keys_))
        said.data = self.said_weights_[said.indices]
        word, keys = spellings(found, first, self.shortest, self.longest)
        column = spelled_keys.find(keys)
        known = column >= 0
        spelled = csr_matrix(
            (self.spelled_weights_[column[known]], (word[known], column[known])),
            shape=(len(first), len(self.spelled_keys_)),
        )
        holds = _ones(found.text, which, texts, len(first))
        said_squares = _squares(said)
        spelled_squares = np.where(said_squares > 0, holds @ _squares(spelled), 0.0)
        return _Read(said, _scale(said_squares), holds, spelled, _scale(spelled_squares))

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


class _Keys:
    """Sorted keys, found by their first bits: three times as fast as a binary search."""

    _BITS = 18

    def __init__(self, keys: Keys) -> None:
        self._keys = np.append(keys, np.uint64(2**64 - 1))
        self._shift = np.uint64(64 - self._BITS)
        beginnings = np.arange(2**self._BITS, dtype=np.uint64) << self._shift
        self._first = np.searchsorted(keys, beginnings)

    def find(self, wanted: Keys) -> Places:
        """Return where each wanted key stands, -1 where it doesn't."""
        place: Places = self._first[wanted >> self._shift]
        behind = np.flatnonzero(self._keys[place] < wanted)
        while len(behind):
            place[behind] += 1
            behind = behind[self._keys[place[behind]] < wanted[behind]]
        place[(self._keys[place] != wanted) | (place == len(self._keys) - 1)] = -1
        return place


class _Read(NamedTuple):
    """A batch taken apart: what the texts say, which words they hold, how those are spelled."""

    said: csr_matrix
    said_scale: Floats
    holds: csr_matrix
    spelled: csr_matrix
    spelled_scale: Floats


def _checked(texts: Sequence[str]) -> Sequence[str]:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        message = "features are made of a list of texts"
        raise ValueError(message)
    return texts


def _pairs(found: Words) -> Places:
    """Return where a word has a neighbour to its right in the same text."""
    return np.flatnonzero(found.text[1:] == found.text[:-1])


def _ends(found: Words) -> tuple[Places, Places]:
    """Return where each text's first word stands, and where its last."""
    edges = np.flatnonzero(found.text[1:] != found.text[:-1])
    some = min(len(found.text), 1)
    heads = np.concatenate([np.zeros(some, np.int64), edges + 1])
    return heads, np.concatenate([edges, np.full(some, len(found.text) - 1)])


def _owners(found: Words, pairs: Places, heads: Places, tails: Places) -> Places:
    """Return in which text each word, pair and end stands."""
    return np.concatenate(
        [found.text, found.text[pairs], found.text[heads], found.text[tails]]
    )


def _ones(row: Places, column: Places, rows: int, columns: int) -> csr_matrix:
    """Return a matrix with a 1 wherever named, however often it is."""
    ones = csr_matrix((np.ones(len(row)), (row, column)), (rows, columns))
    ones.sum_duplicates()
    ones.data[:] = 1.0
    return ones


def _squares(matrix: csr_matrix) -> Floats:
    """Return the square of each row's length."""
    squares = csr_matrix((matrix.data**2, matrix.indices, matrix.indptr), matrix.shape)
    return np.asarray(squares.sum(axis=1), float).ravel()


def _scale(squares: Floats) -> Floats:
    scale = np.zeros(len(squares))
    np.divide(1.0, np.sqrt(squares), out=scale, where=squares > 0)
    return scale
