"""
The scorer: features in, a calibrated probability per label out.

One logistic regression per label. A second, of one number only, turns what it says of examples it
hasn't seen into a probability; folded into the first, it costs nothing. The labels' weights stand
in one matrix, so a batch is one sparse product.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

FOLDS = 5
"""In how many parts the examples are cut for calibration."""

_FREE = 1e6
"""Strength at which a regression of one number is as good as unrestrained."""


class Scorer(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """Many labels, each by itself. A greater `strength` follows the examples more closely."""

    def __init__(self, strength: float = 2.0) -> None:
        self.strength = strength

    def fit(
        self,
        X: csr_matrix,  # noqa: N803  sklearn's names
        y: NDArray[np.int8],
        folds: NDArray[np.int64] | None = None,
    ) -> Self:
        """
        Learn from (n, features) and (n, labels) of 0 and 1.

        `folds` gives each row a number from 0 to FOLDS - 1; rows that resemble each other belong
        into the same fold. ValueError if a label is on none or all of a part of the examples.
        """
        if folds is None:
            folds = np.arange(X.shape[0]) % FOLDS
        columns = [self._fit_one(X, y[:, label], folds) for label in range(y.shape[1])]
        self.coef_ = np.column_stack([weights for weights, _ in columns]).astype(np.float32)
        self.intercept_ = np.array([start for _, start in columns])
        self.classes_ = np.arange(y.shape[1])
        return self

    def decision_function(self, X: csr_matrix) -> NDArray[np.float64]:  # noqa: N803
        """Return the log-odds of each label, (n, labels)."""
        odds: NDArray[np.float64] = X @ self.coef_ + self.intercept_
        return odds

    def predict_proba(self, X: csr_matrix) -> NDArray[np.float64]:  # noqa: N803
        """Return the probability of each label, (n, labels); 0 where nothing speaks for any."""
        scores: NDArray[np.float64] = expit(self.decision_function(X))
        scores[np.diff(X.indptr) == 0] = 0.0
        return scores

    def predict(self, X: csr_matrix) -> NDArray[np.int8]:  # noqa: N803
        """Return 1 for each label more likely than not, (n, labels)."""
        return (self.predict_proba(X) >= 0.5).astype(np.int8)

    def _fit_one(
        self,
        X: csr_matrix,  # noqa: N803
        y: NDArray[np.int8],
        folds: NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], float]:
        unseen = np.zeros(len(y))
        for fold in range(FOLDS):
            out = folds == fold
            if out.any():
                unseen[out] = self._regression().fit(X[~out], y[~out]).decision_function(X[out])
        sure = LogisticRegression(C=_FREE).fit(unseen[:, None], y)
        whole = self._regression().fit(X, y)
        slope, start = float(sure.coef_[0, 0]), float(sure.intercept_[0])
        return slope * whole.coef_[0], slope * float(whole.intercept_[0]) + start

    def _regression(self) -> LogisticRegression:
        return LogisticRegression(
            C=self.strength, class_weight="balanced", solver="liblinear", random_state=0
        )
