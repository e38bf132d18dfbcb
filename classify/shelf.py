"""
The shelf: the folder with an installation's classifiers, and the note which one is in use.

Each lies in a folder named by its fingerprint; the file `current` holds one fingerprint. A
classifier is whole before the note names it, so a process that is killed, or two that train at
once, leave a shelf that works.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path

from classify import history
from classify.classifier import Classifier
from classify.examples import Examples, Labelled, own, shipped
from classify.labels import Labels
from classify.saved import REMEDY, learnt_from
from classify.vectors import load
from models.errors import ClassifierStale, SetupError
from models.voice import near

KEPT = 20
"""Classifiers kept to roll back to."""

_CURRENT = "current"
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")


def ready(
    folder: Path,
    say: Callable[[str], None],
    *,
    now: datetime,
    labels: Labels | None = None,
    examples: Path | None = None,
    vectors: Path | None = None,
    only: Sequence[Labelled] | None = None,
) -> Classifier:
    """
    Return the classifier in use; where there is none yet, train one.

    From the shipped examples, or `only` these in their place, and those in the folder `examples`, with
    `vectors` where that file is there. ClassifierStale if the one in use
    is damaged or out of date. `now` goes onto the card of a new one.
    """
    labels = labels or Labels.load()
    found = current(folder, labels)
    if found is not None:
        return found
    base = shipped(labels) if only is None else only
    mine = own(examples, labels) if examples else []
    meant = load(vectors) if vectors else None
    classifier = Classifier.train(labels, Examples([*base, *mine], labels), say, meant)
    # Another process may have been faster, and a third may be reading what it made.
    if not _whole(folder / classifier.fingerprint, labels):
        classifier.save(folder / classifier.fingerprint, now)
    entry = history.Entry(
        at=now,
        fingerprint=classifier.fingerprint,
        became="first",
        examples=classifier.card.examples,
        corrections=0,
    )
    use(folder, entry)
    say(f"classifier {classifier.fingerprint} is ready")
    return classifier


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


def put(folder: Path, classifier: Classifier, entry: history.Entry) -> None:
    """Keep a classifier, put it into use, and let go of the oldest ones."""
    classifier.save(folder / classifier.fingerprint, entry.at)
    use(folder, entry)
    kept = sorted(
        (path for path in folder.iterdir() if _FINGERPRINT.fullmatch(path.name)),
        key=lambda path: path.stat().st_mtime,
    )
    for path in kept[:-KEPT]:
        if path.name != classifier.fingerprint:
            shutil.rmtree(path, ignore_errors=True)


def use(folder: Path, entry: history.Entry) -> None:
    """Name the classifier in use, and write that into the history."""
    _name(folder, entry.fingerprint)
    history.write(folder, entry)


def earlier(folder: Path, labels: Labels, fingerprint: str | None = None) -> tuple[str, Classifier]:
    """
    Return the classifier to go back to, the one named or else the one in use before, and its folder.

    SetupError if there is none; ClassifierStale if it doesn't fit any more.
    """
    every = history.read(folder)
    erased = {one.fingerprint for one in every if one.became == "erased"}
    if fingerprint and any(name.startswith(fingerprint) for name in erased):
        message = f"the classifier {fingerprint} was erased: it had learnt from posts that were"
        raise SetupError(message, "amends classify history shows which there are")
    lived = [
        one.fingerprint
        for one in every
        if one.became != "refused" and one.fingerprint not in erased
    ]
    there = [name for name in dict.fromkeys(reversed(lived)) if (folder / name).is_dir()]
    if fingerprint is None:
        if len(there) < 2:
            message = "there is no earlier classifier to go back to"
            raise SetupError(message, "amends classify history shows which there were")
        fingerprint = there[1]
    found = [name for name in there if name.startswith(fingerprint)]
    if len(found) != 1:
        message = (
            f"there {'are several classifiers' if found else 'is no classifier'} {fingerprint}"
        )
        raise SetupError(message, "amends classify history shows which there are")
    return found[0], Classifier.load(folder / found[0], labels)


def taught_by(folder: Path, texts: Collection[int], labels: Labels) -> list[str]:
    """
    Return the classifiers that learnt from one of these texts, given as fingerprints.

    What was learnt from the shipped examples counts for nobody's; of a classifier that doesn't say what
    it learnt from, the worst is assumed.
    """
    every, taught = set(texts), {}
    for place in sorted(path for path in folder.glob("*") if _FINGERPRINT.fullmatch(path.name)):
        learnt = learnt_from(place)
        taught[place.name] = every if learnt is None else every & learnt
    if not any(taught.values()):
        return []
    ours = {near(one.text) for one in shipped(labels)}
    return [name for name, theirs in taught.items() if theirs - ours]


def condemn(folder: Path, fingerprint: str, now: datetime) -> None:
    """Let nobody go back to a classifier, because of what it learnt from; if it is in use, it stays so for now."""
    entry = history.Entry(
        at=now, fingerprint=fingerprint, became="erased", examples=0, corrections=0,
        why=("it had learnt from posts that were erased",),
    )  # fmt: skip
    history.write(folder, entry)


def condemned(folder: Path) -> list[str]:
    """Return the classifiers nobody may go back to that still lie there."""
    last = {one.fingerprint: one.became for one in history.read(folder)}
    return [
        name for name, became in last.items() if became == "erased" and (folder / name).exists()
    ]


def drop(folder: Path, fingerprint: str, now: datetime) -> None:
    """
    Delete a classifier because of what it learnt from; SetupError if that can't be done.

    The history says so first, so nobody goes back to it.
    """
    condemn(folder, fingerprint, now)
    remove(folder, fingerprint)


def remove(folder: Path, fingerprint: str) -> None:
    """Delete one that is condemned; SetupError if that can't be done."""
    try:
        if in_use(folder) == fingerprint:
            (folder / _CURRENT).unlink()
        shutil.rmtree(folder / fingerprint)
    except FileNotFoundError:
        return
    except OSError as error:
        message = f"can't delete {folder / fingerprint}: {error.strerror or error}"
        raise SetupError(message, "check who may write there") from error


def in_use(folder: Path) -> str | None:
    """Return the fingerprint of the classifier in use, whether it is whole or not; None without one."""
    try:
        return (folder / _CURRENT).read_text("ascii", "replace").strip()
    except FileNotFoundError:
        return None


def put_at(folder: Path) -> datetime | None:
    """Return when a classifier was last put into use."""
    times = [one.at for one in history.read(folder) if one.became not in ("refused", "erased")]
    return max(times, default=None)


def is_bereft(folder: Path) -> bool:
    """Return whether the classifier in use was erased and no other one has taken its place."""
    return bool(history.read(folder)) and not (folder / _CURRENT).exists()


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
