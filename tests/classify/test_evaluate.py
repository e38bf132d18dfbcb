"""The figures are scikit-learn's, and the false praise is what we say it is."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from sklearn import metrics

from classify.evaluate import evaluate
from classify.labels import Labels
from tests.classify.said import with_thresholds


@pytest.fixture
def labels() -> Labels:
    """Return the shipped labels that stand by themselves."""
    return Labels.load().main


def test_the_figures_equal_scikit_learns(labels: Labels) -> None:
    """Precision, recall, F1, average precision, ROC AUC, support and macro-F1."""
    chance = np.random.default_rng(4)
    truth = (chance.random((200, 3)) < 0.3).astype(int)
    scores = np.round(np.clip(truth * 0.3 + chance.random((200, 3)) * 0.7, 0, 1), 2)
    labels = with_thresholds(labels, 0.5)

    found = evaluate(truth, scores, labels)

    put = scores >= 0.5
    for at, one in enumerate(found.labels):
        true, said = truth[:, at], put[:, at]
        assert one.precision == pytest.approx(metrics.precision_score(true, said))
        assert one.recall == pytest.approx(metrics.recall_score(true, said))
        assert one.f1 == pytest.approx(metrics.f1_score(true, said))
        assert one.average_precision == pytest.approx(
            metrics.average_precision_score(true, scores[:, at])
        )
        assert one.roc_auc == pytest.approx(metrics.roc_auc_score(true, scores[:, at]))
        assert one.support == true.sum()
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, put, average="macro"))


def test_false_praise_is_the_share_of_complaints_tagged_praise(labels: Labels) -> None:
    """Four complaints, one of them tagged praise; praise elsewhere doesn't count."""
    truth = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0], [0, 1, 0], [0, 0, 0]])
    scores = np.array([[0.9, 0.1, 0], [0.9, 0.9, 0], [0, 0, 0], [0, 0, 0], [0, 1, 0], [0, 1, 0]])

    assert evaluate(truth, scores, labels).false_praise == 0.25


def test_a_score_at_the_threshold_is_a_tag(labels: Labels) -> None:
    """As in `Classifier.tag`."""
    at = np.array([labels.thresholds])

    found = evaluate(np.ones((1, 3), int), at, labels)

    assert [one.recall for one in found.labels] == [1.0, 1.0, 1.0]


def test_figures_without_meaning_are_none_and_not_nought(labels: Labels) -> None:
    """No post, no praise, no complaint: unknown beats wrong, and JSON takes it."""
    nothing = evaluate(np.zeros((0, 3)), np.zeros((0, 3)), labels)
    shrugs = evaluate(np.zeros((2, 3)), np.zeros((2, 3)), labels)

    assert nothing.macro_f1 is None and nothing.false_praise is None
    assert shrugs.labels[0].roc_auc is None and shrugs.labels[0].precision is None
    assert b'"macro_f1":null' in msgspec.json.encode(shrugs)
