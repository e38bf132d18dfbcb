"""The reasons given are the reasons."""

from __future__ import annotations

import numpy as np
import pytest

from classify.classifier import Classifier
from classify.examples import Examples, Labelled
from classify.explain import explain, explain_all, nearest
from models.errors import SetupError
from tests.classify.said import ANAS_FAN, CLEO, DRE


@pytest.mark.parametrize("text", [CLEO, DRE, ANAS_FAN, "NO REFUND???  sooooo angry, 14 days"])
def test_the_words_stand_in_the_text_strongest_first(classifier: Classifier, text: str) -> None:
    """As the author wrote them, with all their places."""
    for found in explain_all(classifier, text):
        strength = [abs(reason.weight) for reason in found.reasons]

        assert strength == sorted(strength, reverse=True) and all(strength)
        assert len(found.because(4)) <= 4
        for reason in found.reasons:
            written = {" ".join(text[a:b].split()).casefold() for a, b in reason.spans}
            assert written == {reason.words.casefold()}


def test_a_plain_reason(classifier: Classifier) -> None:
    """Who asks for a refund is found by that word."""
    assert "refund" in explain(classifier, DRE, "credit_request").because()


@pytest.mark.parametrize("text", [CLEO, DRE, ANAS_FAN, "again again again", "İstanbul ŞŞŞŞ down"])
def test_the_weights_add_up_to_the_score(classifier: Classifier, text: str) -> None:
    """To 1e-6: all reasons and the starting point make the log-odds the classifier says."""
    said = classifier.pipeline.decision_function([text])[0]

    for odds, found in zip(said.tolist(), explain_all(classifier, text), strict=True):
        assert found.start + sum(r.weight for r in found.reasons) == pytest.approx(odds, abs=1e-6)
        assert found.odds == pytest.approx(odds, abs=1e-6)
        assert found.score == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-6)
        assert found.put == (found.score >= found.threshold)


@pytest.mark.parametrize("text", ["", "@eve", "𒀀𒀁𒀂"])
def test_a_text_without_a_known_word_has_no_reasons(classifier: Classifier, text: str) -> None:
    """Nothing speaks for any label."""
    found = explain(classifier, text, "complaint")

    assert found.reasons == () and found.score == 0 and not found.put


def test_an_unknown_label_is_a_setup_error(classifier: Classifier) -> None:
    """With a suggestion."""
    with pytest.raises(SetupError, match="there is no label"):
        explain(classifier, CLEO, "prais")


def test_the_nearest_example_is_named(classifier: Classifier) -> None:
    """With its labels and how alike it is; one with the same words is as alike as can be."""
    examples = Examples(
        [Labelled("my refund never came", ("credit_request",)), Labelled("rain until noon", ())],
        classifier.labels,
    )

    found = nearest(classifier, "where is my refund", examples)
    same = nearest(classifier, "My refund NEVER came", examples)

    assert found is not None and found.labels == ("credit_request",)
    assert 0 < found.likeness < 1
    assert same is not None and same.likeness == pytest.approx(1)
    assert nearest(classifier, "𒀀", examples) is None
    assert nearest(classifier, "refund", Examples([], classifier.labels)) is None


def test_another_language_is_said_to_be_unsupported(classifier: Classifier) -> None:
    """No reasons are made up for it."""
    found = explain(
        classifier, "¿Dónde está mi reembolso? Llevo dos días sin servicio", "complaint"
    )

    assert found.unsupported and found.reasons == () and found.score == 0
