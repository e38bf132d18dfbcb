"""How good the scores are, beside what a person says. Pure."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from classify.labels import Labels

_COMPLAINT, _PRAISE = "complaint", "praise"


class LabelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How well one label is found. None where a figure has no meaning, such as with no such post."""

    label: str
    threshold: float
    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None
    roc_auc: float | None
    support: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """
    How well all are found.

    `macro_f1` is the mean over the labels that some post carries. `false_praise` is the share of
    true complaints that were tagged praise: the mistake that would embarrass us most.
    """

    posts: int
    labels: tuple[LabelFigures, ...]
    macro_f1: float | None
    false_praise: float | None


def evaluate(truth: NDArray[Any], scores: NDArray[Any], labels: Labels) -> Figures:
    """Return the figures for (n, labels) of 0 and 1 beside (n, labels) of scores."""
    true = truth.astype(bool)
    put = scores >= np.array(labels.thresholds)
    figures = tuple(
        _one(name, threshold, true[:, at], put[:, at], scores[:, at])
        for at, (name, threshold) in enumerate(zip(labels.names, labels.thresholds, strict=True))
    )
    f1s = [one.f1 for one in figures if one.support and one.f1 is not None]
    return Figures(
        posts=len(true),
        labels=figures,
        macro_f1=_share(sum(f1s), len(f1s)),
        false_praise=_false_praise(true, put, labels),
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
    return LabelFigures(
        label=name,
        threshold=threshold,
        precision=_share(hits, int(put.sum())),
        recall=_share(hits, support),
        f1=_share(2 * hits, int(put.sum()) + support),
        average_precision=float(average_precision_score(true, scores)) if support else None,
        roc_auc=float(roc_auc_score(true, scores)) if both else None,
        support=support,
    )


def _false_praise(true: NDArray[np.bool_], put: NDArray[np.bool_], labels: Labels) -> float | None:
    if _COMPLAINT not in labels.names or _PRAISE not in labels.names:
        return None
    complaints = true[:, labels.place(_COMPLAINT)]
    return _share(int(put[complaints, labels.place(_PRAISE)].sum()), int(complaints.sum()))


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
