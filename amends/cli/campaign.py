"""`amends campaign`: the credits the company offered, who asks for them, and what people say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from datetime import datetime

    from models.campaign import Terms

app = typer.Typer(
    help="Write down which credit was offered, and see who asks for it.",
    no_args_is_help=True, rich_markup_mode=None,
)  # fmt: skip

COLUMNS = ("id", "offers", "how", "phase", "starts", "closes", "bill_by", "text")
SAID = (
    "finding",
    "worth",
    "posts",
    "voices",
    "first_at",
    "first",
    "batch",
    "batch_at",
    "righted_at",
)
Incident = Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")]
Id = Annotated[
    int, typer.Argument(metavar="CAMPAIGN", min=1, help="Its id, from `amends campaign list`.")
]
Version = Annotated[int, typer.Option(min=0, help="The version you read, from the list.")]
Offer = Annotated[
    list[str] | None,
    typer.Option(help="What: “3 %”, “24 cents”, “Streaming: $5”; repeat it for more."),
]
How = Annotated[str | None, typer.Option(help="automatic, link, form or call.")]
At = Annotated[str | None, typer.Option(help="When it was announced: 2026-03-04T15:00, 2h, now.")]
Mail = Annotated[
    list[str] | None,
    typer.Option(help="A batch of mails: 2026-03-04T15:00, or with how many: …T15:00=12000."),
]
Opens = Annotated[str | None, typer.Option(help="When claims open, if not with the first mail.")]
Days = Annotated[
    int | None,
    typer.Option(help="Local days to claim, after the day of the last mail; 0 for no end."),
]
Once = Annotated[bool | None, typer.Option(help="Whether it can be claimed once only.")]
Bill = Annotated[
    str | None, typer.Option("--bill-by", help="The last day by which it shows on the bill.")
]
Who = Annotated[str | None, typer.Option(help="Who is eligible.")]
Words = Annotated[str | None, typer.Option(help="What customers were told.")]


@app.command()
def add(
    context: typer.Context, incident: Incident,
    text: Annotated[str, typer.Argument(help="What customers were told.")],
    offer: Offer = None, how: How = None, at: At = None, mail: Mail = None, opens: Opens = None,
    days: Days = None, once: Once = None, bill_by: Bill = None, who: Who = None,
) -> None:  # fmt: skip
    """
    Write down a credit that was offered.

    Example: amends campaign add discs-late "3 % off" --offer "3 %" --how link --at now --days 7
    """
    from models.campaign import Terms

    desk: Desk = context.obj
    now = desk.now()
    said = {"text": text, "offer": offer or [], "how": how or "automatic", "at": at, "mail": mail,
            "opens": opens, "days": days, "once": once, "bill_by": bill_by, "who": who}  # fmt: skip
    with desk.open_store() as store, store.begin() as tx:
        row = tx.incidents.find(incident)
        terms = _changed(Terms(text="", how="automatic", offers={}), said, now, row.tz)
        saved = tx.campaigns.add(row.id or 0, terms, desk.me, now)
        tx.audit.note("added", f"campaign:{saved.id}", by=desk.me, now=now, incident_id=row.id)
    desk.say(f"campaign {saved.id}: {terms.how}")
    desk.next(f"amends campaign list {row.slug}", "how it stands")


@app.command()
def edit(
    context: typer.Context, campaign: Id, version: Version, text: Words = None, offer: Offer = None,
    how: How = None, at: At = None, mail: Mail = None, opens: Opens = None, days: Days = None,
    once: Once = None, bill_by: Bill = None, who: Who = None,
) -> None:  # fmt: skip
    """
    Change what you name, and leave the rest; “none” takes a time, a day or all mails out.

    Example: amends campaign edit 1 --version 0 --bill-by 2026-04-30
    """
    desk: Desk = context.obj
    now = desk.now()
    said = {"text": text, "offer": offer, "how": how, "at": at, "mail": mail, "opens": opens,
            "days": days, "once": once, "bill_by": bill_by, "who": who}  # fmt: skip
    with desk.open_store() as store, store.begin() as tx:
        row = tx.campaigns.get(campaign)
        incident = tx.incidents.find(str(row.incident_id))
        terms = _changed(row.terms, said, now, incident.tz)
        row = tx.campaigns.edit(campaign, version, terms, desk.me)
        tx.audit.note("edited", f"campaign:{campaign}", by=desk.me, now=now,
                      incident_id=incident.id, detail={"version": row.version})  # fmt: skip
    desk.say(f"campaign {campaign}: changed")
    desk.next(f"amends campaign list {incident.slug}", "how it stands")


@app.command()
def remove(context: typer.Context, campaign: Id, version: Version) -> None:
    """
    Take away one that was written down by mistake.

    Example: amends campaign remove 2 --version 0
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        row = tx.campaigns.remove(campaign, version, now)
        tx.audit.note("removed", f"campaign:{campaign}", by=desk.me, now=now,
                      incident_id=row.incident_id)  # fmt: skip
    desk.say(f"campaign {campaign}: removed")


