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
from models.errors import SetupError

CORPUS = Path(__file__).parent / "corpus"
"""Where the shipped examples lie; the hard ones in `hard/` are for tests only."""


class Labelled(msgspec.Struct, frozen=True):
    """One example as it stands in a file."""

    text: str
    labels: tuple[str, ...]


class Examples:
    """
    Examples in an order of their own, so that the order they came in changes nothing.

    `texts` are n texts, `truth` is an (n, labels) matrix of 0 and 1.
    """

    def __init__(self, labelled: Iterable[Labelled], labels: Labels) -> None:
        rows = sorted((one.text, sorted(set(one.labels), key=labels.place)) for one in labelled)
        self.texts = tuple(text for text, _ in rows)
        self.truth: NDArray[np.int8] = np.zeros((len(rows), len(labels)), np.int8)
        for row, (_, names) in enumerate(rows):
            for name in names:
                self.truth[row, labels.place(name)] = 1
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
