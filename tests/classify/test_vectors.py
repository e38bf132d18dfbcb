"""Vectors of a sentence encoder: asked once, weighed ever after, and no network at run time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classify import vectors
from classify.classifier import Classifier
from classify.encoder import SentenceEncoder
from classify.examples import Examples
from classify.explain import explain_all
from classify.labels import Labels
from classify.shelf import ready
from classify.vectors import Vectors, distil, load
from classify.words import words
from models.errors import SetupError
from tests.classify.said import ANAS_FAN, CLEO, DRE, small

NOW = datetime(2026, 3, 4, tzinfo=UTC)

KIN = {"rebate": "refund", "bravo": "thank", "kaput": "dead"}
"""Words no example holds, and the ones they mean the same as."""


class Tiny:
    """An encoder of a few words, each with a direction of its own but for kin, which share one."""

    def __init__(self, width: int = 64) -> None:
        self.width = width
        self.asked: list[str] = []

    def vocabulary(self) -> Iterable[str]:
        """Return the words it was made for."""
        return [*KIN, *KIN.values(), "anchor"]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector for each word."""
        self.asked += texts
        seeds = [sum(map(ord, KIN.get(text, text))) for text in texts]
        return np.array(
            [np.random.default_rng(seed).standard_normal(self.width) for seed in seeds], np.float32
        )


@pytest.fixture(scope="module")
def labels() -> Labels:
    """Return the shipped labels that stand by themselves: a few examples are enough for them."""
    return Labels.load().main


@pytest.fixture(scope="module")
def tiny() -> Vectors:
    """Return the vectors of the tiny encoder."""
    return distil(Tiny(), [one.text for one in small()])


@pytest.fixture(scope="module")
def meaning(labels: Labels, tiny: Vectors) -> Classifier:
    """Return a classifier that weighs meaning too."""
    return Classifier.train(labels, Examples(small(), labels), vectors=tiny)


def test_every_word_is_asked_for_once() -> None:
    """Of the encoder's vocabulary and of the examples; numbers and signs mean nothing."""
    tiny = Tiny()

    distil(tiny, ["where is my refund 42 !?", "where where"])

    assert sorted(tiny.asked) == sorted({*tiny.vocabulary(), "where", "is", "my", "refund"})


def test_a_word_never_seen_counts_like_its_kin(labels: Labels, meaning: Classifier) -> None:
    """No example says rebate, bravo or kaput; by meaning they are told apart all the same."""
    plain = Classifier.train(labels, Examples(small(), labels))

    for text, label in (
        ("where is my rebate please", "credit_request"),
        ("bravo you lovely engineer", "praise"),
        ("the line is kaput", "complaint"),
    ):
        place = labels.place(label)
        with_it, without = (
            one.pipeline.decision_function([text])[0, place] for one in (meaning, plain)
        )
        assert with_it > without, text


def test_reasons_still_add_up(meaning: Classifier) -> None:
    """To 1e-6, meaning included: it is laid on the words that bring it."""
    for text in (CLEO, DRE, ANAS_FAN, "where is my rebate, my rebate please"):
        said = meaning.pipeline.decision_function([text])[0]
        for odds, found in zip(said.tolist(), explain_all(meaning, text), strict=True):
            assert found.start + sum(r.weight for r in found.reasons) == pytest.approx(
                odds, abs=1e-6
            )


def test_batches_score_as_the_pipeline_does(meaning: Classifier) -> None:
    """The fast way and scikit-learn's way agree."""
    texts = [CLEO, DRE, ANAS_FAN, "where is my rebate"]

    assert np.allclose(meaning.scores(texts), meaning.pipeline.predict_proba(texts), atol=1e-6)


def test_saved_and_loaded_it_says_the_same(
    tmp_path: Path, labels: Labels, meaning: Classifier
) -> None:
    """The saved classifier carries the vectors; neither torch nor an encoder is needed for it."""
    meaning.save(tmp_path / "mine")

    loaded = Classifier.load(tmp_path / "mine", labels)

    assert np.array_equal(loaded.scores([CLEO, DRE]), meaning.scores([CLEO, DRE]))
    assert loaded.fingerprint == meaning.fingerprint
    assert "torch" not in sys.modules and "sentence_transformers" not in sys.modules


def test_other_vectors_are_another_classifier(labels: Labels, meaning: Classifier) -> None:
    """Its fingerprint says so."""
    plain = Classifier.train(labels, Examples(small(), labels))
    other = distil(Tiny(width=32), [one.text for one in small()])
    turned = Classifier.train(labels, Examples(small(), labels), vectors=other)

    assert len({meaning.fingerprint, plain.fingerprint, turned.fingerprint}) == 3


def test_wide_vectors_are_narrowed_and_keep_their_likeness() -> None:
    """Few words in many dimensions lose nothing: kin still point the same way, others don't."""
    found = distil(Tiny(width=vectors.WIDEST * 2), ["where is my refund"])
    rows = found.rows[np.searchsorted(found.keys, words(["rebate refund anchor"]).key)]
    rows = rows.astype(float) / np.linalg.norm(rows.astype(float), axis=1, keepdims=True)

    assert found.width == vectors.WIDEST
    assert rows[0] @ rows[1] > 0.99 and abs(rows[0] @ rows[2]) < 0.5


def test_vectors_are_kept_and_read_again(tmp_path: Path, tiny: Vectors) -> None:
    """Bit by bit; and where there is no file there are none."""
    vectors.save(tmp_path / "vectors.npz", tiny)

    again = load(tmp_path / "vectors.npz")

    assert again is not None and again.digest == tiny.digest
    assert load(tmp_path / "none.npz") is None


@pytest.mark.parametrize("cut", [0, 10, 2_000])
def test_damaged_vectors_are_refused(tmp_path: Path, tiny: Vectors, cut: int) -> None:
    """With the remedy, never half read."""
    path = tmp_path / "vectors.npz"
    vectors.save(path, tiny)
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(SetupError, match="holds no vectors") as caught:
        load(path)
    assert "amends classify vectors" in caught.value.remedy


def test_an_installations_vectors_are_used_for_training(
    tmp_path: Path, labels: Labels, tiny: Vectors
) -> None:
    """Where the home has the file, the first classifier weighs meaning."""
    vectors.save(tmp_path / "vectors.npz", tiny)

    made = ready(
        tmp_path / "shelf", lambda _: None, now=NOW, labels=labels, only=small(),
        vectors=tmp_path / "vectors.npz",
    )  # fmt: skip

    assert made.card.vectors == tiny.digest


def test_a_folder_without_an_encoder_is_refused_with_the_way_out(tmp_path: Path) -> None:
    """Who hasn't the extra is told what to install, who has it what to name."""
    way = "amends[semantic]" if find_spec("sentence_transformers") is None else "name a folder"

    with pytest.raises(SetupError) as caught:
        SentenceEncoder(tmp_path)

    assert way in caught.value.remedy
