"""`amends outbox`: what is on its way, what waits, and what was given up."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As

app = typer.Typer(
    help="What is on its way to the outputs.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = ("id", "to", "title", "state", "tries", "next_try", "said")


@app.command("list")
def list_(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also what was sent or dropped.")] = False,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    List what waits or was given up, newest first, and why.

    Example: amends outbox list --all
    """
    from amends.when import iso

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        rows = tx.outbox.rows(most, unsent=not every)
    desk.show(
        COLUMNS,
        (
            {
                "id": row.id, "event": row.event_id, "to": row.destination, "kind": row.kind,
                "title": row.title, "state": row.state, "tries": row.tries,
                "next_try": iso(row.not_before) if row.state == "waiting" else None,
                "made_at": iso(row.created_at), "sent_at": iso(row.sent_at), "said": row.said,
            }
            for row in rows
        ),
        as_,
    )  # fmt: skip
    if any(row.state == "given up" for row in rows):
        desk.next("amends outbox retry", "once what is wrong has been mended")


Ids = Annotated[list[int] | None, typer.Argument(metavar="ID…", help="Their ids.")]


@app.command("retry")
def retry(context: typer.Context, ids: Ids = None) -> None:
    """
    Try again at once what is named; without ids all that was given up.

    Example: amends outbox retry 12
    """
    desk: Desk = context.obj
    with desk.open_store() as store:
        with store.begin() as tx:
            count = tx.outbox.retry(ids or [], desk.now())
            tx.audit.note("retried", "outbox", by=desk.me, now=desk.now(),
                          detail={"rows": sorted(ids or ()), "count": count})  # fmt: skip
        desk.say(f"{count} to be tried again")
        failed = [one for one in desk.dispatch(store).once() if one.state != "sent"]
    if failed:
        raise typer.Exit(1)


@app.command("drop")
def drop(
    context: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="ID…", help="Their ids.")],
) -> None:
    """
    Never send what is named.

    Example: amends outbox drop 12 13
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.begin() as tx:
        count = tx.outbox.drop(ids)
        tx.audit.note("dropped", "outbox", by=desk.me, now=desk.now(), detail={"rows": sorted(ids)})
    desk.say(f"{count} dropped")
