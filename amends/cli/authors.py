"""`amends authors`: who wrote posts stands under a pseudonym, and its key can be changed."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.progress import progress
from amends.cli.show import As, show

app = typer.Typer(
    help="Pseudonyms in place of authors' names.", no_args_is_help=True, rich_markup_mode=None
)  # fmt: skip

COLUMNS = ("authors", "posts")
YesOption = Annotated[bool, typer.Option("--yes", help="Don't ask: names can't be brought back.")]


@app.callback()
def group() -> None:
    """Put pseudonyms in place of authors' names."""


@app.command("show")
def show_(
    context: typer.Context,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Count the posts whose authors stand under names, and under pseudonyms of which key.

    Example: amends authors show
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        names, every = tx.authors.in_use(), tx.authors.generations()
    rows = [
        {"authors": f"pseudonyms of key {number}" if number else "names", "posts": posts}
        for number, posts in every
    ]
    show(COLUMNS, rows, as_)
    used = 0 if names is None else names.generation
    if used == 0:
        desk.say("new posts come in under names; AMENDS_PSEUDONYMS=on puts pseudonyms there")
        desk.next("amends authors pseudonymise", "put pseudonyms in place of all names")
    elif any(number < used for number, _ in every):
        desk.next("amends authors pseudonymise", f"put pseudonyms of key {used} everywhere")
    else:
        desk.next("amends authors rotate", "change the key; links stay")


@app.command("pseudonymise")
def pseudonymise(context: typer.Context, yes: YesOption = False) -> None:
    """
    Put a pseudonym in place of every author's name, in posts kept before and from now on; for good.

    The key lies in authors.key in the home. Cut short, the same command goes on.

    Example: amends authors pseudonymise --yes
    """
    _rename(context.obj, yes=yes, new_key=False)


@app.command("rotate")
def rotate(context: typer.Context, yes: YesOption = False) -> None:
    """
    Make a new key, and let every pseudonym be one of it: the same author still has one and the same.

    What was cut short is ended first, and makes no new key. Whoever had the old one can link nothing any more.

    Example: amends authors rotate --yes
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        settled = tx.authors.settled()
    if not settled:
        desk.say("this ends what was cut short; run it again for a new key")
    _rename(desk, yes=yes, new_key=settled)


def _rename(desk: Desk, *, yes: bool, new_key: bool) -> None:
    from amends.erase.files import asides
    from amends.renaming import rename

    if not desk.agrees("Names can't be brought back. Go on?", yes=yes):
        return
    with desk.open_store() as store, progress(desk) as tell:
        done = rename(store, desk.now(), by=desk.me, new_key=new_key, tell=tell)
    desk.say(f"{done.posts:,} posts renamed, and {done.texts:,} texts of ours that named authors")
    for aside in asides(desk.home):
        desk.say(f"names stand in {aside.path}, which a restore moved aside: delete it in time")
    desk.say(
        "keep authors.key where secrets.env is kept: it is in no backup, and without it nothing comes in"
    )
    if not done.clean:
        desk.say(
            "somebody still reads the database, so its log has traces: amends authors pseudonymise"
        )
        raise typer.Exit(1)
    desk.next("amends authors show", "how many posts stand under pseudonyms")
