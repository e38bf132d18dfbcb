"""
A classifier on disk: a folder with `classifier.skops`, `card.json` and `learnt`.

The card says what the file is made of and its hash. Nothing is loaded before the card fits, and
skops then builds only the classes named here; nothing is ever unpickled. `learnt` holds the
fingerprints of the texts it was trained on, so that it can be told whether one of them was erased.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import sklearn.utils
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from classify.features import VERSION
from classify.labels import Labels
from models.errors import ClassifierStale, SetupError

# skops takes in all of scikit-learn to trust each of its estimators. What we trust is named below, and
# to be shown none of them spares every command that loads a classifier a second and 30 MB.
_every = sklearn.utils.all_estimators
sklearn.utils.all_estimators = list
try:
    import skops
    import skops.io
finally:
    sklearn.utils.all_estimators = _every

TRUSTED = [
    "classify.features.Features",
    "classify.scorer.Scorer",
    "classify.vectors.Vectors",
    "sklearn.pipeline.Pipeline",
]
"""The classes a file may hold beside numpy's own."""

REMEDY = "amends classify train"

_FILE = "classifier.skops"
_CARD = "card.json"
_LEARNT = "learnt"
_BEGUN = ".begun-"
_HOUR = 3600


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a saved classifier is made of. `counts` are examples by label."""

    labels: tuple[str, ...]
    thresholds: dict[str, float]
    shares: dict[str, float]
    examples: int
    counts: dict[str, int]
    examples_digest: str
    features: int
    sklearn: str
    vectors: str = ""
    fingerprint: str = ""
    skops: str = ""
    sha256: str = ""
    made_at: datetime | None = None


def write(
    folder: Path,
    pipeline: Pipeline,
    card: Card,
    made_at: datetime | None,
    learnt: NDArray[np.int64] | None = None,
) -> None:
    """
    Put a classifier into `folder`, whole or not at all, in place of one that lies there.

    `learnt` are the fingerprints of the texts it was trained on. SetupError if the folder can't be
    written.
    """
    data = skops.io.dumps(pipeline, compression=zipfile.ZIP_DEFLATED)
    card = msgspec.structs.replace(
        card,
        skops=skops.__version__,
        sha256=hashlib.sha256(data).hexdigest(),
        made_at=made_at,
    )
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun = Path(tempfile.mkdtemp(prefix=_BEGUN, dir=folder.parent))
        try:
            _sweep(folder.parent, begun)
            _put(begun / _FILE, data)
            _put(begun / _CARD, msgspec.json.format(msgspec.json.encode(card), indent=2))
            if learnt is not None:
                _put(begun / _LEARNT, learnt.astype("<i8").tobytes())
            _sync(begun)
            _move(begun, folder)
            _sync(folder.parent)
        finally:
            shutil.rmtree(begun, ignore_errors=True)
    except OSError as error:
        message = f"can't save the classifier in {folder}: {error.strerror or error}"
        raise SetupError(message, "check the disk's space and who may write there") from error


def read(folder: Path, labels: Labels) -> tuple[Pipeline, Card]:
    """Return what lies in `folder`; ClassifierStale if it is damaged or doesn't fit."""
    try:
        card = msgspec.json.decode((folder / _CARD).read_bytes(), type=Card)
        data = (folder / _FILE).read_bytes()
    except OSError as error:
        message = f"the classifier in {folder} isn't whole: {error.strerror or error}"
        raise ClassifierStale(message, REMEDY) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"{folder / _CARD} can't be read: {error}"
        raise ClassifierStale(message, REMEDY) from error
    _fits(folder, card, labels)
    if hashlib.sha256(data).hexdigest() != card.sha256:
        message = f"{folder / _FILE} isn't the file its card was written for"
        raise ClassifierStale(message, REMEDY)
    try:
        pipeline = skops.io.loads(data, trusted=TRUSTED)
    # Whatever a damaged or forged file makes skops stumble over, the answer is the same.
    except Exception as error:
        message = f"{folder / _FILE} can't be loaded: {type(error).__name__}"
        raise ClassifierStale(message, REMEDY) from error
    if not isinstance(pipeline, Pipeline) or list(pipeline.named_steps) != ["features", "scorer"]:
        message = f"{folder / _FILE} holds no classifier of ours"
        raise ClassifierStale(message, REMEDY)
    return pipeline, card


def learnt_from(folder: Path) -> set[int] | None:
    """Return the fingerprints of the texts a classifier was trained on; None if that isn't known."""
    try:
        data = (folder / _LEARNT).read_bytes()
    except OSError:
        return None
    return set(np.frombuffer(data[: len(data) // 8 * 8], "<i8").tolist())


def _fits(folder: Path, card: Card, labels: Labels) -> None:
    differs = (
        ("the labels", ", ".join(card.labels), ", ".join(labels.names)),
        ("scikit-learn", card.sklearn, sklearn.__version__),
        ("the features' version", str(card.features), str(VERSION)),
    )
    for what, then, now in differs:
        if then != now:
            message = f"the classifier in {folder} is out of date: {what} then {then}, now {now}"
            raise ClassifierStale(message, REMEDY)


def _put(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _move(begun: Path, folder: Path) -> None:
    # A folder can't replace a full one in one step, and another process may be doing the same.
    for _ in range(5):
        old = begun.with_name(begun.name + "-old")
        try:
            folder.rename(old)
        except FileNotFoundError:
            pass
        else:
            shutil.rmtree(old, ignore_errors=True)
        try:
            begun.rename(folder)
        except OSError:
            if not folder.exists():
                raise
        else:
            return
    message = f"{folder} is being written by others again and again"
    raise OSError(message)


def _sweep(parent: Path, newest: Path) -> None:
    """Remove what a process killed midway left behind, an hour ago or more."""
    now = newest.stat().st_mtime
    for path in parent.glob(f"{_BEGUN}*"):
        try:
            if path.stat().st_mtime < now - _HOUR:
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            continue
