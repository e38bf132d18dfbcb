"""
Asking: which posts teach most if a person says what they are.

Those the classifier is least sure of, and among them such as don't resemble each other: ten copies
of one doubt are one question.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classify.classifier import Classifier

LOOKED_AT = 4_000
"""Least sure posts among which the different ones are sought."""


def choose(classifier: Classifier, texts: Sequence[str], most: int) -> list[int]:
    """
    Return the places of up to `most` texts to ask about, most telling first.

    Texts nobody can read are never asked about, nor is what a label's own labels say: whoever answers
    sees them beside it.
    """
    scores = classifier.scores(texts)[:, [not label.under for label in classifier.labels]]
    able = np.flatnonzero(scores.any(axis=1))
    able = able[np.argsort(-_doubt(scores[able]), kind="stable")][:LOOKED_AT]
    rows = classifier.features.transform([texts[place] for place in able.tolist()])
    return [int(able[place]) for place in spread(scores[able], rows, most)]


def spread(scores: NDArray[np.float64], rows: csr_matrix, most: int) -> list[int]:
    """
    Return the places of up to `most` of n posts, those in doubt and unlike each other first.

    From their scores, (n, labels), and their features, (n, features).
    """
    worth = _doubt(scores)
    novel = np.ones(len(worth))
    chosen: list[int] = []
    while len(chosen) < min(most, len(worth)):
        best = int(np.argmax(np.where(novel < 0, -1.0, worth * novel)))
        chosen.append(best)
        # A row's parts are each 1 long, so what is alike in all has the product of a row with itself.
        likeness = (rows @ rows[best].T).toarray().ravel()
        novel = np.minimum(novel, 1 - likeness / max(likeness[best], 1e-9))
        novel[best] = -1.0
    return chosen


def _doubt(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each row how much isn't known about its least sure label: its entropy, in bits."""
    p = np.clip(scores, 1e-9, 1 - 1e-9)
    bits: NDArray[np.float64] = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    doubt: NDArray[np.float64] = bits.max(axis=1)
    return doubt
