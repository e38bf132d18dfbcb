"""What every measurement shares: repeating it, taking the middle, judging scores."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics import average_precision_score, roc_auc_score

from classify.scorer import STRENGTH, weigh

Figures = dict[str, float]
Scores = NDArray[np.float64]
Taught = tuple[csr_matrix, NDArray[np.int8], NDArray[np.float64]]
"""Features, truth and weights of examples."""


def medians(measure: Callable[[], Figures], times: int) -> Figures:
    """Return the median of each figure over a few runs."""
    runs = [measure() for _ in range(times)]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def aucs(truth: NDArray[Any], scores: NDArray[Any]) -> list[float]:
    """Return the ROC AUC of each label."""
    return [float(roc_auc_score(truth[:, at], scores[:, at])) for at in range(truth.shape[1])]


def average_precisions(truth: NDArray[Any], scores: NDArray[Any]) -> list[float]:
    """Return the average precision of each label."""
    return [
        float(average_precision_score(truth[:, at], scores[:, at])) for at in range(truth.shape[1])
    ]


def shown(figures: list[float]) -> str:
    """Return figures as they are printed: 0.861 / 0.928 / 0.941."""
    return " / ".join(f"{one:.3f}" for one in figures)


def odds(rows: csr_matrix, taught: Taught, strength: float = STRENGTH) -> Scores:
    """Return what a scorer taught by these examples says of rows, (n, labels), not calibrated."""
    base, truth, weights = taught
    columns = [weigh(base, truth[:, at], weights, strength) for at in range(truth.shape[1])]
    return np.column_stack([rows @ coef + start for coef, start in columns])
