"""What a classifier learns from posts nobody has labelled."""

from __future__ import annotations

import numpy as np
import pytest

from classify.classifier import Classifier
from classify.examples import Examples, Labelled
from classify.explain import explain
from classify.labels import Labels
from classify.listen import guesses
from tests.classify.said import CLEO, small

HEARD = [
    "the line is dead again, glimmerbox in hall four, nobody answers me",
    "the line is dead, glimmerbox blinks, nobody answers",
    "dead again, nobody answers me, that glimmerbox",
]


@pytest.fixture(scope="module")
def taught(labels: Labels) -> Classifier:
    """Return a classifier of few words."""
    return Classifier.train(labels, Examples(small(), labels))


def test_the_incidents_own_words_get_a_weight(labels: Labels, taught: Classifier) -> None:
    """A word heard only among complaints speaks for complaint afterwards."""
    known = small()
    again = Classifier.train(labels, Examples([*known, *guesses(taught, HEARD, known)], labels))

    place = labels.place("complaint")
    assert taught.scores(["glimmerbox"])[0, place] == 0
    (reason,) = explain(again, "glimmerbox", "complaint").reasons
    assert reason.weight > 0


def test_only_what_it_is_sure_of_is_taken(taught: Classifier) -> None:
    """Nothing unreadable, nothing in doubt, nothing people have said already, no copy twice."""
    known = [Labelled("The line is DEAD, nobody answers", ("complaint",))]
    heard = ["the line is dead, nobody answers", "qqq zzz", "¤¤", *HEARD[:1] * 3]

    found = guesses(taught, heard, known)

    assert [one.text for one in found] == HEARD[:1]
    assert found[0].guessed and "complaint" in found[0].labels
    assert found[0].judged is not None and set(found[0].labels) <= set(found[0].judged)


def test_guesses_never_count_for_calibration(labels: Labels, taught: Classifier) -> None:
    """A thousand guesses that all say complaint leave the scores of a plain complaint where they were."""
    many = [Labelled(f"{CLEO} {n}", ("complaint",), guessed=True) for n in "abcdefgh" * 40]
    said = [Labelled(one.text, one.labels) for one in many]
    place = labels.place("praise")

    with_guesses, with_people = (
        Classifier.train(labels, Examples([*small(), *rows], labels)) for rows in (many, said)
    )

    neutral = ["the match begins in the harbour stadium"]
    change = [
        abs(one.scores(neutral)[0, place] - taught.scores(neutral)[0, place])
        for one in (with_guesses, with_people)
    ]
    assert change[0] < change[1]


def test_a_guessed_example_makes_another_classifier(labels: Labels) -> None:
    """The digest of the examples says who labelled them."""
    one = [Labelled("late again", ("complaint",), guessed=guessed) for guessed in (True, False)]

    assert Examples(one[:1], labels).digest != Examples(one[1:], labels).digest
    assert np.array_equal(Examples(one, labels).guessed, [False, True])
