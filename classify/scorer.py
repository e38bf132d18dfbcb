"""
The scorer: features in, a calibrated probability per label out.

One logistic regression per label. Each feature is first weighed by how unevenly it falls on the
examples with and without the label (the square root of its log ratio, after the NB-SVM of Wang and
Manning, 2012). Directions of meaning, where the features have them, get a regression of their own,
and its log-odds count a third. A last regression, of one number only, turns what these say of examples they
haven't seen into a probability under the share of posts that carry the label in a real stream. Both
are folded into one weight a feature, and the labels' weights stand in one matrix, so a batch is one
sparse product.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

FOLDS = 5
"""In how many parts the examples are cut for calibration."""

UNKNOWN = -1
"""What the truth holds where nobody said whether the example carries the label."""

_FREE = 1e6
"""Strength at which a regression of one number is as good as unrestrained."""

_MEANT_STRENGTH = 0.01
"""How closely the regression of meanings follows the examples."""

_MEANT_COUNTS = 0.3
"""How much of what meanings say is added to what words say."""

_RARE = 0.05
"""Added to a feature's count on both sides, so that one never seen on a side has a finite ratio."""


class Scorer(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """
    Many labels, each by itself. A greater `strength` follows the examples more closely.

    `shares` says for each label which part of the posts carries it where the classifier will work;
    None takes the examples' own shares. The last `meant` features are directions of meaning.
    """

    def __init__(
        self, strength: float = 2.0, shares: Sequence[float] | None = None, meant: int = 0
    ) -> None:
        self.strength = strength
        self.shares = shares
        self.meant = meant

    def fit(
        self,
        X: csr_matrix,  # noqa: N803  sklearn's names
        y: NDArray[np.int8],
        folds: NDArray[np.int64] | None = None,
        weights: NDArray[np.float64] | None = None,
    ) -> Self:
        """
        Learn from (n, features) and (n, labels) of 1, 0, and UNKNOWN, which isn't learnt from.

        `folds` gives each row a number from 0 to FOLDS - 1; rows that resemble each other belong
        into the same fold. `weights` says how much each row counts. ValueError if a label is on
        none or all of a part of the examples.
        """
        if folds is None:
            folds = np.arange(X.shape[0]) % FOLDS
        if weights is None:
            weights = np.ones(X.shape[0])
        columns = []
        for label in range(y.shape[1]):
            told = y[:, label] != UNKNOWN
            share = None if self.shares is None else self.shares[label]
            columns.append(
                self._fit_one(X[told], y[told, label], folds[told], weights[told], share)
            )
        self.coef_ = np.column_stack([weights for weights, _ in columns])
        self.intercept_ = np.array([start for _, start in columns])
        self.classes_ = np.arange(y.shape[1])
        return self

    def decision_function(self, X: csr_matrix) -> NDArray[np.float64]:  # noqa: N803
        """Return the log-odds of each label, (n, labels)."""
        check_is_fitted(self)
        odds: NDArray[np.float64] = X @ self.coef_ + self.intercept_
        return odds

    def predict_proba(self, X: csr_matrix) -> NDArray[np.float64]:  # noqa: N803
        """Return the probability of each label, (n, labels)."""
        scores: NDArray[np.float64] = expit(self.decision_function(X))
        return scores

    def predict(self, X: csr_matrix) -> NDArray[np.int8]:  # noqa: N803
        """Return 1 for each label more likely than not, (n, labels)."""
        return (self.predict_proba(X) >= 0.5).astype(np.int8)

    def _fit_one(
        self,
        X: csr_matrix,  # noqa: N803
        y: NDArray[np.int8],
        folds: NDArray[np.int64],
        weights: NDArray[np.float64],
        share: float | None,
    ) -> tuple[NDArray[np.float64], float]:
        unseen = np.zeros(len(y))
        for fold in range(FOLDS):
            out = folds == fold
            if out.any():
                coef, start = self._weigh(X[~out], y[~out], weights[~out])
                unseen[out] = X[out] @ coef + start
        # Under the share a real stream has, whatever share the examples have.
        there = weights[y == 1].sum() / weights.sum()
        share = there if share is None else share
        rates = np.where(y == 1, share / there, (1 - share) / (1 - there))
        sure = LogisticRegression(C=_FREE).fit(unseen[:, None], y, weights * rates)
        slope, base = float(sure.coef_[0, 0]), float(sure.intercept_[0])
        coef, start = self._weigh(X, y, weights)
        return slope * coef, slope * start + base

    def _weigh(
        self,
        X: csr_matrix,  # noqa: N803
        y: NDArray[np.int8],
        weights: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], float]:
        said = X[:, : X.shape[1] - self.meant]
        uneven = _unevenness(said, y, weights)
        regression = LogisticRegression(
            C=self.strength, class_weight="balanced", solver="liblinear", random_state=0
        )
        regression.fit(said @ diags(uneven), y, weights)
        coef, start = uneven * regression.coef_[0], float(regression.intercept_[0])
        if not self.meant:
            return coef, start
        points = X[:, X.shape[1] - self.meant :].toarray()
        spread = points.std() or 1.0
        regression = LogisticRegression(C=_MEANT_STRENGTH, class_weight="balanced", max_iter=500)
        regression.fit(points / spread, y, weights)
        return (
            np.concatenate([coef, _MEANT_COUNTS * regression.coef_[0] / spread]),
            start + _MEANT_COUNTS * float(regression.intercept_[0]),
        )


def _unevenness(
    X: csr_matrix,  # noqa: N803
    y: NDArray[np.int8],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the square root of each feature's log ratio, away from 0 whichever side it is on."""
    sides = [X.T @ (weights * (y == side)) + _RARE for side in (1, 0)]
    with_it, without = (side / side.sum() for side in sides)
    roots: NDArray[np.float64] = np.sqrt(np.abs(np.log(with_it / without)))
    return roots
