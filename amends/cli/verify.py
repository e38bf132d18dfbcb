"""`amends verify`: whether posts are still at their source."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

COLUMNS = ("watch", "source", "there", "gone", "requests", "trouble")


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("verify")(verify)


def verify(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Ask sources again about posts not verified for half a day; edits are kept, what is gone is erased.

    Costs what reading costs there, within the watch's budget. Exit 1 if something couldn't be asked.

    Example: amends verify discs-late
    """
    import msgspec

    from amends.upkeep import verify as ask

    desk: Desk = context.obj
    lines = []
    with desk.open_store() as store, desk.open_asker() as asker:
        place = desk.place(store)
        with store.read() as tx:
            row = tx.incidents.find(incident)
            watches = [
                msgspec.structs.replace(
                    one.as_watch(), left=tx.watches.left(one.id or 0, desk.now())
                )
                for one in tx.watches.of(row.id or 0)
            ]
        for watch in watches:
            source = desk.sources.get(watch.source)
            if source is None or not hasattr(source, "ask_again"):
                desk.say(f"watch {watch.id} {watch.source} can't be asked again")
                continue
            found = ask(place, watch, source, asker, desk.now, age=desk.verify_age, most=1_000_000)
            lines.append({"watch": watch.id, "source": watch.source} | msgspec.to_builtins(found))
    show(COLUMNS, lines, as_)
    desk.next("amends doctor", "whether posts wait too long to be verified")
    if any(line["trouble"] for line in lines):
        raise typer.Exit(1)
