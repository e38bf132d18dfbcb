"""`amends check`: each watch and the store, a tick or a cross with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from ingest.walk import Asker
    from models.incident import WatchRow

COLUMNS = ("ok", "what", "found", "remedy")


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("check")(check)


def check(
    context: typer.Context,
    incident: Annotated[
        str | None,
        typer.Argument(metavar="[INCIDENT]", help="Only this incident; else all that are open."),
    ] = None,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Really ask every watch for one answer, and see whether the store can be written.

    Example: amends check discs-late
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.begin() as tx:
        # Rolled back by nothing: an audit line is the cheapest real write.
        tx.audit.note("checked", "store", by=desk.me, now=desk.now())
        rows = [tx.incidents.find(incident)] if incident else [
            row for row in tx.incidents.every() if row.closed_at is None
        ]  # fmt: skip
        watches = [(row, watch) for row in rows for watch in tx.watches.of(row.id or 0)]
    lines = [_line(ok=True, what="store", found=f"can be written at {desk.home.path}")]
    with desk.open_asker() as asker:
        lines += [_ask(desk, asker, row.slug, watch) for row, watch in watches]
    show(COLUMNS, lines, as_)
    if incident and not watches:
        desk.next(f"amends watch add {incident} SOURCE", "it listens nowhere yet")
    else:
        desk.next("amends doctor", "what else may be wrong")
    if not all(line["ok"] for line in lines):
        raise typer.Exit(1)


def _line(*, ok: bool, what: str, found: str, remedy: str = "") -> dict[str, Any]:
    return {"ok": ok, "what": what, "found": found, "remedy": remedy}


def _ask(desk: Desk, asker: Asker, slug: str, watch: WatchRow) -> dict[str, Any]:
    """Ask one watch for one answer, from its bookmark, and keep nothing of it."""
    from ingest.registry import find
    from ingest.walk import walk
    from models.errors import AmendsError

    what = f"{slug}: watch {watch.id} {watch.source} {watch.as_watch().aim}"
    try:
        source = find(desk.sources, watch.source)
        found = 0
        # A source that has to look around first gets two more questions.
        for outcome in walk(watch.as_watch(), source, asker, desk.now, most=3):
            if outcome.answer is None:
                raise outcome.error or AssertionError
            found = len(outcome.answer.posts)
            if found:
                break
    except AmendsError as error:
        return _line(ok=False, what=what, found=error.message, remedy=error.remedy)
    said = f"answers, {found} posts to read" if found else "answers, nothing new"
    paused = "it is paused: amends watch resume " + str(watch.id) if watch.paused_at else ""
    return _line(ok=True, what=what, found=said, remedy=paused)
