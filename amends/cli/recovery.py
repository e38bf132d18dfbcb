"""`amends recovery`: what became of those who complained, after our answer and without one."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

COLUMNS = ("what", "voices")


def recovery(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Say of those who complained who thanked, fell silent or complained again after our answer.

    An answer is a reply that was marked as sent.

    Example: amends recovery discs-late --as json
    """
    import msgspec

    from amends.effect.recovery import recovery_of, sentences

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        found = recovery_of(tx, row, desk.now())
    turns = found.turns
    counts = (("complained", turns.complained), ("never answered", turns.never),
              ("answered", found.answered), ("then thanked us", turns.thanked),
              ("then fell silent", turns.silent), ("then complained again", turns.again),
              ("then said something else", turns.otherwise), ("too early to say", turns.early))  # fmt: skip
    if as_ in (As.json, As.jsonl):
        show(COLUMNS, [msgspec.to_builtins(found) | {"said": sentences(found)}], as_)
    else:
        show(COLUMNS, ({"what": what, "voices": count} for what, count in counts), as_)
    for line in sentences(found) if as_ is As.table else ():
        desk.say(line)
    desk.next(f"amends clock {row.slug}", "who spoke first, and how long each took")


def add_to(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(recovery)
