"""
Listening: what a classifier can learn from posts nobody has labelled.

Every incident has words of its own. The posts of which the classifier is fairly sure are taken as
examples, for the labels it is sure about; so their other words get a weight too. A guess never counts
for calibration, and the gate still has to let the outcome pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from classify.classifier import Classifier
from classify.examples import Labelled
from models.voice import near

SURE = 0.3
"""How far from even a score must be, 0 to 1, for its label to be taken as known."""

MOST = 5_000
"""Guesses that count at most, so that they never outweigh what people said."""


def guesses(
    classifier: Classifier, texts: Sequence[str], known: Iterable[Labelled]
) -> list[Labelled]:
    """Return texts as examples labelled by the classifier; none that `known` examples say already."""
    said = {near(one.text) for one in known}
    fresh = {near(text): text for text in texts}
    mine = [text for mark, text in fresh.items() if mark not in said][:MOST]
    looks = classifier.look(mine)
    sure = np.abs(2 * looks.scores - 1) >= SURE
    sure[looks.unsupported | ~looks.scores.any(axis=1)] = False
    names = classifier.labels.names
    return [
        Labelled(
            text,
            tuple(n for n, there, p in zip(names, told, scores, strict=True) if there and p > 0.5),
            tuple(n for n, there in zip(names, told, strict=True) if there),
            guessed=True,
        )
        for text, told, scores in zip(mine, sure.tolist(), looks.scores.tolist(), strict=True)
        if any(told)
    ]
