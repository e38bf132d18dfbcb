"""The shelf works after a first use, a kill midway, and two that train at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from classify import history, shelf
from classify.classifier import Classifier
from classify.examples import Examples
from classify.labels import Labels
from models.errors import ClassifierStale
from tests.classify.said import small, with_thresholds

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def classifier(labels: Labels) -> Classifier:
    """Return what a shelf for which our cast wrote all examples will hold."""
    return Classifier.train(labels, Examples(small(), labels))


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a shelf after the first use."""
    folder = tmp_path_factory.mktemp("home") / "classifiers"
    said: list[str] = []
    shelf.ready(folder, said.append, now=NOW, only=small())
    assert said[0].startswith("training the classifier") and said[1].endswith("is ready")
    return folder


def test_the_second_use_trains_nothing(stocked: Path, classifier: Classifier) -> None:
    """It loads what the first one made, without a word."""
    said: list[str] = []

    found = shelf.ready(stocked, said.append, now=NOW, only=small())

    assert found.fingerprint == classifier.fingerprint and not said


def test_nothing_half_made_lies_about(stocked: Path, classifier: Classifier) -> None:
    """One classifier, and the note that names it."""
    assert {path.name for path in stocked.iterdir()} == {
        "current",
        "history.jsonl",
        classifier.fingerprint,
    }


@pytest.mark.parametrize("note", ["", "../../etc", "deadbeef0000", "\x00\xff"])
def test_a_note_that_names_nothing_is_stale(tmp_path: Path, note: str) -> None:
    """It says how to mend it."""
    (tmp_path / "current").write_text(note, encoding="utf-8")

    with pytest.raises(ClassifierStale) as caught:
        shelf.ready(tmp_path, print, now=NOW)

    assert caught.value.remedy == "amends classify train"


def test_a_kill_midway_leaves_a_shelf_that_works(tmp_path: Path, classifier: Classifier) -> None:
    """Something begun, a folder without a note, and old leftovers: all is mended by the next use."""
    begun = tmp_path / ".begun-abc"
    begun.mkdir()
    (begun / "classifier.skops").write_bytes(b"half")
    os.utime(begun, (0, 0))
    half = tmp_path / classifier.fingerprint
    half.mkdir()
    (half / "card.json").write_text("{")

    found = shelf.ready(tmp_path, lambda _: None, now=NOW, only=small())

    assert shelf.ready(tmp_path, print, now=NOW).fingerprint == found.fingerprint
    assert found.fingerprint == classifier.fingerprint
    assert not begun.exists()


def test_two_that_train_at_once_end_with_one_that_works(tmp_path: Path) -> None:
    """Whoever comes last names the same classifier."""

    def use(_: int) -> Classifier:
        return shelf.ready(tmp_path, lambda _: None, now=NOW, only=small())

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(use, range(2)))

    assert found[0].fingerprint == found[1].fingerprint
    assert shelf.ready(tmp_path, print, now=NOW).fingerprint == found[0].fingerprint


def entry(classifier: Classifier) -> history.Entry:
    """Return the history's line for a classifier that went live."""
    return history.Entry(
        at=NOW, fingerprint=classifier.fingerprint, became="live", examples=1, corrections=0
    )


def test_going_back_works_after_a_threshold_has_changed(tmp_path: Path, labels: Labels) -> None:
    """The note names the folder that is there, whatever today's thresholds make of it."""
    made = [
        Classifier.train(labels, Examples(small(count), labels)) for count in (39, 40)
    ]  # fmt: skip
    for one in made:
        shelf.put(tmp_path, one, entry(one))
    strict = with_thresholds(labels, 0.77)

    name, earlier = shelf.earlier(tmp_path, strict)
    shelf.use(tmp_path, msgspec.structs.replace(entry(made[0]), fingerprint=name))
    found = shelf.current(tmp_path, strict)

    assert name == made[0].fingerprint and found is not None
    assert found.fingerprint == earlier.fingerprint != name


def test_a_line_cut_short_takes_no_other_with_it(tmp_path: Path, classifier: Classifier) -> None:
    """What a crash left of one entry is left out; the next one is kept."""
    one = entry(classifier)
    history.write(tmp_path, one)
    path = tmp_path / "history.jsonl"
    path.write_bytes(path.read_bytes() * 2)
    path.write_bytes(path.read_bytes()[:-30])

    history.write(tmp_path, one)

    assert len(history.read(tmp_path)) == 2
