"""
Features: what the classifier weighs in a text.

Words and pairs of neighbours, weighed by TF-IDF, and beside them how the words are spelled
(stretches of 3 to 5 letters), which helps with typos and forms never seen. The spelling of a word
is worked out once for a batch and reaches the posts through one sparse product, which is what
makes it cheap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline

from classify.scorer import Scorer
from classify.words import Words

VERSION = 1
"""Raised whenever the same examples would give another classifier."""

_NOT_SAVED = "_places"


def make() -> Pipeline:
    """Return the classifier's pipeline, not yet fitted: texts in, a probability per label out."""
    return Pipeline([("features", Features()), ("scorer", Scorer())])


class Features(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """
    Texts to a sparse matrix: words and pairs on the left, their spelling on the right.

    A feature is kept if `rarest` examples have it. Each half of a row has length 1; a text without
    a known word has an empty row.
    """

    def __init__(self, rarest: int = 2, shortest: int = 3, longest: int = 5) -> None:
        self.rarest = rarest
        self.shortest = shortest
        self.longest = longest

    def fit(self, texts: Sequence[str], y: object = None) -> Self:  # noqa: ARG002  sklearn's contract
        """Learn which features there are and how rare each is."""
        said: Counter[str] = Counter()
        spelled: Counter[str] = Counter()
        words = Words()
        for text in texts:
            found = words.of(text)
            said.update(_with_pairs(found).keys())
            spelled.update({part for word in found for part in self._parts(word)})
        # Arrays of text are saved in one piece; a dict would be saved entry by entry.
        self.said_, self.said_weights_ = self._kept(said, len(texts))
        self.spelled_, self.spelled_weights_ = self._kept(spelled, len(texts))
        self.__dict__.pop(_NOT_SAVED, None)
        return self

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return the features of n texts as an (n, features) matrix."""
        words = Words()
        found = [words.of(text) for text in texts]
        said = self._said([_with_pairs(one) for one in found])
        known = np.diff(said.indptr) > 0
        distinct = [
            dict.fromkeys(one) if knows else {} for one, knows in zip(found, known, strict=True)
        ]
        places = {
            word: place for place, word in enumerate(dict.fromkeys(w for d in distinct for w in d))
        }
        spelled = _ones(distinct, places) @ self._spelling(places)
        return hstack([_scaled(said, _lengths(said)), _scaled(spelled, _lengths(spelled))], "csr")

    def pieces(self, text: str) -> tuple[list[str], csr_matrix]:
        """
        Return a text's distinct words and pairs, and the share each has in its features.

        The rows of the matrix add up to the row that `transform` gives for the text.
        """
        found = Words().of(text)
        names = list(_with_pairs(found))
        said = self._said([[name] for name in names])
        if not said.nnz:
            return names, csr_matrix((len(names), len(self.said_) + len(self.spelled_)))
        spelled = self._spelling(dict.fromkeys(found))
        # The distinct words come first, the pairs after them are not spelled.
        spelled.resize(len(names), spelled.shape[1])
        halves = [half / (np.linalg.norm(half.sum(axis=0)) or 1.0) for half in (said, spelled)]
        return names, hstack(halves, "csr")

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be worked out again."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != _NOT_SAVED}

    def _said(self, rows: Sequence[Iterable[str]]) -> csr_matrix:
        said = _ones(rows, self._known()[0])
        said.data = self.said_weights_[said.indices]
        return said

    def _spelling(self, words: Iterable[str]) -> csr_matrix:
        spelled = _ones([self._parts(word) for word in words], self._known()[1])
        spelled.data = self.spelled_weights_[spelled.indices]
        return spelled

    def _known(self) -> tuple[dict[str, int], dict[str, int]]:
        if _NOT_SAVED not in self.__dict__:
            self._places = (_numbered(self.said_), _numbered(self.spelled_))
        return self._places

    def _parts(self, word: str) -> dict[str, None]:
        framed = f" {word} "
        sizes = range(self.shortest, self.longest + 1)
        return {framed[i : i + n]: None for n in sizes for i in range(len(framed) - n + 1)}

    def _kept(
        self, counts: Counter[str], texts: int
    ) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
        kept = sorted(name for name, count in counts.items() if count >= self.rarest)
        rarity = [np.log((1 + texts) / (1 + counts[name])) + 1 for name in kept]
        return np.array(kept, np.str_), np.array(rarity, np.float32)


def _with_pairs(words: Sequence[str]) -> dict[str, None]:
    # A dict and not a set: sums of fractions must not depend on how Python hashes today.
    return dict.fromkeys([*words, *map(" ".join, pairwise(words))])


def _numbered(names: NDArray[np.str_]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names.tolist())}


def _ones(rows: Sequence[Iterable[str]], places: Mapping[str, int]) -> csr_matrix:
    columns: list[int] = []
    ends = [0]
    for row in rows:
        columns.extend([places[name] for name in row if name in places])
        ends.append(len(columns))
    ones = np.ones(len(columns), np.float32)
    return csr_matrix((ones, np.array(columns, np.int32), ends), shape=(len(rows), len(places)))


def _lengths(matrix: csr_matrix) -> NDArray[np.float32]:
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    squares = np.bincount(rows, weights=matrix.data**2, minlength=matrix.shape[0])
    lengths: NDArray[np.float32] = np.sqrt(squares).astype(np.float32)
    return lengths


def _scaled(matrix: csr_matrix, lengths: NDArray[np.float32]) -> csr_matrix:
    # A row of length 0 has no entries to divide.
    matrix.data = matrix.data / np.repeat(lengths, np.diff(matrix.indptr))
    return matrix
