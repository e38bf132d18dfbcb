"""Examples: posts whose labels a person has given, as texts and a 0/1 matrix in label order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from classify.labels import Labels
from classify.lines import TOO_LONG, numbered
from classify.scorer import UNKNOWN
from models.errors import SetupError

CORPUS = Path(__file__).parent / "corpus"
"""Where the shipped examples lie; the hard ones in `hard/` are for tests only."""


class Labelled(msgspec.Struct, frozen=True):
    """
    One example.

    `judged` are the labels somebody decided on, None for all of them; `weight` is how much the
    example counts.
    """

    text: str
    labels: tuple[str, ...]
    judged: tuple[str, ...] | None = None
    weight: float = 1.0


class Examples:
    """
    Examples in an order of their own, so that the order they came in changes nothing.

    `texts` are n texts, `truth` is an (n, labels) matrix of 1, 0, and -1 where nobody judged,
    `weights` are n numbers.
    """

    def __init__(self, labelled: Iterable[Labelled], labels: Labels) -> None:
        rows = sorted(
            (
                one.text,
                [
                    UNKNOWN if one.judged is not None and name not in one.judged
                    else int(name in one.labels)
                    for name in labels.names
                ],
                one.weight,
            )
            for one in labelled
        )  # fmt: skip
        self.texts = tuple(text for text, _, _ in rows)
        self.truth: NDArray[np.int8] = np.array([truth for _, truth, _ in rows], np.int8)
        self.truth = self.truth.reshape(len(rows), len(labels))
        self.weights: NDArray[np.float64] = np.array([weight for _, _, weight in rows], float)
        self.digest = hashlib.sha256(msgspec.json.encode(rows)).hexdigest()

    def __len__(self) -> int:
        return len(self.texts)


def labelled(line: bytes | None, labels: Labels) -> Labelled:
    """Return the example in a line of JSON; ValueError with the reason if it is none."""
    if line is None:
        raise ValueError(TOO_LONG)
    try:
        one = msgspec.json.decode(line, type=Labelled)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if not one.text.strip():
        message = "there is no text"
        raise ValueError(message)
    unknown = [name for name in one.labels if name not in labels.names]
    if unknown:
        message = f"there is no label “{unknown[0]}”; the labels are {', '.join(labels.names)}"
        raise ValueError(message)
    return one


def read(paths: Iterable[Path], labels: Labels) -> Examples:
    """Return the examples in JSON Lines files; SetupError names the file and line of a bad one."""
    found: list[Labelled] = []
    for path in paths:
        try:
            with path.open("rb") as stream:
                for number, line in numbered(stream):
                    try:
                        found.append(labelled(line, labels))
                    except ValueError as error:
                        message = f"{path}, line {number}: {error}"
                        raise SetupError(message, "mend or remove that line") from error
        except OSError as error:
            message = f"can't read {path}: {error.strerror or error}"
            raise SetupError(message, "check the path and who may read it") from error
    return Examples(found, labels)


def shipped(labels: Labels) -> Examples:
    """Return the examples that come with Amends."""
    return read(sorted(CORPUS.glob("*.jsonl")), labels)
