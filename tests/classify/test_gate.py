"""A refit that would do harm stays out, one that does none goes live."""

from __future__ import annotations

import random

import pytest

from classify import gate
from classify.classifier import Classifier
from classify.examples import Examples, Labelled, shipped, shipped_exam
from classify.labels import Labels
from models.errors import SetupError
from models.voice import near
from tests.classify.candidates import bad, honest

TAUGHT, NEWS = 1_500, 1_500
"""Examples the classifier in use has learnt from, and others."""


class Scene:
    """A classifier in use, what it has learnt from, what is news, and the exam."""

    def __init__(self, labels: Labels) -> None:
        rows = sorted(shipped(labels), key=lambda one: one.text)
        random.Random(1).shuffle(rows)
        known = {near(one.text) for one in rows}
        self.labels = labels
        self.taught, self.spare = rows[:TAUGHT], rows[TAUGHT : TAUGHT + NEWS]
        self.asked = [one for one in shipped_exam(labels) if near(one.text) not in known]
        self.exam = gate.exam(self.asked, [], labels)
        self.old = Classifier.train(labels, Examples(self.taught, labels))

    def refused(self, rows: list[Labelled]) -> tuple[str, ...]:
        """Return why a classifier trained from these rows may not go live."""
        try:
            new = Classifier.train(self.labels, Examples(rows, self.labels))
        except SetupError as error:
            return (error.message,)
        texts = [one.text for one in rows]
        return gate.examine(self.old, new, texts, self.exam).reasons


@pytest.fixture(scope="module")
def scene(labels: Labels) -> Scene:
    """Return the scene, made once; what tells more of a label would have too few of so few examples."""
    return Scene(labels.main)


@pytest.mark.parametrize("name", list(bad([Labelled("", ())], [Labelled("", ())] * 300, [])))
def test_a_bad_refit_is_refused(scene: Scene, name: str) -> None:
    """Twenty of twenty, each with a reason."""
    assert scene.refused(bad(scene.taught, scene.spare, scene.asked)[name]())


def test_honest_refits_go_live(scene: Scene) -> None:
    """Eighteen of twenty at least: a gate that is never open teaches nobody."""
    candidates = honest(scene.taught, scene.spare)

    refused = {name: why for name, make in candidates.items() if (why := scene.refused(make()))}

    assert len(candidates) == 20 and len(refused) <= 2, refused
