"""A saved classifier is loaded whole and unchanged, or refused with a remedy."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from classify.classifier import Classifier
from classify.labels import Labels
from models.errors import ClassifierStale, SetupError
from tests.classify.said import ANAS_FAN, CLEO, DRE, with_thresholds


@pytest.fixture
def folder(classifier: Classifier, tmp_path: Path) -> Path:
    """Return a folder with the classifier in it."""
    classifier.save(tmp_path / "mine", datetime(2026, 3, 4, tzinfo=UTC))
    return tmp_path / "mine"


def refused(folder: Path, labels: Labels) -> str:
    """Return why the classifier in `folder` isn't loaded."""
    with pytest.raises(ClassifierStale) as caught:
        Classifier.load(folder, labels)
    assert caught.value.remedy == "amends classify train"
    return caught.value.message


def change_card(folder: Path, **changes: object) -> None:
    """Write other values onto the card."""
    card = folder / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | changes))


def test_saved_and_loaded_it_says_the_same(
    classifier: Classifier, folder: Path, labels: Labels
) -> None:
    """Equal scores to the last bit, equal fingerprint, also when it was used before saving."""
    loaded = Classifier.load(folder, labels)
    texts = [CLEO, DRE, ANAS_FAN]

    assert np.array_equal(loaded.scores(texts), classifier.scores(texts))
    assert loaded.fingerprint == classifier.fingerprint


def test_the_card_tells_what_it_is_made_of(
    folder: Path, classifier: Classifier, labels: Labels
) -> None:
    """Labels, thresholds, counts, versions, and when."""
    card = json.loads((folder / "card.json").read_text())

    assert card["labels"] == list(labels.names)
    assert card["thresholds"] == dict(zip(labels.names, labels.thresholds, strict=True))
    assert card["examples"] == classifier.card.examples and card["counts"]["praise"] > 900
    assert card["fingerprint"] == classifier.fingerprint
    assert card["made_at"] == "2026-03-04T00:00:00Z"
    assert card["sklearn"] and card["skops"]


@pytest.mark.parametrize("where", [0.0, 0.3, 0.5, 0.9, 0.999])
def test_a_changed_byte_is_noticed(folder: Path, labels: Labels, where: float) -> None:
    """Wherever it is."""
    file = folder / "classifier.skops"
    data = bytearray(file.read_bytes())
    data[int(len(data) * where)] ^= 1
    file.write_bytes(data)

    assert "isn't the file its card was written for" in refused(folder, labels)


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("name", ["classifier.skops", "card.json"])
def test_a_file_cut_short_is_refused(folder: Path, labels: Labels, name: str, kept: float) -> None:
    """As after a full disk."""
    file = folder / name
    os.truncate(file, int(file.stat().st_size * kept))

    assert str(folder) in refused(folder, labels)


@pytest.mark.parametrize("name", ["classifier.skops", "card.json"])
def test_a_missing_file_is_refused(folder: Path, labels: Labels, name: str) -> None:
    """Half a classifier is none."""
    (folder / name).unlink()

    assert "isn't whole" in refused(folder, labels)


@pytest.mark.parametrize(
    "forged",
    [
        Pipeline([("features", FunctionTransformer(os.getcwd)), ("scorer", "passthrough")]),
        {"features": 1},
        FunctionTransformer(),
    ],
    ids=["calls a function", "no pipeline", "another estimator"],
)
def test_a_forged_file_is_refused_even_with_a_matching_card(
    folder: Path, labels: Labels, forged: object
) -> None:
    """What isn't on the trusted list is never built, and what is must be a classifier."""
    data = skops.io.dumps(forged)
    (folder / "classifier.skops").write_bytes(data)
    change_card(folder, sha256=hashlib.sha256(data).hexdigest())

    assert "classifier.skops" in refused(folder, labels)


LOADS = """
import sys
from pathlib import Path
from classify.classifier import Classifier
from classify.labels import Labels
from models.errors import ClassifierStale
try:
    Classifier.load(Path(sys.argv[1]), Labels.load())
except ClassifierStale as error:
    print(error.message)
print("sklearn.gaussian_process" in sys.modules)
"""


def test_no_class_is_built_but_those_that_are_named(folder: Path) -> None:
    """An estimator of scikit-learn in a step of ours isn't, and a command doesn't load all of those."""
    forged = Pipeline([("features", FunctionTransformer()), ("scorer", "passthrough")])
    data = skops.io.dumps(forged)
    (folder / "classifier.skops").write_bytes(data)
    change_card(folder, sha256=hashlib.sha256(data).hexdigest())

    # In a process of its own, for here all of scikit-learn may be there already.
    command = [sys.executable, "-c", LOADS, str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert said.splitlines() == [
        f"{folder / 'classifier.skops'} can't be loaded: UntrustedTypesFoundException", "False",
    ]  # fmt: skip


def test_a_pickle_is_refused_even_with_a_matching_card(folder: Path, labels: Labels) -> None:
    """Nothing is ever unpickled: this one would raise SystemExit."""
    data = b"cbuiltins\nexit\n(tR."
    (folder / "classifier.skops").write_bytes(data)
    change_card(folder, sha256=hashlib.sha256(data).hexdigest())

    assert "can't be loaded" in refused(folder, labels)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sklearn": "0.9"}, "scikit-learn then 0.9"),
        ({"features": 0}, "features' version then 0"),
        ({"labels": ["complaint", "praise"]}, "the labels then complaint, praise, now"),
        ({"labels": ["praise", "complaint", "credit_request"]}, "the labels then praise"),
        ({"examples": "many"}, "card.json can't be read"),
    ],
)
def test_another_time_another_classifier(
    folder: Path, labels: Labels, changes: dict[str, object], says: str
) -> None:
    """Other labels, features or libraries are told apart before anything is loaded."""
    change_card(folder, **changes)

    assert says in refused(folder, labels)


def test_other_thresholds_need_no_training(folder: Path, labels: Labels) -> None:
    """They count at once, and the fingerprint says that the tags differ."""
    strict = Classifier.load(folder, with_thresholds(labels, 0.999999))

    assert strict.tag([(1, DRE)]) == ([], [])
    assert strict.fingerprint != Classifier.load(folder, labels).fingerprint


def test_saving_replaces_what_lies_there(
    folder: Path, classifier: Classifier, labels: Labels
) -> None:
    """Broken or not; nothing half-made stays behind."""
    (folder / "classifier.skops").write_bytes(b"broken")

    classifier.save(folder)

    assert Classifier.load(folder, labels).fingerprint == classifier.fingerprint
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_a_place_that_cant_be_written_is_a_setup_error(
    tmp_path: Path, classifier: Classifier
) -> None:
    """A sentence, not a traceback."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SetupError, match="can't save the classifier"):
        classifier.save(tmp_path / "file" / "mine")
