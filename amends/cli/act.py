"""`amends act`: what the company itself said or did."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

app = typer.Typer(
    help="Write down what the company said or did.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = ("id", "at", "kind", "text", "by", "url")


@app.command()
def add(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    kind: Annotated[
        str, typer.Argument(help="apology, status_update, statement, mail_batch or credit_posted.")
    ],
    text: Annotated[str, typer.Argument(help="What was said or done.")],
    at: Annotated[
        str, typer.Option(help="When: 2026-03-03T14:40, 2h, now; “draft” if it isn't out yet.")
    ] = "now",
    url: Annotated[str | None, typer.Option(help="Where it can be read.")] = None,
    by: Annotated[str | None, typer.Option(help="Who said it; you, if left out.")] = None,
) -> None:
    """
    Write down an act: an apology, a status update, a mail, a credit.

    Example: amends act add discs-late apology "We are sorry" --at 2026-03-04T15:00 --by ana
    """
    from amends.when import moment
    from models.campaign import ACT_KINDS, ActRow
    from models.errors import SetupError
    from models.post import clean

    desk: Desk = context.obj
    now = desk.now()
    if kind not in ACT_KINDS:
        message = f"“{kind}” is no kind of act"
        raise SetupError(message, f"use one of {', '.join(ACT_KINDS)}")
    if not clean(text):
        message = "the act says nothing"
        raise SetupError(message, "give its words")
    if url is not None and not url.startswith(("https://", "http://")):
        message = f"“{url}” isn't a web address"
        raise SetupError(message, "it begins with https://")
    with desk.open_store() as store, store.begin() as tx:
        row = tx.incidents.find(incident)
        when = None if at == "draft" else moment(at, now, row.tz)
        saved = tx.acts.add(ActRow(incident_id=row.id or 0, kind=kind, text=clean(text), url=url,
                                   by=by or desk.me, at=when, recorded_at=now))  # fmt: skip
        tx.audit.note("added", f"act:{saved.id}", by=desk.me, now=now, incident_id=row.id)
    desk.say(f"act {saved.id}: {kind}" + (" (draft)" if when is None else ""))
    desk.next(f"amends act list {row.slug}", "all of them")


@app.command("list")
def list_(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:
    """
    List what the company said or did, in order.

    Example: amends act list discs-late --as json
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        lines = [_line(act) for act in tx.acts.of(row.id or 0)]
    show(COLUMNS, lines, as_)
    desk.next(f"amends digest show {row.slug}", "the day on one sheet")


def _line(act: Any) -> dict[str, Any]:
    from amends.when import iso

    return {
        "id": act.id, "at": iso(act.at), "kind": act.kind, "text": act.text, "by": act.by,
        "url": act.url, "draft": act.at is None,
    }  # fmt: skip
