"""`amends verify`: whether posts are still at their source."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

COLUMNS = ("watch", "source", "there", "gone", "untold", "requests", "waits", "trouble")

MOST = 1_000_000
"""Questions asked of a watch's source: by hand, as many as it takes."""


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("verify")(verify)


def verify(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Ask sources again about posts not verified lately; edits are kept, what is gone is erased.

    Costs what reading costs there, within the watch's budget. `untold` are posts nobody can tell of;
    `waits` means that the source works on its answer, and rounds go on with it. Exit 1 if something
    couldn't be asked.

    Example: amends verify discs-late
    """
    import msgspec

    from amends.verify import Verifier
    from amends.visit import Checked
    from ingest.again import AsksAgain

    desk: Desk = context.obj
    found: dict[tuple[int, str], Checked] = {}
    with desk.open_store() as store, desk.open_asker() as asker:
        with store.read() as tx:
            key = tx.incidents.find(incident).id or 0
            sources = sorted({row.source for row in tx.watches.of(key, once=None)})
        verifier = Verifier(
            desk.place(store), asker, desk.now, age=desk.verify_age, questions=MOST, agreed=True
        )
        for name in sources:
            if not isinstance(desk.sources.get(name), AsksAgain):
                desk.say(f"{name} can't be asked again")
                continue
            more = True
            while more:
                more = False
                for row, checked in verifier.verify(desk.sources[name], key):
                    found.setdefault((row.id or 0, row.source), Checked()).add(checked)
                    more = more or checked.goes_on
    lines = [
        {"watch": number, "source": name} | msgspec.to_builtins(checked)
        for (number, name), checked in found.items()
    ]
    show(COLUMNS, lines, as_)
    desk.next("amends doctor", "whether posts wait too long to be verified")
    if any(line["trouble"] for line in lines):
        raise typer.Exit(1)
