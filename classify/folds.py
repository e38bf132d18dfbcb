"""How good a classifier trained on a labelled file is on the rest of it: n-fold cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from classify.classifier import Classifier
from classify.evaluate import Figures, evaluate
from classify.examples import Examples, Labelled
from classify.labels import Label, Labels
from classify.scorer import FEWEST
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

    Texts that say the same fall into one part; with fewer different ones there are fewer parts. A
    label too rare in what is left to learn from is left out and named; SetupError if all are.
    """
    examples = Examples(rows, labels)
    nears = [near(text) for text in examples.texts]
    different = len(set(nears))
    if not 2 <= folds <= len(examples):
        message = f"{len(examples)} posts can't be cut into {folds} parts"
        raise SetupError(message, "choose --folds from 2 to the number of posts")
    if different < 2:
        message = f"{len(examples)} posts that say the same can't be cut into parts"
        raise SetupError(message, "measure on posts that differ")
    if not len(labels):
        message = "no post carries a label that can be judged"
        remedy = f"name the column of labels: --set labels=COLUMN; each needs {2 * FEWEST} posts"
        raise SetupError(message, remedy)
    if different < folds:
        say(f"only {different} posts are different: as many parts")
        folds = different
    parts = _parts(nears, examples.truth, folds)
    labels = _learnable(labels, examples.truth, parts, say)
    examples = Examples(rows, labels)
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


def _parts(nears: Sequence[int], truth: NDArray[np.int8], folds: int) -> NDArray[np.int64]:
    """Return each post's part: what says the same in one, every label spread evenly, the rare first."""
    distinct, which = np.unique(np.array(nears, np.int64), return_inverse=True)
    # The last column counts the posts themselves, so every text has one that counts it.
    counted = np.column_stack([truth == 1, np.ones(len(truth), bool)]).astype(np.int64)
    held = np.zeros((len(distinct), counted.shape[1]), np.int64)
    np.add.at(held, which, counted)
    rarest = np.argsort(held.sum(axis=0), kind="stable")
    rank = (held[:, rarest] > 0).argmax(axis=1)
    draw = np.random.default_rng(0).permutation(len(distinct))
    dealt = np.zeros((folds, held.shape[1]), np.int64)
    part_of = np.zeros(len(distinct), np.int64)
    for text in draw[np.argsort(rank[draw], kind="stable")].tolist():
        part = np.lexsort((dealt[:, -1], dealt[:, rarest[rank[text]]]))[0]
        dealt[part] += held[text]
        part_of[text] = part
    return part_of[which]


def _learnable(
    labels: Labels, truth: NDArray[np.int8], parts: NDArray[np.int64], say: Callable[[str], None]
) -> Labels:
    """Return the labels of which enough is left to learn whichever part is out; SetupError if none."""
    rests = [truth[parts != part] for part in np.unique(parts)]
    fewest = np.min(
        [[(rest == side).sum(axis=0) for side in (0, 1)] for rest in rests], axis=(0, 1)
    )
    left = [label for label, count in zip(labels, fewest, strict=True) if count >= FEWEST]
    rare = [label.name for label in labels if label not in left]
    if rare:
        say(f"left out, too rare or on nearly every post for {len(rests)} parts: {', '.join(rare)}")
    if not left:
        message = f"no label has {FEWEST} posts with it and {FEWEST} without outside each part"
        raise SetupError(message, "label more posts that say different things, or try more --folds")
    return Labels(left)


def _row(examples: Examples, labels: Labels, row: int) -> Labelled:
    truth = examples.truth[row]
    names = tuple(n for n, there in zip(labels.names, truth.tolist(), strict=True) if there == 1)
    judged = tuple(n for n, told in zip(labels.names, truth.tolist(), strict=True) if told >= 0)
    return Labelled(examples.texts[row], names, judged, float(examples.weights[row]))
