"""What the commands of `classify` share: the front door's desk, files, bad lines, tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Protocol

import typer

if TYPE_CHECKING:
    from classify.classifier import Classifier
    from classify.evaluate import Figures
    from classify.labels import Labels
    from models.home import Home
    from models.store import Store

SHOWN = 20
"""Bad lines told one by one; the rest are counted."""


class Desk(Protocol):
    """What the front door gives every command."""

    @property
    def home(self) -> Home:
        """Where the classifiers, the labels and the examples lie."""

    @property
    def labels(self) -> Labels:
        """The vocabulary of this installation."""

    @property
    def classifier(self) -> Classifier:
        """The classifier in use; trained first where there is none."""

    @property
    def me(self) -> str:
        """Who sits here."""

    def open_store(self) -> AbstractContextManager[Store]:
        """Open the store for the length of a `with`."""

    def show(self, columns: Sequence[str], rows: Iterable[dict[str, Any]], as_: str) -> int:
        """Print rows on stdout as `as_` says; a table has these columns, the rest every key."""

    def say(self, line: str) -> None:
        """Say a line to the person, not to the program that reads stdout."""

    def next(self, command: str, why: str) -> None:
        """Name the next sensible step."""

    def now(self) -> datetime:
        """Return the time."""


class As(StrEnum):
    """How to print rows."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


AsOption = Annotated[As, typer.Option("--as", help="How to print it.")]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines; - for stdin.")]


class Rejects:
    """Tells bad lines as they come, and how many there were."""

    def __init__(self, desk: Desk, file: str) -> None:
        self._desk = desk
        self._where = "stdin" if file == "-" else file
        self.count = 0

    def __call__(self, line: int, reason: str) -> None:
        """Tell of one bad line."""
        self.count += 1
        if self.count <= SHOWN:
            self._desk.say(f"{self._where}, line {line}: left out: {reason}")

    def end(self, good: int) -> None:
        """Tell how it went; exit 1 if no line was any good."""
        if self.count:
            self._desk.say(f"{good:,} lines read, {self.count:,} left out")
        if not good:
            self._desk.say(f"{self._where}: there was no line to read")
            raise typer.Exit(1)


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """Open a file for the length of a `with`; SetupError if that can't be done."""
    from models.errors import SetupError

    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115  closed below; only opening fails like this
    except OSError as error:
        message = f"can't read {file}: {error.strerror or error}"
        raise SetupError(message, "check the path and who may read it") from error
    with stream:
        yield stream


def show_figures(desk: Desk, found: Figures, as_: As) -> None:
    """Print how well labels are found; as JSON in one piece, figures of the whole included."""
    if as_ is As.json:
        import msgspec

        print(msgspec.json.encode(found).decode())
        return
    # Who labelled by the labels that stand by themselves has nothing to say of the others.
    seen = [one for one in found.labels if one.support or not desk.labels.find(one.label).under]
    columns = ("label", "precision", "recall", "F1", "with and without", "AP", "ROC AUC", "ECE",
               "support", "from")  # fmt: skip
    rows = (
        {
            "label": one.label,
            "precision": figure(one.precision),
            "recall": figure(one.recall),
            "F1": figure(one.f1),
            "with and without": figure(one.both_f1),
            "AP": figure(one.average_precision),
            "ROC AUC": figure(one.roc_auc),
            "ECE": figure(one.calibration_error),
            "support": one.support,
            "from": one.threshold,
        }
        for one in seen
    )
    desk.show(columns, rows, as_)
    desk.say(
        f"{found.posts:,} posts   macro-F1 {figure(found.macro_f1)}   "
        f"false praise {figure(found.false_praise)} (complaints tagged praise)   "
        f"calibration error {figure(found.calibration_error)}"
    )
    for name, mean in found.macro_f1_under.items():
        desk.say(f"what more is told of {name}: macro-F1 {figure(mean)}")
    for one in seen:
        bins = "  ".join(f"{b.score:.2f}→{b.share:.2f} ({b.posts:,})" for b in one.reliability)
        desk.say(f"{one.label}: mean score→share that carries it (posts)  {bins}")


def figure(value: float | None) -> str:
    """Return a figure with three digits, a dash where it has no meaning."""
    return "–" if value is None else f"{value:.3f}"
