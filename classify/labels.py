"""
Labels: the names we may put on a post, with their meaning and threshold.

They are data: `labels.toml` beside this file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, overload

import msgspec

from classify.unsaid import guesses
from models.errors import SetupError

SHIPPED = Path(__file__).parent / "labels.toml"

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST_NAME = 40


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A name we may put on a post.

    `threshold` is the score from which the tag is put, `share` the part of the posts of a running
    stream that carries it. `under` is the label that it tells more of, such as what a credit request
    asks; "" for a label that stands by itself.
    """

    name: str
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    meaning: Annotated[str, msgspec.Meta(min_length=1)]
    threshold: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    order: int
    colour: Annotated[str, msgspec.Meta(pattern="^#[0-9a-f]{6}$")]
    under: str = ""


class Labels(Sequence[Label]):
    """The vocabulary, in order."""

    def __init__(self, labels: Iterable[Label]) -> None:
        self._labels = tuple(sorted(labels, key=lambda label: label.order))
        self._places = {label.name: place for place, label in enumerate(self._labels)}

    @classmethod
    def load(cls, path: Path | None = None) -> Labels:
        """Return the labels in `path`, else the shipped ones; SetupError says what is wrong."""
        path = path or SHIPPED
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"{path}: {error}"
            raise SetupError(message, "mend the file") from error
        labels = [_label(path, name, table) for name, table in tables.items()]
        if not labels:
            message = f"{path}: there is no label in it"
            raise SetupError(message, "add a table such as [complaint]")
        seen: dict[int, str] = {}
        for label in labels:
            other = seen.setdefault(label.order, label.name)
            if other != label.name:
                message = f"{path}: [{label.name}] and [{other}] both have order = {label.order}"
                raise SetupError(message, "give each label its own place")
        found = cls(labels)
        for label in found:
            if label.under and label.under not in found.main.names:
                message = (
                    f"{path}: [{label.name}] is under “{label.under}”, which isn't there to hold it"
                )
                raise SetupError(message, "name a label that stands by itself, or leave under out")
        return found

    @property
    def main(self) -> Labels:
        """Those that stand by themselves: what charts, digests and keys are about."""
        return Labels(label for label in self._labels if not label.under)

    def under(self, name: str) -> Labels:
        """Those that tell more of the label of that name."""
        return Labels(label for label in self._labels if label.under == name)

    def told(self, put: Collection[str]) -> tuple[str, ...]:
        """
        Return the labels that somebody decides on who says that a post carries just these.

        All that stand by themselves; of those under one only if they name some.
        """
        groups = {"", *(self.find(name).under for name in put)}
        return tuple(label.name for label in self._labels if label.under in groups)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(label.name for label in self._labels)

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The thresholds in order."""
        return tuple(label.threshold for label in self._labels)

    @property
    def shares(self) -> tuple[float, ...]:
        """The shares in order."""
        return tuple(label.share for label in self._labels)

    def place(self, name: str) -> int:
        """Return where a label stands in the order, from 0; SetupError if there is none."""
        if name not in self._places:
            close = get_close_matches(name, self.names, n=1)
            hint = f"did you mean {close[0]}? " if close else ""
            message = f"there is no label “{name}”"
            raise SetupError(message, f"{hint}the labels are {', '.join(self.names)}")
        return self._places[name]

    def find(self, name: str) -> Label:
        """Return the label of that name; SetupError if there is none."""
        return self._labels[self.place(name)]

    def __len__(self) -> int:
        return len(self._labels)

    @overload
    def __getitem__(self, place: int) -> Label: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Label]: ...

    def __getitem__(self, place: int | slice) -> Label | Sequence[Label]:
        return self._labels[place]


def _label(path: Path, name: str, table: object) -> Label:
    if not isinstance(table, dict):
        message = f"{path}: “{name}” stands alone; a label is a table"
        raise SetupError(message, f"write [{name}] and its lines below it")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        message = f"{path}: [{name}] can't be a label's name"
        raise SetupError(message, "use small letters, digits and _, such as late_delivery")
    said = f"{name} {table.get('title', '')}"
    refused = guesses(said)
    if refused:
        message = f"{path}: [{name}] would guess at something people didn't say: {refused}"
        raise SetupError(message, "label what a post says about the service, not who wrote it")
    try:
        label = msgspec.convert({"name": name} | table, Label)
    except msgspec.ValidationError as error:
        said = str(error).replace("object", "label").replace("$.", "")
        message = f"{path}: [{name}]: {said}"
        raise SetupError(
            message, "mend the label; the shipped labels.toml shows the form"
        ) from error
    return msgspec.structs.replace(label, meaning=" ".join(label.meaning.split()))
