"""What the tests of `classify` share: one classifier, trained once from the shipped corpus."""

from __future__ import annotations

import pytest

from classify.classifier import Classifier
from classify.examples import Examples, shipped
from classify.labels import Labels


@pytest.fixture(scope="session")
def labels() -> Labels:
    """Return the shipped labels."""
    return Labels.load()


@pytest.fixture(scope="session")
def examples(labels: Labels) -> Examples:
    """Return the shipped examples."""
    return Examples(shipped(labels), labels)


@pytest.fixture(scope="session")
def classifier(labels: Labels, examples: Examples) -> Classifier:
    """Return a classifier trained from all shipped examples."""
    return Classifier.train(labels, examples)
