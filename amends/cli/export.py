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
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that isn't there yet.")],
    as_: Annotated[As, typer.Option("--as", help="How to print what was written.")] = As.table,
) -> None:
    """
    Write posts, tags, verdicts, coverage, holes and acts as CSV and, with amends[parquet], Parquet.

    All are of one moment; README.md in the folder says what each column means.

    Example: amends export discs-late /safe/discs-late
    """
    from amends.export import export as write
    from amends.export import has_parquet
    from amends.exported import note

    desk: Desk = context.obj
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
    desk.say("it holds people's posts: delete it when it has served; an erasure will only name it")
    desk.next(f"less {folder / 'README.md'}", "what each column means")
