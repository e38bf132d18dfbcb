"""Write down a credit that was offered, change it, and take away one written down by mistake."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from amends.board.door import Door, Here, Who
from amends.board.place import Place
from amends.board.render import render
from amends.terms import batches_of, last_day, offers_of
from amends.when import moment
from models.campaign import HOWS, CampaignRow, Terms
from models.errors import Conflict, SetupError
from models.incident import IncidentRow, zone

door = Door()

Words = Annotated[str, Field(max_length=20_000)]
Short = Annotated[str, Field(max_length=200)]


class Written(BaseModel):
    """The form as somebody sent it."""

    text: Words = ""
    how: Short = "link"
    offers: Words = ""
    who: Words = ""
    announced_at: Short = ""
    batches: Words = ""
    opens_at: Short = ""
    days: Short = ""
    once: Short = ""
    bill_by: Short = ""


class Changed(Written):
    """The form with the version it was made from, and whether to save or to remove."""

    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    do: Short = "save"


@door.page("/i/{slug}/credit/new", "lead")
def ask(request: Request, place: Here, slug: str) -> Response:
    """Show an empty form."""
    return _form(request, place, slug, Written())


@door.page("/i/{slug}/credit/{campaign_id:int}", "lead")
def ask_again(request: Request, place: Here, slug: str, campaign_id: int) -> Response:
    """Show the form with what holds."""
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        row = tx.campaigns.get(campaign_id, incident.id)
    return _form(request, place, slug, _written(row, incident), row=row)


@door.act("/i/{slug}/credit", "lead")
def add(
    request: Request, place: Here, who: Who, slug: str, said: Annotated[Written, Form()]
) -> Response:
    """Keep a new one."""
    now = place.now()
    try:
        with place.store.begin() as tx:
            incident = tx.incidents.find(slug)
            row = tx.campaigns.add(incident.id or 0, _terms(said, now, incident.tz), who.name, now)
            tx.audit.note(
                "added", f"campaign:{row.id}", by=who.name, now=now, incident_id=incident.id
            )
    except SetupError as error:
        return _told(request, place, slug, said, error)
    return RedirectResponse(f"/i/{incident.slug}/credit", 303)


@door.act("/i/{slug}/credit/{campaign_id:int}", "lead")
def change(
    request: Request, place: Here, who: Who, slug: str, campaign_id: int,
    said: Annotated[Changed, Form()],
) -> Response:  # fmt: skip
    """Change one, or take it away; told if somebody else did meanwhile."""
    now = place.now()
    try:
        with place.store.begin() as tx:
            incident = tx.incidents.find(slug)
            row = tx.campaigns.get(campaign_id, incident.id)
            if said.do == "remove":
                tx.campaigns.remove(campaign_id, said.version, now)
            else:
                terms = _terms(said, now, incident.tz)
                row = tx.campaigns.edit(campaign_id, said.version, terms, who.name)
            tx.audit.note("removed" if said.do == "remove" else "edited", f"campaign:{campaign_id}",
                          by=who.name, now=now, incident_id=incident.id,
                          detail={"version": row.version})  # fmt: skip
    except (Conflict, SetupError) as error:
        return _told(request, place, slug, said, error, campaign_id)
    return RedirectResponse(f"/i/{incident.slug}/credit", 303)


def _terms(said: Written, now: datetime, tz: str) -> Terms:
    def when(text: str) -> datetime | None:
        return moment(text, now, tz) if text.strip() else None

    days = said.days.strip()
    if days and not (days.isascii() and days.isdigit() and len(days) < 5):
        message = f"“{days[:40]}” isn't a number of days"
        raise SetupError(message, "write 7, or nothing if claims never close")
    return Terms(
        text=said.text, how=said.how, who=said.who, once=bool(said.once),  # type: ignore[arg-type]  # checked where it is kept
        offers=offers_of(said.offers.splitlines()), announced_at=when(said.announced_at),
        batches=batches_of(said.batches.splitlines(), now, tz), opens_at=when(said.opens_at),
        days=int(days) if days else None, bill_by=last_day(said.bill_by),
    )  # fmt: skip


def _written(row: CampaignRow, incident: IncidentRow) -> Written:
    """Return what holds as a person writes it, times in the incident's zone."""

    def local(when: datetime | None) -> str:
        return "" if when is None else f"{when.astimezone(zone(incident.tz)):%Y-%m-%dT%H:%M%z}"

    batches = [
        local(one.at) + ("" if one.mails is None else f"={one.mails}") for one in row.terms.batches
    ]
    offers = [
        f"{plan}: {one}" if plan else one for plan, each in row.offers.items() for one in each
    ]
    return Written(
        text=row.text, how=row.how, offers="\n".join(offers), who=row.who,
        announced_at=local(row.announced_at), batches="\n".join(batches),
        opens_at=local(row.opens_at), days=str(row.days or ""), bill_by=row.bill_by or "",
        once="on" if row.once else "",
    )  # fmt: skip


def _told(
    request: Request, place: Place, slug: str, said: Written, error: Conflict | SetupError,
    campaign_id: int | None = None,
) -> Response:  # fmt: skip
    if error.message.startswith("there is no "):
        raise error
    row = None
    if campaign_id is not None:
        with place.store.read() as tx:
            row = tx.campaigns.get(campaign_id)
    # What they wrote stays in the form; a second try is made from what stands now.
    wrong = f"{error.message}: {error.remedy}" if error.remedy else error.message
    status = 409 if isinstance(error, Conflict) else 400
    return _form(request, place, slug, said, row=row, wrong=wrong, status=status)


def _form(
    request: Request, place: Place, slug: str, said: Written, *,
    row: CampaignRow | None = None, wrong: str = "", status: int = 200,
) -> Response:  # fmt: skip
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
    values: dict[str, Any] = {"incident": incident, "slug": incident.slug, "said": said,
                              "row": row, "hows": HOWS, "wrong": wrong}  # fmt: skip
    return render(request, "campaign_save.html", status=status, **values)
