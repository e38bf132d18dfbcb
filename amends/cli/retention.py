"""`amends retention`: how long posts are kept, and what may not be erased for now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from models.store import Transaction

app = typer.Typer(
    help="How long posts are kept.", no_args_is_help=True, rich_markup_mode=None
)  # fmt: skip

COLUMNS = ("of", "keep_days", "held", "by", "at")
SourceOption = Annotated[str | None, typer.Option(help="Posts of this source.")]
IncidentOption = Annotated[str | None, typer.Option(help="Posts an incident has seen.")]


@app.callback()
def group() -> None:
    """Say how long posts are kept."""


@app.command("show")
def show_(
    context: typer.Context,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    List how long posts are kept, by source and incident, and what is held.

    Example: amends retention show
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        slugs = {f"incident:{row.id}": f"incident {row.slug}" for row in tx.incidents.every()}
        rows = [
            row.model_dump() | {"of": slugs.get(row.of, row.of.replace(":", " ", 1))}
            for row in tx.holds.every()
        ]
    show(COLUMNS, rows, as_)
    if not rows:
        desk.say("nothing is said: posts are kept without end")
    desk.next("amends retention set 90 --source x", "keep posts of X for 90 days")


@app.command("set")
def set_(
    context: typer.Context,
    days: Annotated[
        str, typer.Argument(metavar="DAYS", help="Days from when we first saw a post; or: forever.")
    ],
    source: SourceOption = None,
    incident: IncidentOption = None,
) -> None:
    """
    Keep posts of a source or an incident for so many days; rounds let go what is older, a part each time.

    Example: amends retention set 90 --source x
    """
    from models.errors import SetupError

    desk: Desk = context.obj
    if days != "forever" and not (days.isdecimal() and 1 <= int(days) <= 36_500):
        message = f"“{days}” is no number of days"
        raise SetupError(message, "write 90, or forever")
    kept = None if days == "forever" else int(days)
    with desk.open_store() as store, store.begin() as tx:
        of = _of(tx, source, incident)
        tx.holds.keep(of, kept, desk.me, desk.now())
        tx.audit.note("retention", of, by=desk.me, now=desk.now(), detail={"days": kept})
    desk.next("amends retention show", "all that is said")


@app.command("hold")
def hold(
    context: typer.Context, source: SourceOption = None, incident: IncidentOption = None
) -> None:
    """
    Let nothing of a source or an incident be erased, whoever asks, until it is released (legal hold).

    Example: amends retention hold --incident discs-late
    """
    _hold(context.obj, source, incident, held=True)


@app.command("release")
def release(
    context: typer.Context, source: SourceOption = None, incident: IncidentOption = None
) -> None:
    """
    Allow erasure again.

    Example: amends retention release --incident discs-late
    """
    _hold(context.obj, source, incident, held=False)


def _hold(desk: Desk, source: str | None, incident: str | None, *, held: bool) -> None:
    with desk.open_store() as store, store.begin() as tx:
        of = _of(tx, source, incident)
        tx.holds.hold(of, desk.me, desk.now(), held=held)
        tx.audit.note("held" if held else "released", of, by=desk.me, now=desk.now())
    desk.next("amends retention show", "all that is said")


def _of(tx: Transaction, source: str | None, incident: str | None) -> str:
    from models.errors import SetupError
    from models.store.holds import INCIDENT, SOURCE

    if (source is None) == (incident is None):
        message = "it is of one source or of one incident"
        raise SetupError(message, "add --source NAME or --incident SLUG")
    if source is not None:
        return f"{SOURCE}{source}"
    return f"{INCIDENT}{tx.incidents.find(incident or '').id}"
