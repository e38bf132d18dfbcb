"""`amends doctor`: numbered findings, each with its remedy."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from models.store import Store

COLUMNS = ("finding", "level", "what", "remedy")
LEAST_ROOM = 500 * 1024**2
SQLITE_MENDED = (3, 51, 3)
"""From this release on two connections can't damage the write-ahead log by a checkpoint."""

Finding = tuple[str, str, str, str]


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Look the installation over. Findings: E must be mended, W should be, I is good to know.

    Example: amends doctor --as json
    """
    desk: Desk = context.obj
    found = [*_home(desk), *_store(desk), *_classifier(desk), *_secrets(desk)]
    lines = [
        {"finding": code, "level": level, "what": what, "remedy": remedy}
        for code, level, what, remedy in found
    ]
    show(COLUMNS, lines, as_)
    desk.next("amends check", "really ask every watch")
    if any(line["level"] == "error" for line in lines):
        raise typer.Exit(1)


def _home(desk: Desk) -> Iterator[Finding]:
    yield "I01", "info", f"the home is {desk.home.path}", ""
    free = shutil.disk_usage(desk.home.path).free
    if free < LEAST_ROOM:
        yield "E02", "error", f"only {free // 1024**2} MB are free on its disk", "make room"
    if not desk.environment.get("AMENDS_CONTACT"):
        what = "the sites we ask aren't told whom to write to"
        yield "W03", "warning", what, "export AMENDS_CONTACT=you@company.example"


def _store(desk: Desk) -> Iterator[Finding]:
    from models.errors import AmendsError
    from models.store import dialect

    try:
        with desk.open_store() as store:
            with store.read() as tx:
                connection = tx.session.connection()
                version, broken = dialect.version_of(connection), dialect.damage(connection)
            yield "I10", "info", f"posts are kept in {version}", ""
            if broken:
                remedy = "restore a backup, or move the file away and backfill again"
                yield "E11", "error", f"the database is damaged: {broken}", remedy
            name, _, number = version.partition(" ")
            if name == "SQLite" and tuple(map(int, number.split("."))) < SQLITE_MENDED:
                what = f"SQLite {number} can, very rarely, damage its log when two programs write"
                yield (
                    "W12",
                    "warning",
                    what,
                    "SQLite 3.51.3 mends it; until then one `amends run` at a time",
                )
            yield from _watches(store)
    except AmendsError as error:
        yield "E10", "error", error.message, error.remedy


def _watches(store: Store) -> Iterator[Finding]:
    with store.read() as tx:
        for row in tx.incidents.every():
            for watch in tx.watches.of(row.id or 0):
                if watch.trouble:
                    what = f"{row.slug}: watch {watch.id} ({watch.source}): {watch.trouble}"
                    yield "W20", "warning", what, f"mend that, then amends watch resume {watch.id}"


def _classifier(desk: Desk) -> Iterator[Finding]:
    from classify.shelf import current
    from models.errors import AmendsError

    try:
        classifier = current(desk.home.classifiers)
    except AmendsError as error:
        yield "E30", "error", error.message, error.remedy
        return
    if classifier is None:
        yield "I31", "info", "no classifier is trained yet", "it is trained by itself on first use"
    else:
        yield "I30", "info", f"the classifier is {classifier.fingerprint}", ""


def _secrets(desk: Desk) -> Iterator[Finding]:
    for source in desk.sources.values():
        for name in source.needs:
            if name not in desk.secrets:
                what = f"{name} isn't set, so {source.name} can't be asked"
                yield "I40", "info", what, f"export {name}=… or put it into secrets.env in the home"
    if sys.version_info < (3, 11, 4):
        yield "W41", "warning", "this Python is old", "Python 3.11.4 or newer"
