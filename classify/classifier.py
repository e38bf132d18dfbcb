"""The classifier: texts in, a calibrated score per label out, tags where it is high enough."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import sklearn
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.pipeline import Pipeline

from classify import saved
from classify.examples import Examples
from classify.features import VERSION, Features
from classify.labels import Labels
from classify.language import unsupported
from classify.saved import Card
from classify.scorer import FEWEST, FOLDS, Scorer
from classify.vectors import Vectors
from classify.words import words
from models.errors import SetupError
from models.tag import CLASSIFIER, Tag
from models.voice import near

PART = 2_000
"""Texts looked at in one go: what comes of more takes room, and time too once it no longer fits into a cache."""


class Looks(NamedTuple):
    """
    What the classifier makes of n texts.

    `scores` are probabilities, (n, labels). They are 0 where no word is known, and where a text is
    `unsupported`: in a language the classifier hasn't learnt.
    """

    scores: NDArray[np.float64]
    unsupported: NDArray[np.bool_]


def make(labels: Labels, vectors: Vectors | None = None) -> Pipeline:
    """Return the classifier's pipeline, not yet fitted: texts in, a probability per label out."""
    width = 0 if vectors is None else vectors.width
    under = tuple(labels.place(label.under or label.name) for label in labels)
    return Pipeline(
        [
            ("features", Features(vectors=vectors)),
            ("scorer", Scorer(shares=labels.shares, meant=width, under=under)),
        ]
    )


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
        self.features: Features = pipeline.named_steps["features"]
        self.scorer: Scorer = pipeline.named_steps["scorer"]
        self._thresholds = np.array(labels.thresholds)
        self._learnt: NDArray[np.int64] | None = None

    @classmethod
    def train(
        cls,
        labels: Labels,
        examples: Examples,
        progress: Callable[[str], None] | None = None,
        vectors: Vectors | None = None,
    ) -> Classifier:
        """
        Return a classifier trained from examples; SetupError if a label has too few of them.

        One that only tells more of another is then never put.
        With `vectors` it also weighs what words mean.
        """
        say = progress or (lambda _: None)
        counts = dict(zip(labels.names, (examples.truth == 1).sum(axis=0).tolist(), strict=True))
        without = (examples.truth == 0).sum(axis=0).tolist()
        for label, other in zip(labels, without, strict=True):
            if not label.under and min(counts[label.name], other) < FEWEST:
                _too_few(label.name, counts[label.name], len(examples))
        say(f"training the classifier from {len(examples):,} examples, a few seconds …")
        pipeline = make(labels, vectors)
        # Copies of one text belong into one fold, or the classifier would be tested on what it saw.
        learnt = np.array([near(text) for text in examples.texts], np.int64)
        folds = learnt % FOLDS
        try:
            pipeline.fit(
                list(examples.texts),
                examples.truth,
                scorer__folds=folds,
                scorer__weights=examples.weights,
                scorer__guessed=examples.guessed,
            )
        except ValueError as error:
            message = f"the examples don't teach anything: {error}"
            raise SetupError(
                message, "add examples of every label, in many different words"
            ) from error
        card = Card(
            labels=labels.names,
            thresholds={},
            shares=dict(zip(labels.names, labels.shares, strict=True)),
            examples=len(examples),
            counts=counts,
            examples_digest=examples.digest,
            features=VERSION,
            vectors="" if vectors is None else vectors.digest,
            sklearn=sklearn.__version__,
        )
        classifier = cls(labels, pipeline, card)
        classifier._learnt = learnt
        return classifier

    @classmethod
    def load(cls, folder: Path, labels: Labels) -> Classifier:
        """Return the classifier in `folder`; ClassifierStale if it is damaged or doesn't fit."""
        return cls(labels, *saved.read(folder, labels))

    def save(self, folder: Path, made_at: datetime | None = None) -> None:
        """Keep it in `folder`, whole or not at all; SetupError if that can't be written."""
        saved.write(folder, self.pipeline, self.card, made_at, self._learnt)

    @property
    def fingerprint(self) -> str:
        """12 hex digits that stand for labels, thresholds, examples, features and scikit-learn."""
        return self.card.fingerprint

    @property
    def by(self) -> str:
        """Who its tags are by."""
        return CLASSIFIER + self.fingerprint

    def look(self, texts: Sequence[str]) -> Looks:
        """Return the scores of n texts, and which of them it can't read."""
        parts = [self._look(texts[at : at + PART]) for at in range(0, len(texts) or 1, PART)]
        scores, unread = zip(*parts, strict=True)
        return Looks(np.concatenate(scores), np.concatenate(unread))

    def _look(self, texts: Sequence[str]) -> Looks:
        found = words(texts)
        sums, known = self.features.weighed(found, len(texts), self.scorer.coef_)
        unread = unsupported(found, len(texts), self.features.said_keys_)
        scores = expit(sums + self.scorer.intercept_)
        scores[unread | ~known] = 0.0
        return Looks(scores, unread)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of each label, (n, labels)."""
        return self.look(texts).scores

    def put(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where a score reaches its label's threshold, (n, labels)."""
        return scores >= self._thresholds

    def tag(self, posts: Sequence[tuple[int, str]]) -> tuple[list[Tag], list[int]]:
        """
        Return the tags for (id, text) pairs, one for each score high enough, in their order.

        And the ids of the posts it can't read.
        """
        looks = self.look([text for _, text in posts])
        names, by = self.labels.names, self.by
        tags = [
            Tag(post_id=posts[row][0], label=names[label], by=by, score=float(score))
            for (row, label), score in zip(
                np.argwhere(self.put(looks.scores)).tolist(),
                looks.scores[self.put(looks.scores)].tolist(),
                strict=True,
            )
        ]
        return tags, [posts[row][0] for row in np.flatnonzero(looks.unsupported).tolist()]


def _fingerprint(card: Card, thresholds: dict[str, float]) -> str:
    made_of = (card.examples_digest, card.features, card.sklearn, card.vectors)
    parts = (thresholds, card.shares, *made_of)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:12]


def _too_few(name: str, count: int, examples: int) -> None:
    message = f"{count} of {examples} examples carry the label {name}"
    remedy = f"at least {FEWEST} must carry it and {FEWEST} must not; add examples"
    raise SetupError(message, remedy)
