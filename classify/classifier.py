"""The classifier: texts in, a calibrated score per label out, tags where it is high enough."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from classify import features, saved
from classify.examples import Examples
from classify.labels import Labels
from classify.saved import Card
from classify.scorer import FOLDS
from models.errors import SetupError
from models.tag import CLASSIFIER, Tag
from models.voice import near

FEWEST = 10
"""Examples a label needs, with and without it."""


class Classifier:
    """
    Puts labels on texts. The same examples, labels and libraries give the same fingerprint.

    `labels` are those of today: a threshold may differ from the one it was trained with, and then
    the fingerprint does too.
    """

    def __init__(self, labels: Labels, pipeline: Pipeline, card: Card) -> None:
        self.labels = labels
        self.pipeline = pipeline
        thresholds = dict(zip(labels.names, labels.thresholds, strict=True))
        self.card = msgspec.structs.replace(
            card, thresholds=thresholds, fingerprint=_fingerprint(card, thresholds)
        )
        self._thresholds = np.array(labels.thresholds)

    @classmethod
    def train(
        cls, labels: Labels, examples: Examples, progress: Callable[[str], None] | None = None
    ) -> Classifier:
        """Return a classifier trained from examples; SetupError if a label has too few of them."""
        say = progress or (lambda _: None)
        counts = dict(zip(labels.names, examples.truth.sum(axis=0).tolist(), strict=True))
        for name, count in counts.items():
            if min(count, len(examples) - count) < FEWEST:
                _too_few(name, count, len(examples))
        say(f"training the classifier from {len(examples):,} examples, a few seconds …")
        pipeline = features.make()
        # Copies of one text belong into one fold, or the classifier would be tested on what it saw.
        folds = np.array([near(text) % FOLDS for text in examples.texts])
        try:
            pipeline.fit(list(examples.texts), examples.truth, scorer__folds=folds)
        except ValueError as error:
            message = f"the examples don't teach anything: {error}"
            raise SetupError(
                message, "add examples of every label, in many different words"
            ) from error
        card = Card(
            labels=labels.names,
            thresholds={},
            examples=len(examples),
            counts=counts,
            examples_digest=examples.digest,
            features=features.VERSION,
            sklearn=sklearn.__version__,
        )
        return cls(labels, pipeline, card)

    @classmethod
    def load(cls, folder: Path, labels: Labels) -> Classifier:
        """Return the classifier in `folder`; ClassifierStale if it is damaged or doesn't fit."""
        return cls(labels, *saved.read(folder, labels))

    def save(self, folder: Path, made_at: datetime | None = None) -> None:
        """Keep it in `folder`, whole or not at all; SetupError if that can't be written."""
        saved.write(folder, self.pipeline, self.card, made_at)

    @property
    def fingerprint(self) -> str:
        """12 hex digits that stand for labels, thresholds, examples, features and scikit-learn."""
        return self.card.fingerprint

    @property
    def by(self) -> str:
        """Who its tags are by."""
        return CLASSIFIER + self.fingerprint

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of each label, (n, labels); 0 for a text with no known word."""
        if not texts:
            return np.zeros((0, len(self.labels)))
        scores: NDArray[np.float64] = self.pipeline.predict_proba(texts)
        return scores

    def put(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where a score reaches its label's threshold, (n, labels)."""
        return scores >= self._thresholds

    def tag(self, posts: Sequence[tuple[int, str]]) -> list[Tag]:
        """Return the tags for (id, text) pairs, in their order: one for each score high enough."""
        scores = self.scores([text for _, text in posts])
        names, by = self.labels.names, self.by
        return [
            Tag(post_id=posts[row][0], label=names[label], by=by, score=float(scores[row, label]))
            for row, label in np.argwhere(self.put(scores)).tolist()
        ]


def _fingerprint(card: Card, thresholds: dict[str, float]) -> str:
    parts = (thresholds, card.examples_digest, card.features, card.sklearn)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:12]


def _too_few(name: str, count: int, examples: int) -> None:
    message = f"{count} of {examples} examples carry the label {name}"
    remedy = f"at least {FEWEST} must carry it and {FEWEST} must not; add examples"
    raise SetupError(message, remedy)
