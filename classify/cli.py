"""`amends classify`: the labels, the classifier, and how good it is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Protocol

import typer

if TYPE_CHECKING:
    from classify.evaluate import Figures
    from models.home import Home
    from models.store import Store

app = typer.Typer(
    name="classify",
    help="How posts get tags: the labels, the classifier, and how good it is.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

SHOWN = 20
"""Bad lines told one by one; the rest are counted."""


class Desk(Protocol):
    """What the front door gives every command."""

    @property
    def home(self) -> Home:
        """Where the classifiers lie."""

    def open_store(self) -> AbstractContextManager[Store]:
        """Open the store for the length of a `with`."""

    def say(self, line: str) -> None:
        """Say a line to the person, not to the program that reads stdout."""

    def next(self, command: str, why: str) -> None:
        """Name the next sensible step."""

    def now(self) -> datetime:
        """Return the time."""


class As(StrEnum):
    """How to print."""

    table = "table"
    json = "json"


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


@app.command()
def labels(context: typer.Context, as_: AsOption = As.table) -> None:
    """
    List the labels: what each means, and from which score it is put.

    Example: amends classify labels
    """
    import msgspec

    from classify.labels import Labels

    found = Labels.load()
    if as_ is As.json:
        print(msgspec.json.encode(list(found)).decode())
    else:
        rows = ([label.name, f"{label.threshold:g}", label.meaning] for label in found)
        _table(("label", "from", "meaning"), rows)
    context.obj.next("amends classify evaluate FILE", "how well they are put")


@app.command()
def train(context: typer.Context) -> None:
    """
    Train the classifier from the shipped examples and put it into use; prints its fingerprint.

    Example: amends classify train
    """
    from classify import shelf

    desk: Desk = context.obj
    classifier = shelf.train(desk.home.classifiers, desk.say, now=desk.now())
    with desk.open_store() as store, store.begin() as tx:
        tx.posts.rescore(classifier.by)
    print(classifier.fingerprint)
    desk.next("amends classify run", "let it look at the posts another one tagged")


@app.command()
def evaluate(context: typer.Context, file: FileArgument, as_: AsOption = As.table) -> None:
    """
    Say how good the classifier is, on posts that people have labelled (text and labels).

    Example: amends classify evaluate labelled.jsonl --as json
    """
    import msgspec

    from classify import evaluate as figures
    from classify import scoring, shelf

    desk: Desk = context.obj
    rejects = Rejects(desk, file)
    with _opened(file) as stream:
        classifier = shelf.ready(desk.home.classifiers, desk.say, now=desk.now())
        truth, scores = scoring.judged(classifier, stream, rejects)
    rejects.end(len(truth))
    found = figures.evaluate(truth, scores, classifier.labels)
    if as_ is As.json:
        print(msgspec.json.encode(found).decode())
    else:
        _show(found)
    desk.next("amends classify labels", "what the labels mean")


@app.command()
def score(context: typer.Context, file: FileArgument) -> None:
    """
    Score posts (id and text), and print a JSON line for each: id, scores, labels.

    Example: amends classify score posts.jsonl
    """
    from classify import scoring, shelf

    desk: Desk = context.obj
    rejects = Rejects(desk, file)
    good = 0
    with _opened(file) as stream:
        classifier = shelf.ready(desk.home.classifiers, desk.say, now=desk.now())
        for batch in scoring.scored(classifier, stream, rejects):
            print("\n".join(batch))
            good += len(batch)
    rejects.end(good)
    desk.next(f"amends classify evaluate {file}", "if its lines have labels")


@app.command()
def run(context: typer.Context) -> None:
    """
    Tag every stored post the classifier hasn't looked at yet.

    Example: amends classify run
    """
    from classify import shelf
    from classify.tagging import tag_new

    desk: Desk = context.obj
    classifier = shelf.ready(desk.home.classifiers, desk.say, now=desk.now())
    with desk.open_store() as store:
        done = tag_new(
            store,
            classifier,
            now=desk.now(),
            progress=lambda sofar: desk.say(f"{sofar:,} posts …"),
        )
    desk.say(f"{done:,} posts looked at by classifier {classifier.fingerprint}")
    desk.next("amends incident list", "where they are")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
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


def _show(found: Figures) -> None:
    rows = (
        [
            one.label,
            *map(
                _figure,
                (one.precision, one.recall, one.f1, one.average_precision, one.roc_auc),
            ),
            f"{one.support:,}",
            f"{one.threshold:g}",
        ]
        for one in found.labels
    )
    _table(("label", "precision", "recall", "F1", "AP", "ROC AUC", "support", "from"), rows)
    print(f"\n{found.posts:,} posts   macro-F1 {_figure(found.macro_f1)}", end="   ")
    print(f"false praise {_figure(found.false_praise)} (complaints tagged praise)")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(columns: Iterable[str], rows: Iterable[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