@app.command("list")
def list_(
    context: typer.Context, incident: Incident,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:  # fmt: skip
    """
    List the campaigns and how each stands now.

    Example: amends campaign list discs-late --as json
    """
    from amends.credit import credit
    from amends.when import iso

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        standings = {one.id: one for one in credit(tx, row, desk.now()).standings}
        lines = [
            {"id": one.id, "offers": one.offered, "how": one.how,
             "phase": standings[one.id or 0].phase, "starts": iso(standings[one.id or 0].starts),
             "closes": iso(standings[one.id or 0].closes), "bill_by": one.bill_by,
             "text": one.text, "who": one.who, "days": one.days, "once": one.once,
             "announced_at": iso(one.announced_at), "opens_at": iso(one.opens_at),
             "batches": one.mailed,
"by": one.by, "version": one.version}
            for one in tx.campaigns.of(row.id or 0)
        ]  # fmt: skip
    show(COLUMNS, lines, as_)
    desk.next(f"amends campaign requests {row.slug}", "who asks for it")


@app.command()
def requests(
    context: typer.Context, incident: Incident,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:  # fmt: skip
    """
    Count what open posts ask about a credit, by the phase of the offer in which they were written.

    Of each phase all requests first, then by what they ask: who answers, by when, and what is late.

    Example: amends campaign requests discs-late
    """
    from amends.credit import asks, credit
    from amends.when import iso
    from models.store.requests import REQUEST

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row, now = tx.incidents.find(incident), desk.now()
        found = credit(tx, row, now, desk.labels.under(REQUEST).names)
        asked = asks(tx, row, found.groups, now)
    lines = (
        {"phase": one.phase, "asks": one.label, "posts": one.posts, "voices": one.voices,
         "owner": one.owner, "due": iso(one.due) if one.due else None, "late": one.late}
        for one in asked
    )  # fmt: skip
    show(("phase", "asks", "posts", "voices", "owner", "due", "late"), lines, as_)
    desk.say(f"now: {found.phase}")
    desk.next(f"amends campaign said {row.slug}", "what people say was offered")


@app.command()
def said(
    context: typer.Context, incident: Incident,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:  # fmt: skip
    """
    Show what people say was offered: conflicts, the wrong plan, rumours, as offered, wished for.

    Example: amends campaign said discs-late --as jsonl
    """
    from amends.credit import said as heard
    from amends.when import iso

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        found = heard(tx, row)
    show(SAID, ({"finding": one.finding, "worth": one.worth, "posts": one.posts,
                 "voices": one.voices, "first_at": iso(one.first_at), "first": one.first,
                 "batch": one.origin.batch if one.origin else None,
                 "batch_at": iso(one.origin.at if one.origin else None),
                 "righted_at": iso(one.origin.righted_at if one.origin else None),
                 "post_ids": list(one.post_ids)} for one in found), as_)  # fmt: skip


def _changed(terms: Terms, said: dict[str, Any], now: datetime, tz: str) -> Terms:
    """Return terms with what was said in place of what was; “none” takes it out."""
    from msgspec.structs import replace

    from amends.terms import batches_of, last_day, offers_of
    from amends.when import moment

    def when(text: str) -> datetime | None:
        return None if text.strip().lower() == "none" else moment(text, now, tz)

    none = [word for word in said["mail"] or () if word.strip().lower() == "none"]
    readers: dict[str, tuple[str, Any]] = {
        "text": ("text", str), "how": ("how", str), "who": ("who", str), "once": ("once", bool),
        "days": ("days", lambda days: days or None), "offer": ("offers", offers_of),
        "at": ("announced_at", when), "opens": ("opens_at", when),
        "mail": ("batches", lambda words: () if none else batches_of(words, now, tz)),
        "bill_by": ("bill_by", lambda day: None if day.lower() == "none" else last_day(day)),
    }  # fmt: skip
    return replace(terms, **{
        field: read(said[name]) for name, (field, read) in readers.items() if said[name] is not None
    })  # fmt: skip
