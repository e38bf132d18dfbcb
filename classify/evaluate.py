"""How good the scores are, beside what a person says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from classify.labels import Labels
from classify.scorer import UNKNOWN

BINS = 10
"""Bins of the score in a reliability figure."""

COMPLAINT, PRAISE = "complaint", "praise"


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Posts with about the same score: the mean score, and the share that carries the label."""

    posts: int
    score: float
    share: float


class LabelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """
    How well one label is found. None where a figure has no meaning, such as with no such post.

    `both_f1` is the mean of the F1 of posts with the label and of those without, the macro-F1 of
    studies with one label. `calibration_error` is how far the scores are from the share of posts
    that carry the label, in ten equal bins of the score (ECE; Naeini and others, 2015), and
    `reliability` the figure behind it.
    """

    label: str
    threshold: float
    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None
    roc_auc: float | None
    support: int
    both_f1: float | None
    calibration_error: float | None
    reliability: tuple[Bin, ...]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """
    How well all are found.

    `macro_f1` is the mean over the labels that stand by themselves and some post carries, and
    `macro_f1_under` the same of the labels that tell more of one, by its name. `false_praise` is the share of
    true complaints that were tagged praise: the mistake that would embarrass us most.
    `calibration_error` is the mean over the labels.
    """

    posts: int
    labels: tuple[LabelFigures, ...]
    macro_f1: float | None
    macro_f1_under: dict[str, float]
    false_praise: float | None
    calibration_error: float | None


def evaluate(truth: NDArray[Any], scores: NDArray[Any], labels: Labels) -> Figures:
    """Return the figures for (n, labels) of 1, 0 and UNKNOWN beside (n, labels) of scores."""
    true = truth == 1
    put = scores >= np.array(labels.thresholds)
    told = truth != UNKNOWN
    figures = tuple(
        _one(name, threshold, *(column[told[:, at], at] for column in (true, put, scores)))
        for at, (name, threshold) in enumerate(zip(labels.names, labels.thresholds, strict=True))
    )
    f1s: dict[str, list[float]] = {}
    for label, one in zip(labels, figures, strict=True):
        if one.support and one.f1 is not None:
            f1s.setdefault(label.under, []).append(one.f1)
    return Figures(
        posts=len(true),
        labels=figures,
        macro_f1=_mean(f1s.pop("", [])),
        macro_f1_under={name: sum(each) / len(each) for name, each in f1s.items()},
        false_praise=_false_praise(true, put, labels),
        calibration_error=_mean(
            [one.calibration_error for one in figures if one.calibration_error is not None]
        ),
    )


def _one(
    name: str,
    threshold: float,
    true: NDArray[np.bool_],
    put: NDArray[np.bool_],
    scores: NDArray[Any],
) -> LabelFigures:
    hits, support = int((true & put).sum()), int(true.sum())
    both = 0 < support < len(true)
    misses, left = int((~true & ~put).sum()), len(true) - support
    f1 = _share(2 * hits, int(put.sum()) + support)
    without = _share(2 * misses, int((~put).sum()) + left)
    bins = _bins(true, scores)
    return LabelFigures(
        label=name,
        threshold=threshold,
        precision=_share(hits, int(put.sum())),
        recall=_share(hits, support),
        f1=f1,
        average_precision=float(average_precision_score(true, scores)) if support else None,
        roc_auc=float(roc_auc_score(true, scores)) if both else None,
        support=support,
        both_f1=None if f1 is None or without is None else (f1 + without) / 2,
        calibration_error=_share(
            sum(one.posts * abs(one.score - one.share) for one in bins), len(true)
        ),
        reliability=bins,
    )


def _bins(true: NDArray[np.bool_], scores: NDArray[Any]) -> tuple[Bin, ...]:
    places = np.minimum((scores * BINS).astype(int), BINS - 1)
    return tuple(
        Bin(
            posts=int(there.sum()),
            score=float(scores[there].mean()),
            share=float(true[there].mean()),
        )
        for there in (places == place for place in range(BINS))
        if there.any()
    )


def _false_praise(true: NDArray[np.bool_], put: NDArray[np.bool_], labels: Labels) -> float | None:
    if COMPLAINT not in labels.names or PRAISE not in labels.names:
        return None
    complaints = true[:, labels.place(COMPLAINT)]
    return _share(int(put[complaints, labels.place(PRAISE)].sum()), int(complaints.sum()))


def _mean(values: Sequence[float]) -> float | None:
    return _share(sum(values), len(values))


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
