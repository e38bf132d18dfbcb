"""`amends effect`: what an act of ours did to what people say."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

COLUMNS = ("label", "verdict", "change", "low", "high", "lag", "expected", "came")


def effect(
    context: typer.Context,
    act: Annotated[
        int, typer.Argument(metavar="ACT", min=1, help="Its id, from `amends act list`.")
    ],
    label: Annotated[
        list[str] | None,
        typer.Option(help="Only voices with this label, such as complaint; again for more."),
    ] = None,
    as_: Annotated[
        As, typer.Option("--as", help="How to print it; csv prints the hours it stands on.")
    ] = As.table,
) -> None:
    """
    Say whether an act worked: what it changed, how surely, and what would have come without it.

    Example: amends effect 3 --label credit_request --as json
    """
    from amends.effect.ask import effects
    from amends.effect.words import notes

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        found = effects(tx, act, desk.labels, desk.now(), label)
    rows = _hours(found) if as_ is As.csv else _rows(found)
    show(COLUMNS, rows, as_)
    for one in found if as_ is As.table else ():
        desk.say(one.said)
        for note in notes(one):
            desk.say(f"  {note}")
    desk.next(f"amends effect {act} --as csv", "the hours it stands on")


def add_to(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(effect)


def _rows(found: list[Any]) -> list[dict[str, Any]]:
    import msgspec

    return [msgspec.to_builtins(one) for one in found]


def _hours(found: list[Any]) -> list[dict[str, Any]]:
    import msgspec

    return [
        {"act": one.act, "label": one.label} | msgspec.to_builtins(hour)
        for one in found
        for hour in one.hours
    ]
