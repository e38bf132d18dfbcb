"""
The shelf: the folder with an installation's classifiers, and the note which one is in use.

Each lies in a folder named by its fingerprint; the file `current` holds one fingerprint. A
classifier is whole before the note names it, so a process that is killed, or two that train at
once, leave a shelf that works.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from classify.classifier import Classifier
from classify.examples import shipped
from classify.labels import Labels
from classify.saved import REMEDY
from models.errors import ClassifierStale, SetupError

_CURRENT = "current"
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")


def ready(
    folder: Path,
    say: Callable[[str], None],
    *,
    labels: Labels | None = None,
    now: datetime | None = None,
) -> Classifier:
    """
    Return the classifier in use; where there is none yet, train one from the shipped corpus.

    ClassifierStale if it is damaged or out of date. `now` goes onto the card of a new one.
    """
    labels = labels or Labels.load()
    return current(folder, labels) or _new(folder, say, labels, now, anew=False)


def current(folder: Path, labels: Labels | None = None) -> Classifier | None:
    """Return the classifier in use, None where there is none yet; ClassifierStale if damaged."""
    try:
        named = (folder / _CURRENT).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"can't read {folder / _CURRENT}: {error.strerror or error}"
        raise SetupError(message, "check who may read it") from error
    if not _FINGERPRINT.fullmatch(named):
        message = f"{folder / _CURRENT} doesn't name a classifier"
        raise ClassifierStale(message, REMEDY)
    return Classifier.load(folder / named, labels or Labels.load())


def train(
    folder: Path,
    say: Callable[[str], None],
    *,
    labels: Labels | None = None,
    now: datetime | None = None,
) -> Classifier:
    """Train a classifier from the shipped corpus, put it on the shelf and into use."""
    return _new(folder, say, labels or Labels.load(), now, anew=True)


def _new(
    folder: Path, say: Callable[[str], None], labels: Labels, now: datetime | None, *, anew: bool
) -> Classifier:
    classifier = Classifier.train(labels, shipped(labels), say)
    place = folder / classifier.fingerprint
    # Another process may have been faster, and a third may be reading what it made.
    if anew or not _whole(place, labels):
        classifier.save(place, now)
    _name(folder, classifier.fingerprint)
    say(f"classifier {classifier.fingerprint} is ready")
    return classifier


def _whole(place: Path, labels: Labels) -> bool:
    try:
        Classifier.load(place, labels)
    except ClassifierStale:
        return False
    return True


def _name(folder: Path, fingerprint: str) -> None:
    try:
        handle, begun = tempfile.mkstemp(prefix=f".{_CURRENT}-", dir=folder)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(fingerprint + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(begun).replace(folder / _CURRENT)
    except OSError as error:
        message = f"can't write {folder / _CURRENT}: {error.strerror or error}"
        raise SetupError(message, "check the disk's space and who may write there") from error
