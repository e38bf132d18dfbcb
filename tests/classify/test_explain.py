"""The reasons given are the reasons."""

from __future__ import annotations

import numpy as np
import pytest

from classify.classifier import Classifier
from classify.explain import explain
from models.errors import SetupError
from tests.classify.said import ANAS_FAN, CLEO, DRE


@pytest.mark.parametrize("text", [CLEO, DRE, ANAS_FAN, "NO REFUND???  sooooo angry, 14 days"])
def test_the_words_stand_in_the_text_strongest_first(classifier: Classifier, text: str) -> None:
    """As the author wrote them, at most as many as asked for, and all of them speak for it."""
    for label in classifier.labels.names:
        found = explain(classifier, text, label, most=4)

        assert len(found) <= 4
        assert all(words in " ".join(text.split()) for words, _ in found)
        assert [weight for _, weight in found] == sorted((w for _, w in found), reverse=True)
        assert all(weight > 0 for _, weight in found)


def test_a_plain_reason(classifier: Classifier) -> None:
    """Who asks for a refund is found by that word."""
    assert "refund" in [words for words, _ in explain(classifier, DRE, "credit_request")]


@pytest.mark.parametrize("text", [CLEO, DRE, ANAS_FAN, "again again again", "İstanbul ŞŞŞŞ down"])
def test_the_weights_add_up_to_the_score(classifier: Classifier, text: str) -> None:
    """Exact: all pieces and the starting point make the log-odds the classifier says."""
    features, scorer = (classifier.pipeline.named_steps[name] for name in ("features", "scorer"))
    names, shares = features.pieces(text)

    odds = np.asarray((shares @ scorer.coef_).sum(axis=0)).ravel() + scorer.intercept_

    assert len(names) == len(set(names)) == shares.shape[0]
    assert np.allclose(odds, scorer.decision_function(features.transform([text]))[0], atol=1e-4)


@pytest.mark.parametrize("text", ["", "@eve", "𒀀𒀁𒀂"])
def test_a_text_without_a_known_word_has_no_reasons(classifier: Classifier, text: str) -> None:
    """Nothing speaks for any label."""
    assert explain(classifier, text, "complaint") == []


def test_an_unknown_label_is_a_setup_error(classifier: Classifier) -> None:
    """With a suggestion."""
    with pytest.raises(SetupError, match="there is no label"):
        explain(classifier, CLEO, "prais")
