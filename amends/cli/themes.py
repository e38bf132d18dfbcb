"""`amends themes`: what people complain about."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

COLUMNS = ("name", "posts", "voices", "complaints", "since", "example")


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("themes")(themes)


def themes(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    day: Annotated[
        str | None,
        typer.Option(help="2026-03-03, today or yesterday; else the newest day with posts."),
    ] = None,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:
    """
    Say what people complain about on a day: themes, their voices, and what is new since when.

    Example: amends themes discs-late --day today
    """
    from amends.digest import latest_day
    from amends.digest.themes import line_of, said_of
    from amends.pulse.themes import themes_of
    from amends.when import day as day_of
    from models.day import day_window

    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        which = day_of(day, now, row.tz) if day else latest_day(tx, row, now)
        found = themes_of(tx, row, day_window(which, row.tz), now)
    show(COLUMNS, [line_of(one) for one in found.themes], as_)
    desk.say(f"{which}: {said_of(found)}")
    desk.next(f"amends digest show {row.slug} --day {which}", "the whole day on one sheet")
