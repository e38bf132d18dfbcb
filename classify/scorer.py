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
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

FOLDS = 5
"""In how many parts the examples are cut for calibration."""

UNKNOWN = -1
"""What the truth holds where nobody said whether the example carries the label."""

STRENGTH = 2.0
"""How closely the regression of words follows the examples, unless said otherwise."""

OUTSIDE = 3
"""
Of examples that have to do with none of its kind such a label learns from one in so many.

What a dead link has over a mail that never came is told by posts on credits, not by all the rest.
"""

FEWEST = 10
"""Examples with and without it that such a label needs; with fewer it is never put."""

_NEVER = -20.0
"""The log-odds of a label that is never put."""

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
    None takes the examples' own shares. The last `meant` features are directions of meaning. `under`
    says for each label the place of the one it tells more of, its own for one that stands by itself;
    None if all do.
    """

    def __init__(
        self,
        strength: float = STRENGTH,
        shares: Sequence[float] | None = None,
        meant: int = 0,
        under: Sequence[int] | None = None,
    ) -> None:
        self.strength = strength
        self.shares = shares
        self.meant = meant
        self.under = under

    def fit(
        self,
        X: csr_matrix,  # noqa: N803  sklearn's names
        y: NDArray[np.int8],
        folds: NDArray[np.int64] | None = None,
        weights: NDArray[np.float64] | None = None,
        guessed: NDArray[np.bool_] | None = None,
    ) -> Self:
        """
        Learn from (n, features) and (n, labels) of 1, 0, and UNKNOWN, which isn't learnt from.

        `folds` gives each row a number from 0 to FOLDS - 1; rows that resemble each other belong
        into the same fold. `weights` says how much each row counts, and those that were `guessed`
        aren't calibrated by. ValueError if a label is on none or all of a part of the examples.
        """
        X, y = self._checked(X, y)  # noqa: N806
        if folds is None:
            folds = np.arange(X.shape[0]) % FOLDS
        if weights is None:
            weights = np.ones(X.shape[0])
        trusted = np.ones(X.shape[0], bool) if guessed is None else ~guessed
        columns = []
        for label in range(y.shape[1]):
            told = y[:, label] != UNKNOWN
            if self._unlearnt(y[told, label], label):
                columns.append((np.zeros(X.shape[1]), _NEVER))
                continue
            if len(np.unique(y[told, label])) < 2:
                message = f"label {label} has one class: it is on all examples or on none"
                raise ValueError(message)
            share = None if self.shares is None else self.shares[label]
            near = self._near(y, label)
            columns.append(
                self._fit_one(
                    X[told], y[told, label], folds[told], weights[told], near[told], trusted[told],
                    share,
                )
            )  # fmt: skip
        self.coef_ = np.column_stack([weights for weights, _ in columns])
        self.intercept_ = np.array([start for _, start in columns])
        self.classes_ = np.arange(y.shape[1])
        return self

    def decision_function(self, X: csr_matrix) -> NDArray[np.float64]:  # noqa: N803
        """Return the log-odds of each label, (n, labels)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, accept_sparse="csr")  # noqa: N806
        odds: NDArray[np.float64] = X @ self.coef_ + self.intercept_
        return odds

    def predict_proba(self, X: csr_matrix) -> NDArray[np.float64]:  # noqa: N803
        """Return the probability of each label, (n, labels)."""
        scores: NDArray[np.float64] = expit(self.decision_function(X))
        return scores

    def predict(self, X: csr_matrix) -> NDArray[np.int8]:  # noqa: N803
        """Return 1 for each label more likely than not, (n, labels)."""
        return (self.predict_proba(X) >= 0.5).astype(np.int8)

    def __sklearn_tags__(self) -> object:
        """Say that the truth has a column for each label, each 1 or 0."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.single_output = False
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = True
        return tags

    def _checked(
        self,
        X: csr_matrix,  # noqa: N803
        y: NDArray[np.int8] | None,
    ) -> tuple[csr_matrix, NDArray[np.int8]]:
        if y is None:
            message = "requires y to be passed, but the target y is None"
            raise ValueError(message)
        X = validate_data(self, X, accept_sparse="csr", ensure_min_samples=2)  # noqa: N806
        y = check_array(y, ensure_2d=True)
        check_consistent_length(X, y)
        if not np.isin(y, (0, 1, UNKNOWN)).all():
            message = f"Unknown label type: the truth is 1, 0 or {UNKNOWN}"
            raise ValueError(message)
        X = csr_matrix(X)  # noqa: N806
        X.sort_indices()
        return X, y.astype(np.int8)

    def _unlearnt(self, y: NDArray[np.int8], label: int) -> bool:
        """Return whether a label that tells more of another has too few examples to be learnt."""
        if self.under is None or self.under[label] == label:
            return False
        there = int((y == 1).sum())
        return min(there, len(y) - there) < FEWEST

    def _near(self, y: NDArray[np.int8], label: int) -> NDArray[np.bool_]:
        """
        Return from which examples a label learns: of its kind, or written for it and judged by nothing else.

        And from some of the rest.
        """
        if self.under is None or self.under[label] == label:
            return np.ones(len(y), bool)
        kind = [at for at, above in enumerate(self.under) if above == self.under[label]]
        near: NDArray[np.bool_] = (y[:, kind] == 1).any(axis=1)
        near |= y[:, self.under[label]] == UNKNOWN
        near |= np.arange(len(y)) % OUTSIDE == 0
        return near

    def _fit_one(
        self,
        X: csr_matrix,  # noqa: N803
        y: NDArray[np.int8],
        folds: NDArray[np.int64],
        weights: NDArray[np.float64],
        near: NDArray[np.bool_],
        trusted: NDArray[np.bool_],
        share: float | None,
    ) -> tuple[NDArray[np.float64], float]:
        unseen = np.zeros(len(y))
        for fold in range(FOLDS):
            out = folds == fold
            if out.any():
                rest = near & ~out
                coef, start = weigh(X[rest], y[rest], weights[rest], self.strength, self.meant)
                unseen[out] = X[out] @ coef + start
        # Under the share a real stream has, whatever share the examples have.
        counts = weights * trusted
        there = counts[y == 1].sum() / counts.sum()
        share = there if share is None else share
        rates = np.where(y == 1, share / there, (1 - share) / (1 - there))
        sure = LogisticRegression(C=_FREE).fit(unseen[:, None], y, counts * rates)
        slope, base = float(sure.coef_[0, 0]), float(sure.intercept_[0])
        coef, start = weigh(X[near], y[near], weights[near], self.strength, self.meant)
        return slope * coef, slope * start + base


def weigh(
    X: csr_matrix,  # noqa: N803  sklearn's names
    y: NDArray[np.int8],
    weights: NDArray[np.float64],
    strength: float = STRENGTH,
    meant: int = 0,
) -> tuple[NDArray[np.float64], float]:
    """
    Return one label's weight for each feature and where it starts, before calibration.

    From (n, features), n of 1 and 0, and how much each of n counts; as in `Scorer`.
    """
    said = X[:, : X.shape[1] - meant] if meant else X
    uneven = _unevenness(said, y, weights)
    regression = LogisticRegression(
        C=strength, class_weight="balanced", solver="liblinear", dual=True, random_state=0
    )
    scaled = said.copy()
    scaled.data *= uneven[scaled.indices]
    regression.fit(scaled, y, weights)
    coef, start = uneven * regression.coef_[0], float(regression.intercept_[0])
    if not meant:
        return coef, start
    points = X[:, X.shape[1] - meant :].toarray()
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
    strength = abs(X).T
    sides = [strength @ (weights * (y == side)) + _RARE for side in (1, 0)]
    with_it, without = (side / side.sum() for side in sides)
    roots: NDArray[np.float64] = np.sqrt(np.abs(np.log(with_it / without)))
    return roots
