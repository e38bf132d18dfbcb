"""What the tests of `classify` share: one classifier, trained once from the shipped corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from classify.classifier import Classifier
from classify.examples import Examples, shipped
from classify.labels import Labels
from classify.shelf import current


@pytest.fixture(scope="session")
def labels() -> Labels:
    """Return the shipped labels."""
    return Labels.load()


@pytest.fixture(scope="session")
def examples(labels: Labels) -> Examples:
    """Return the shipped examples."""
    return Examples(shipped(labels), labels)


@pytest.fixture(scope="session")
def classifier(labels: Labels, trained: Path) -> Classifier:
    """Return a classifier trained from all shipped examples."""
    found = current(trained, labels)
    assert found is not None
    return found
