"""`amends act`: what the company itself said or did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from models.store import Transaction
    from models.store.acts import Signer

app = typer.Typer(
    help="Write down what the company said or did.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = ("id", "at", "kind", "text", "by", "approved_by", "url")
Id = Annotated[int, typer.Argument(metavar="ACT", min=1, help="Its id, from `amends act list`.")]


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
    if at == "draft" and by not in (None, desk.me):
        message = "a draft is by whoever writes it down"
        raise SetupError(message, "leave --by out")
    with desk.open_store() as store, store.begin() as tx:
        row = tx.incidents.find(incident)
        when = None if at == "draft" else moment(at, now, row.tz)
        saved = tx.acts.add(ActRow(incident_id=row.id or 0, kind=kind, text=clean(text), url=url,
                                   by=by or desk.me, at=when, recorded_at=now))  # fmt: skip
        tx.audit.note("added", f"act:{saved.id}", by=desk.me, now=now, incident_id=row.id)
    desk.say(f"act {saved.id}: {kind}" + (" (draft)" if when is None else ""))
    desk.next(f"amends act list {row.slug}", "all of them")


@app.command()
def approve(
    context: typer.Context,
    act: Id,
    version: Annotated[int, typer.Option(min=0, help="The version you read, from the list.")],
) -> None:
    """
    Let somebody else's draft go out as it stands; you are of role lead or above.

    Example: amends act approve 3 --version 0
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        row = tx.acts.approve(act, version, _signer(tx, desk.me), now)
        tx.audit.note("approved", f"act:{act}", by=desk.me, now=now,
                      incident_id=row.incident_id, detail={"version": row.version})  # fmt: skip
    desk.say(f"act {act}: approved by {row.approved_by}")
    desk.next(f"amends act publish {act} --version {row.version}", "once it is out")


@app.command()
def publish(
    context: typer.Context,
    act: Id,
    version: Annotated[int, typer.Option(min=0, help="The version that was approved.")],
    at: Annotated[str, typer.Option(help="When it went out: 2026-03-03T14:40, 20m, now.")] = "now",
    url: Annotated[str | None, typer.Option(help="Where it can be read.")] = None,
    promise: Annotated[
        str | None,
        typer.Option("--next", help="When the public was told to hear more; “none” if it wasn't."),
    ] = None,
) -> None:
    """
    Note that an approved draft went out. Amends itself publishes nothing.

    Example: amends act publish 3 --version 0 --url https://status.example/3 --next 2026-03-04T18:00
    """
    from amends.when import moment

    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        incident = tx.incidents.find(str(tx.acts.get(act).incident_id))
        when = min(moment(at, now, incident.tz), now)
        row = tx.acts.publish(act, version, _signer(tx, desk.me), when, url)
        if promise is not None:
            none = promise.strip().lower() == "none"
            incident.next_update_at = None if none else moment(promise, now, incident.tz)
            tx.incidents.save(incident)
        tx.audit.note("published", f"act:{act}", by=desk.me, now=now, incident_id=incident.id,
                      detail={"version": row.version})  # fmt: skip
    desk.say(f"act {act}: out")
    desk.next(f"amends act list {incident.slug}", "all of them")


def _signer(tx: Transaction, me: str) -> Signer:
    """Return who sits here with their role; SetupError unless they are one of the team."""
    from models.errors import SetupError
    from models.store.acts import Signer

    person = tx.people.find(me)
    if person is None or person.disabled_at is not None:
        message = f"{me} is nobody of the team"
        raise SetupError(message, "say who you are with AMENDS_USER; amends user list shows them")
    return Signer(person.name, person.role)


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
        "url": act.url, "draft": act.at is None, "version": act.version,
        "approved_by": act.approved_by, "approved_at": iso(act.approved_at),
    }  # fmt: skip
