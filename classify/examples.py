"""Examples: posts whose labels a person has given, as texts and a 0/1 matrix in label order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from classify.labels import Labels
from classify.lines import TOO_LONG, numbered
from classify.scorer import UNKNOWN
from models.errors import SetupError

CORPUS = Path(__file__).parent / "corpus"
"""Where the shipped examples lie; those in `exam/` and `hard/` are never learnt from."""


class Labelled(msgspec.Struct, frozen=True):
    """
    One example.

    `judged` are the labels somebody decided on, None for all of them; where only those `under` a label
    were, that name says so for all of them. `weight` is how much the example counts. A `guessed` one was labelled by a classifier, not by a person.
    """

    text: str
    labels: tuple[str, ...]
    judged: tuple[str, ...] | None = None
    weight: float = 1.0
    guessed: bool = False
    under: str = ""


class Examples:
    """
    Examples in an order of their own, so that the order they came in changes nothing.

    `texts` are n texts, `truth` is an (n, labels) matrix of 1, 0, and -1 where nobody judged,
    `weights` are n numbers, `guessed` says which of them no person has labelled.
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
                one.guessed,
            )
            for one in labelled
        )  # fmt: skip
        self.texts = tuple(text for text, _, _, _ in rows)
        self.truth: NDArray[np.int8] = np.array([truth for _, truth, _, _ in rows], np.int8)
        self.truth = self.truth.reshape(len(rows), len(labels))
        self.weights: NDArray[np.float64] = np.array([weight for _, _, weight, _ in rows], float)
        self.guessed: NDArray[np.bool_] = np.array([guessed for *_, guessed in rows], bool)
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
    if not one.under:
        return one
    kind = labels.under(one.under).names
    if not kind:
        message = f"there is no label under “{one.under}”"
        raise ValueError(message)
    return msgspec.structs.replace(one, judged=kind)


def read(paths: Iterable[Path], labels: Labels) -> list[Labelled]:
    """
    Return the examples in JSON Lines files.

    SetupError names the file and line of a bad one, and of one that stands there already.
    """
    found: dict[str, tuple[Labelled, str]] = {}
    for path in paths:
        try:
            with path.open("rb") as stream:
                for number, line in numbered(stream):
                    place = f"{path}, line {number}"
                    try:
                        one = labelled(line, labels)
                    except ValueError as error:
                        message = f"{place}: {error}"
                        raise SetupError(message, "mend or remove that line") from error
                    _, first = found.setdefault(one.text, (one, place))
                    if first != place:
                        message = f"{place}: the same text as {first}"
                        raise SetupError(message, "remove one of the two")
        except OSError as error:
            message = f"can't read {path}: {error.strerror or error}"
            raise SetupError(message, "check the path and who may read it") from error
    return [one for one, _ in found.values()]


def shipped(labels: Labels) -> list[Labelled]:
    """Return the examples that come with Amends, to learn from; of their labels those that `labels` has."""
    return list(_narrowed(read(sorted(CORPUS.glob("*.jsonl")), Labels.load()), labels))


def shipped_exam(labels: Labels) -> list[Labelled]:
    """Return the shipped examples that nothing learns from; of their labels those that `labels` has."""
    return list(_narrowed(read(sorted((CORPUS / "exam").glob("*.jsonl")), Labels.load()), labels))


def _narrowed(rows: Iterable[Labelled], labels: Labels) -> Iterator[Labelled]:
    """Yield examples without the labels that an installation doesn't use; it has labels of its own."""
    for one in rows:
        judged = one.judged and tuple(name for name in one.judged if name in labels.names)
        if judged != ():
            held = tuple(name for name in one.labels if name in labels.names)
            yield msgspec.structs.replace(one, labels=held, judged=judged)


def own(folder: Path, labels: Labels) -> list[Labelled]:
    """Return the examples an installation has added, none where it has added none."""
    return read(sorted(folder.glob("*.jsonl")), labels)
