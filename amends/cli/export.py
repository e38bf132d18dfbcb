"""`amends export`: all that is kept of an incident, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

COLUMNS = ("name", "rows", "bytes", "sha256")


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("export")(export)


def export(
    context: typer.Context,
    incident: Annotated[
        str | None, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A folder that isn't there yet.")
    ] = None,
    author: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE:NAME", help="Instead, all that is held about an author, as JSON."
        ),
    ] = None,
    as_: Annotated[As, typer.Option("--as", help="How to print what was written.")] = As.table,
) -> None:
    """
    Write posts, tags, verdicts, coverage, holes and acts as CSV and, with amends[parquet], Parquet.

    All are of one moment; README.md in the folder says what each column means. With --author it prints JSON.

    Example: amends export discs-late /safe/discs-late
    """
    from models.errors import SetupError

    desk: Desk = context.obj
    if author is not None and incident is None:
        _author(desk, author)
        return
    if incident is None or folder is None or author is not None:
        message = "an export is of an incident into a folder, or of an author"
        raise SetupError(
            message, "amends export INCIDENT DIR, or amends export --author SOURCE:NAME"
        )
    from amends.export import export as write
    from amends.export import has_parquet
    from amends.exported import note

    with desk.open_store() as store:
        made = write(store, incident, folder, desk.now(), lambda *_: None)
        with store.read() as tx:
            number = tx.incidents.find(incident).id
    note(desk.home, "export", folder, desk.now(), number)
    lines = [
        {"name": file.name, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}
        for file in made.files
    ]
    show(COLUMNS, lines, as_)
    if not has_parquet():
        desk.say("for Parquet too: pip install 'amends[parquet]'")
    desk.say("it holds people's posts: delete it when it has served; an erasure only names it")
    desk.next(f"less {folder / 'README.md'}", "what each column means")


def _author(desk: Desk, said: str) -> None:
    """Print all that is held about an author."""
    import msgspec

    from amends.cli.erase import author_of
    from amends.erase.held import held_about

    source, name = author_of(said)
    with desk.open_store() as store:
        held = held_about(desk.place(store), source, name)
    print(msgspec.json.format(msgspec.json.encode(held), indent=2).decode())
    desk.say(
        f"{len(held.posts):,} posts, {len(held.quoted):,} texts of ours that quote or name them"
    )
    desk.next(f"amends erase --author {said}", "what an erasure would take")
