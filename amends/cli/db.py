"""`amends db`: what the posts are kept in, and moving them into another database."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.progress import progress
from amends.cli.show import As

app = typer.Typer(
    help="What the posts are kept in: SQLite or PostgreSQL.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsOption = Annotated[As, typer.Option("--as", help="How to print it.")]


@app.command("show")
def show(
    context: typer.Context,
    digests: Annotated[
        bool, typer.Option("--digests", help="Also read every row, for a digest of each table.")
    ] = False,
    as_: AsOption = As.table,
) -> None:
    """
    Show which database it is, its size and shape, and how many rows each table has.

    Equal digests mean equal rows, on SQLite and PostgreSQL alike.

    Example: amends db show --digests
    """
    from models.store.held import held
    from models.store.mark import name_of

    desk: Desk = context.obj
    with desk.open_store() as store:
        found = held(store, digested=digests)
    whole = {"database": found.database, "where": name_of(desk.database_url), "bytes": found.size,
             "shape": found.shape}  # fmt: skip
    desk.say(
        f"{found.database} at {whole['where']}: {found.size / 1e6:,.1f} MB, shape {found.shape}"
    )
    desk.show(
        ("table", "rows", *(("digest",) if digests else ())),
        (
            {"table": name, "rows": rows}
            | ({"digest": found.digests[name]} if digests else {})
            | whole
            for name, rows in found.rows.items()
        ),
        as_,
    )


@app.command("move")
def move(
    context: typer.Context,
    to: Annotated[
        str, typer.Argument(metavar="TO", help="A SQLite file, or postgresql://user@host/name.")
    ],
    as_: AsOption = As.table,
) -> None:
    """
    Move everything into another database, then compare every row; stop `amends serve` first.

    TO has to be empty. What was cut short goes on with the same command. A password comes from
    PGPASSWORD, ~/.pgpass or a service file. The old database stays as it is, and stays in use until
    you say otherwise.

    Example: amends db move postgresql://amends@db.example/amends
    """
    from models.store.mark import address
    from models.store.move import move as move_to

    desk: Desk = context.obj
    url = address(to)
    try:
        with desk.open_store() as store, progress(desk) as tell:
            moved = move_to(store, url, desk.now(), tell)
    except KeyboardInterrupt:
        desk.say("stopped; nothing is lost, and the same command goes on where it was")
        raise typer.Exit(1) from None
    lines = (
        {"table": name, "rows": rows, "digest": moved.digests[name]}
        for name, rows in moved.rows.items()
        if rows
    )
    desk.show(("table", "rows", "digest"), lines, as_)
    if moved.anew:
        desk.say("the home had changed since the move that was broken off, so it began anew")
    elif moved.found:
        desk.say(f"{moved.found:,} rows were there already, and the same")
    desk.say(f"{sum(moved.rows.values()):,} rows compared: each is there, and the same")
    if url == desk.home.database_url:
        desk.next("unset AMENDS_DATABASE_URL", "wherever Amends is started; then start it again")
    else:
        desk.next(
            f"export AMENDS_DATABASE_URL={url}", "wherever Amends is started; then start it again"
        )
    desk.say("the old database still holds people's posts: delete it once all is well")
