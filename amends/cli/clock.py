"""`amends clock`: who spoke first, and how long each took."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

COLUMNS = ("what", "at", "minutes", "since", "sure")


def clock(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Show who spoke first: the public, the alarm or we; and when complaints halved and were over.

    Example: amends clock discs-late --as csv
    """
    import msgspec

    from amends.effect.clock import clock_of

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        hands = clock_of(tx, row, desk.now())
    show(COLUMNS, (msgspec.to_builtins(hand) for hand in hands), as_)
    if not all(hand.sure for hand in hands):
        desk.say("where it isn't sure not all was read up to then, so it may have been earlier")
    desk.next(f"amends recovery {row.slug}", "what became of those who complained")
    desk.next(
        f"amends act list {row.slug}", "what we said; amends effect ACT says whether it worked"
    )


def add_to(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(clock)
