"""How good a classifier trained on a labelled file is on the rest of it: n-fold cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from classify.classifier import FEWEST, Classifier
from classify.evaluate import Figures, evaluate
from classify.examples import Examples, Labelled
from classify.labels import Label, Labels
from models.errors import SetupError
from models.voice import near


def labels_of(rows: Sequence[Labelled], names: Sequence[str]) -> Labels:
    """Return labels as a file has them: its own shares, put where more likely than not."""
    return Labels(
        Label(
            name=name,
            title=name[:40],
            meaning="as in the file",
            threshold=0.5,
            share=sum(name in one.labels for one in rows) / len(rows),
            order=order,
            colour="#000000",
        )
        for order, name in enumerate(names)
    )


def judge(
    rows: Sequence[Labelled], labels: Labels, folds: int, say: Callable[[str], None]
) -> Figures:
    """
    Return the figures over `folds` parts, each scored by a classifier trained on the others.

    Texts that say the same fall into one part. SetupError if a label is too rare for that.
    """
    examples = Examples(rows, labels)
    if not 2 <= folds <= len(examples):
        message = f"{len(examples)} posts can't be cut into {folds} parts"
        raise SetupError(message, "choose --folds from 2 to the number of posts")
    if not len(labels):
        message = "no post carries a label"
        raise SetupError(message, "name the column of labels: --set labels=COLUMN")
    draw = np.random.default_rng(0)
    nears = [near(text) for text in examples.texts]
    distinct = sorted(set(nears))
    part_of = dict(zip(distinct, draw.permutation(len(distinct)) % folds, strict=True))
    parts = np.array([part_of[one] for one in nears])
    scores = np.zeros(examples.truth.shape)
    for part in range(folds):
        say(f"part {part + 1} of {folds} …")
        out = np.flatnonzero(parts == part)
        rest = [_row(examples, labels, row) for row in np.flatnonzero(parts != part).tolist()]
        classifier = Classifier.train(labels, Examples(rest, labels))
        # Whoever labelled a text could read it, whatever its language.
        scores[out] = classifier.pipeline.predict_proba([examples.texts[row] for row in out])
    return evaluate(examples.truth, scores, labels)


def enough(rows: Sequence[Labelled], names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return which labels can be judged, and which are too rare or on nearly every post."""
    counts = {name: sum(name in one.labels for one in rows) for name in names}
    fewest = 2 * FEWEST
    fit = [name for name in names if fewest <= counts[name] <= len(rows) - fewest]
    return fit, [name for name in names if name not in fit]


def _row(examples: Examples, labels: Labels, row: int) -> Labelled:
    truth = examples.truth[row]
    names = tuple(n for n, there in zip(labels.names, truth.tolist(), strict=True) if there == 1)
    judged = tuple(n for n, told in zip(labels.names, truth.tolist(), strict=True) if told >= 0)
    return Labelled(examples.texts[row], names, judged, float(examples.weights[row]))
