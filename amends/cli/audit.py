"""`amends audit`: who changed what, and whether anybody changed that afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As

if TYPE_CHECKING:
    from models.store.trail import Proof

app = typer.Typer(
    help="Show who changed what, and prove that nobody changed that afterwards.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

COLUMNS = ("id", "at", "incident", "by", "did", "about", "detail", "changed")
PROOF = ("ok", "rows", "head", "broken", "what", "remedy")
AsOption = Annotated[As, typer.Option("--as", help="How to print it.")]


@app.command("show")
def show_(
    context: typer.Context,
    incident: Annotated[
        str | None, typer.Argument(metavar="[INCIDENT]", help="Only this one's; else all.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="From when, as 2026-03-03T08:40 or 2h (ago).")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Only what this person or monitor did.")] = None,
    count: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many at most, the newest.")
    ] = 200,
    as_: AsOption = As.table,
) -> None:
    """
    Show who did what to what, when, and what was before and after: texts only as keyed hashes.

    Example: amends audit show discs-late --since 2h --by ana
    """
    from amends.when import iso, moment

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident) if incident else None
        began = moment(since, desk.now(), row.tz if row else "UTC") if since else None
        slugs = {one.id: one.slug for one in tx.incidents.every()}
        found = tx.audit.newest(count, incident_id=row.id if row else None, since=began, by=by)
    lines: list[dict[str, Any]] = [
        {"id": one.id, "at": iso(one.at), "incident": slugs.get(one.incident_id, ""), "by": one.by,
         "did": one.did, "about": one.about, "detail": one.detail or "", "changed": one.changed or ""}
        for one in found
    ]  # fmt: skip
    desk.show(COLUMNS, lines, as_)
    desk.next("amends audit verify", "whether anybody changed this afterwards")


@app.command()
def verify(context: typer.Context, as_: AsOption = As.table) -> None:
    """
    Look through the whole trail: whether a row was changed, taken out, put in, moved or cut off.

    Exit code 1 and the first such place if so. What it says can be trusted as far as nobody but you
    reads audit.key in the home.

    Example: amends audit verify
    """
    from models.store.trail import prove

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        proof = prove(tx.session.connection(), store.seal)
    broken = proof.broken
    line = {
        "ok": broken is None, "rows": proof.rows, "head": proof.head.seal[:16],
        "broken": broken.row if broken else "", "what": broken.what if broken else "",
        "remedy": broken.remedy if broken else "",
    }  # fmt: skip
    desk.show(PROOF, [line], as_)
    for sentence in _told(proof):
        desk.say(sentence)
    if broken is not None:
        raise typer.Exit(1)
    desk.say(
        "written down elsewhere, that head proves all of this to whoever doesn't trust this home"
    )


def _told(proof: Proof) -> list[str]:
    """Return what belongs to the proof, a sentence each."""
    said = []
    for one in proof.restores:
        sentence = f"{one.by} put back a backup of {one.made_at} at {one.at:%Y-%m-%d %H:%M:%S} UTC"
        if one.lost:
            sentence += f"; {one.lost:,} rows that came after it are in what was moved aside"
        if one.foreign:
            sentence += (
                f"; {one.foreign:,} rows before it are another home's: unchanged since then, and before "
                "that proved only with its audit.key below the line in this home's"
            )
        said.append(sentence)
    if proof.rows and proof.known is None:
        said.append(
            "this home has no audit.head: that no rows were cut off isn't proved; it is written with the "
            "next change"
        )
    return said
