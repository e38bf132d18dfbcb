"""`amends shelf`: past incidents side by side, and those nearest to what is proposed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from amends.shelf.ask import Shelf
    from amends.shelf.value import Precedent

COLUMNS = (
    "title",
    "company",
    "began",
    "down",
    "offer",
    "how",
    "percent_an_hour",
    "times_lost",
    "kind",
)
CAME = ("title", "first_word", "peak", "requests", "half", "tail", "conflicts", "missed")
SHOWN = 20
"""Lines that were left out and are told one by one."""


def shelf(
    context: typer.Context,
    incident: Annotated[
        str | None,
        typer.Argument(metavar="[INCIDENT]", help="Hold what it offers against the shelf."),
    ] = None,
    like: Annotated[
        str | None, typer.Option(help="Hold this offer against it: “3 %”, “3 % or 5 %”, “$5”.")
    ] = None,
    hours: Annotated[float | None, typer.Option(help="Hours it was down.")] = None,
    how: Annotated[str | None, typer.Option(help="automatic, link, form or call.")] = None,
    add: Annotated[
        Path | None,
        typer.Option(help="Put past incidents of yours on it: CSV or JSON Lines, with a title, and "
                          "hours or offer."),
    ] = None,
    remove: Annotated[
        str | None, typer.Option(metavar="NAME", help="Take one off it that was put on so.")
    ] = None,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:  # fmt: skip
    """
    Show past incidents on one scale, or the precedents nearest to an offer.

    Example: amends shelf --like "3 %" --hours 6 --how link
    """
    from amends.shelf.ask import Wish
    from amends.shelf.ask import shelf as whole
    from amends.shelf.words import notes, told

    desk: Desk = context.obj
    if remove is not None:
        from amends.shelf.added import remove as take_off

        take_off(desk.home.shelf, remove)
        _note(desk, "removed", 1)
        desk.say(f"{remove}: off the shelf")
    if add is not None:
        _add(desk, add)
    if add is not None or remove is not None:
        desk.next("amends shelf", "all that stands on it")
        return
    wish = Wish(like=like or "", hours=hours, how=how or "")
    with desk.open_store() as store, store.read() as tx:
        row = None if incident is None else tx.incidents.find(incident)
        found = whole(tx, desk.home.shelf, desk.now(), wish, row)
    rows = list(_rows(found))
    show((*COLUMNS, "because") if found.nearest else COLUMNS, rows, as_)
    if as_ is As.table:
        own = [row for row in rows if row["kind"] != "public record"]
        if own:
            desk.say(
                "what came of them; peak and requests are of 1,000 voices, the rest minutes or voices:"
            )
            show(CAME, own, as_)
        shown = [near.precedent for near in found.nearest] or found.precedents
        for line in (*filter(None, map(told, shown)), *found.said, *notes(found.precedents)):
            desk.say(line)
    desk.next('amends shelf --like "3 %" --hours 6', "the precedents nearest to an offer")


def add_to(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(shelf)


def _add(desk: Desk, file: Path) -> None:
    from amends.digest.words import several
    from amends.shelf.added import keep, read
    from models.errors import SetupError

    fresh, rejected = read(file)
    for one in rejected[:SHOWN]:
        desk.say(f"line {one.line} left out: {one.why}")
    if len(rejected) > SHOWN:
        desk.say(f"and {len(rejected) - SHOWN:,} more lines left out")
    if not fresh:
        message = f"{file} holds no past incident"
        raise SetupError(message, "give each a title, and hours or offer; see README.md")
    keep(desk.home.shelf, fresh)
    _note(desk, "added", len(fresh))
    taken = several(len(fresh), "past incident", "past incidents")
    desk.say(f"{taken} put on the shelf, {several(len(rejected), 'line', 'lines')} left out")


def _note(desk: Desk, did: str, count: int) -> None:
    with desk.open_store() as store, store.begin() as tx:
        tx.audit.note(did, "shelf", by=desk.me, now=desk.now(), detail={"incidents": count})


def _rows(found: Shelf) -> Iterable[dict[str, Any]]:
    for near in found.nearest:
        yield _row(near.precedent) | {"distance": near.distance, "because": near.because}
    for one in () if found.nearest else found.precedents:
        yield _row(one)


def _row(one: Precedent) -> dict[str, Any]:
    from amends.shelf.value import scale

    stands = scale(one)
    return {
        "name": one.name, "title": one.title, "company": one.company, "began": one.began,
        "down": one.down, "hours": one.hours, "about": one.about, "offer": ", ".join(one.offers),
        "how": one.how, "days": one.days, "claim": one.claim, "percent_an_hour": stands.per_hour,
        "times_lost": stands.times, "first_word": one.first_word, "peak": one.peak,
        "requests": one.requests, "half": one.half, "tail": one.tail, "conflicts": one.conflicts,
        "missed": one.missed, "said": one.said, "kind": one.kind, "measured": one.kind == "measured",
        "note": one.note, "source": one.source,
    }  # fmt: skip
