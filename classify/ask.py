"""
Asking: which posts teach most if a person says what they are.

Those the classifier is least sure of, and among them such as don't resemble each other: ten copies
of one doubt are one question.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classify.classifier import Classifier

LOOKED_AT = 4_000
"""Least sure posts among which the different ones are sought."""


def choose(classifier: Classifier, texts: Sequence[str], most: int) -> list[int]:
    """
    Return the places of up to `most` texts to ask about, most telling first.

    Texts nobody can read are never asked about.
    """
    looks = classifier.look(texts)
    doubt = _doubt(looks.scores)
    able = np.flatnonzero(looks.scores.any(axis=1))
    able = able[np.argsort(-doubt[able], kind="stable")][:LOOKED_AT]
    rows = classifier.features.transform([texts[place] for place in able.tolist()])
    worth = doubt[able]
    novel = np.ones(len(able))
    chosen: list[int] = []
    while len(chosen) < min(most, len(able)):
        best = int(np.argmax(np.where(novel < 0, -1.0, worth * novel)))
        chosen.append(int(able[best]))
        # A row's parts are each 1 long, so what is alike in all has the product of a row with itself.
        likeness = (rows @ rows[best].T).toarray().ravel()
        likeness /= likeness[best]
        novel = np.minimum(novel, 1 - likeness)
        novel[best] = -1.0
    return chosen


def _doubt(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each row how much isn't known about it: the entropy of its labels, in bits."""
    p = np.clip(scores, 1e-9, 1 - 1e-9)
    bits: NDArray[np.float64] = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    doubt: NDArray[np.float64] = bits.sum(axis=1)
    return doubt
