"""Scoring a stream of JSON Lines in batches: order kept, memory flat, bad lines told and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from classify.classifier import Classifier
from classify.examples import labelled
from classify.lines import TOO_LONG, numbered
from classify.words import opening

BATCH = 4_000
"""Lines scored at a time."""

Reject = Callable[[int, str], None]
"""Hears the number of a bad line, from 1, and the reason."""

T = TypeVar("T")


class _Asked(msgspec.Struct):
    id: msgspec.Raw
    text: str


def scored(classifier: Classifier, stream: BinaryIO, reject: Reject) -> Iterator[list[str]]:
    """Yield batches of JSON lines with id, scores and labels, one for each line with id and text."""
    names = classifier.labels.names
    for batch in _batches(stream, _asked, reject):
        scores = classifier.scores([asked.text for asked in batch])
        put = classifier.put(scores)
        yield [
            msgspec.json.encode(_line(asked.id, names, row.tolist(), holds.tolist())).decode()
            for asked, row, holds in zip(batch, scores, put, strict=True)
        ]


def judged(
    classifier: Classifier, stream: BinaryIO, reject: Reject
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what people say and what the classifier scores, both (n, labels)."""
    labels = classifier.labels
    truth = [np.zeros((0, len(labels)), np.int8)]
    scores = [np.zeros((0, len(labels)))]
    for batch in _batches(stream, lambda line: labelled(line, labels), reject):
        truth.append(
            np.array([[name in one.labels for name in labels.names] for one in batch], np.int8)
        )
        scores.append(classifier.scores([one.text for one in batch]))
    return np.concatenate(truth), np.concatenate(scores)


def _batches(
    stream: BinaryIO, read: Callable[[bytes | None], T], reject: Reject
) -> Iterator[list[T]]:
    batch: list[T] = []
    for number, line in numbered(stream):
        try:
            batch.append(read(line))
        except ValueError as error:
            reject(number, str(error))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _asked(line: bytes | None) -> _Asked:
    if line is None:
        raise ValueError(TOO_LONG)
    try:
        asked = msgspec.json.decode(line, type=_Asked)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if bytes(asked.id)[:1] not in (*(b"%d" % digit for digit in range(10)), b"-", b'"'):
        message = "the id must be a text or a number"
        raise ValueError(message)
    # The rest of a long text, and the line itself, need not wait for the batch to fill.
    return _Asked(asked.id.copy(), opening(asked.text)[0])


def _line(
    key: msgspec.Raw, names: tuple[str, ...], scores: list[float], put: list[bool]
) -> dict[str, Any]:
    return {
        "id": key,
        "scores": {name: round(score, 6) for name, score in zip(names, scores, strict=True)},
        "labels": [name for name, holds in zip(names, put, strict=True) if holds],
    }
