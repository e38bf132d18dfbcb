"""What a credit request asks is found in posts that nothing learns from, written by somebody else."""

from __future__ import annotations

from classify.classifier import Classifier
from classify.evaluate import evaluate
from classify.examples import CORPUS, Examples, read
from classify.labels import Labels

PARENT = "credit_request"


def test_what_a_credit_request_asks_is_found(labels: Labels, classifier: Classifier) -> None:
    """At the shipped thresholds, on 540 posts, each label on 45 at least, 60 with none."""
    exam = Examples(read([CORPUS / "exam" / "asks.jsonl"], labels), labels)
    told = [labels.place(name) for name in labels.under(PARENT).names]
    carried = exam.truth[:, told] == 1

    assert len(exam) >= 400 and carried.sum(axis=0).min() >= 30
    assert (~carried.any(axis=1)).sum() >= 50
    found = evaluate(exam.truth, classifier.scores(exam.texts), labels)
    assert found.macro_f1_under[PARENT] >= 0.80
