"""Campaigns, for programs: what was offered, who asks for it by phase, what people say of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from amends.board.api.shape import (
    Id,
    In,
    Instant,
    Name,
    Out,
    Said,
    Slug,
    faults,
    incident_of,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from amends.credit import Ask, Standing, asks, credit, said
from models.campaign import Batch, CampaignRow, How, Terms
from models.offer import Finding
from models.phase import Phase
from models.store.campaigns import MOST_BATCHES, MOST_DAYS, MOST_PLANS
from models.store.requests import REQUEST

door = open_door("campaigns")

MOST = 200
"""Findings that are told, the worst first."""

Version = Annotated[int, Field(ge=0, le=2**31 - 1, description="The version you read.")]


class Mailed(Out, In):
    """A batch of mails: when, and how many if that is known."""

    at: Instant
    mails: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class Offer(Out, In):
    """What a plan is offered, such as 3 % and 24 cents; plan "" is every one that isn't named."""

    plan: Annotated[str, Field(max_length=80)] = ""
    worths: Annotated[list[Name], Field(min_length=1, max_length=MOST_PLANS)]


class Campaign(Out):
    """A credit that was offered, and how it stands now; `starts` is null while it is only planned."""

    id: int
    phase: Phase
    starts: Instant | None
    closes: Instant | None
    billed: Instant | None
    text: str
    how: str
    offers: list[Offer]
    who: str
    announced_at: Instant | None
    batches: list[Mailed]
    opens_at: Instant | None
    days: int | None
    once: bool
    bill_by: date | None
    by: str
    recorded_at: Instant
    version: int


class NewCampaign(In):
    """A credit to write down; `days` are local days to claim, after the day of the last mail."""

    text: Said
    how: How
    offers: Annotated[list[Offer], Field(min_length=1, max_length=MOST_PLANS)]
    who: Annotated[str, Field(max_length=5_000)] = ""
    announced_at: Instant | None = None
    batches: Annotated[tuple[Mailed, ...], Field(max_length=MOST_BATCHES)] = ()
    opens_at: Instant | None = None
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    once: bool = False
    bill_by: date | None = None


class Edited(NewCampaign):
    """A campaign's new terms, all of them."""

    version: Version


class Removed(In):
    """Which version to take away."""

    version: Version


class Group(Out):
    """
    Open posts of one label that were written in one phase.

    `credit_request` has all requests of the phase, the labels under it those they tell more of, and "" the
    rest. `due` is when the one that waits longest should have its answer; null if none waits.
    """

    phase: Phase
    label: str
    posts: int
    voices: int
    owner: str
    minutes: int
    due: Instant | None
    late: bool
    reply: int | None


class Origin(Out):
    """
    The batch of mails a worth comes from, the first being 1; `named` if the batch's own words name it.

    `righted_at` is null while no later act has set it right.
    """

    batch: int
    at: Instant
    named: bool
    righted_at: Instant | None


class Mentioned(Out):
    """Posts that name one worth; `first` is the earliest of them, `post_ids` are fifty at most."""

    finding: Finding
    worth: str
    posts: int
    voices: int
    first: int
    first_at: Instant
    post_ids: list[int]
    origin: Origin | None


class Credit(Out):
    """How the credit stands: the phase of now, campaigns, open requests, what people say was offered."""

    phase: Phase
    campaigns: list[Campaign]
    requests: list[Group]
    said: list[Mentioned]


@door.api("GET", "/api/incidents/{slug}/credit", "viewer", response_model=Credit)
def show(place: Here, slug: Slug) -> Any:
    """Return how the credit stands."""
    with place.store.read() as tx:
        incident, key = incident_of(tx, slug)
        now = place.now()
        stands = credit(tx, incident, now, place.labels.under(REQUEST).names)
        asked = asks(tx, incident, stands.groups, now)
        rows, found = tx.campaigns.of(key), said(tx, incident)
    return Credit(
        phase=stands.phase,
        campaigns=[_shown(row, one) for row, one in zip(rows, stands.standings, strict=True)],
        requests=[_asked(one) for one in asked],
        said=[Mentioned.model_validate(one) for one in found[:MOST]],
    )


@door.api("POST", "/api/incidents/{slug}/campaigns", "lead", response_model=Campaign,
          status_code=201)  # fmt: skip
def add(place: Here, who: Who, slug: Slug, new: NewCampaign) -> Any:
    """Write down a credit that was offered."""
    now = place.now()
    with place.store.begin() as tx:
        incident, key = incident_of(tx, slug)
        row = tx.campaigns.add(key, _terms(new), who.name, now)
        tx.audit.note("added", f"campaign:{row.id}", by=signed(who), now=now, incident_id=key)
        standing = {one.id: one for one in credit(tx, incident, now).standings}[row.id or 0]
    return _shown(row, standing)


@door.api("PUT", "/api/incidents/{slug}/campaigns/{campaign_id}", "lead", response_model=Campaign,
          responses=faults(409))  # fmt: skip
def edit(place: Here, who: Who, slug: Slug, campaign_id: Id, new: Edited) -> Any:
    """Give a campaign other terms."""
    now = place.now()
    with place.store.begin() as tx:
        incident, key = incident_of(tx, slug)
        tx.campaigns.get(campaign_id, key)
        row = tx.campaigns.edit(campaign_id, new.version, _terms(new), who.name)
        tx.audit.note("edited", f"campaign:{campaign_id}", by=signed(who), now=now,
                      incident_id=key, detail={"version": row.version})  # fmt: skip
        standing = {one.id: one for one in credit(tx, incident, now).standings}[campaign_id]
    return _shown(row, standing)


@door.api("DELETE", "/api/incidents/{slug}/campaigns/{campaign_id}", "lead", status_code=204,
          responses=faults(409))  # fmt: skip
def remove(
    place: Here, who: Who, slug: Slug, campaign_id: Id, wish: Annotated[Removed, Query()]
) -> None:
    """Take away a campaign written down by mistake."""
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        tx.campaigns.get(campaign_id, key)
        tx.campaigns.remove(campaign_id, wish.version, now)
        tx.audit.note(
            "removed", f"campaign:{campaign_id}", by=signed(who), now=now, incident_id=key
        )


def _terms(new: NewCampaign) -> Terms:
    offers: dict[str, tuple[str, ...]] = {}
    for one in new.offers:
        offers[one.plan] = (*offers.get(one.plan, ()), *one.worths)
    return Terms(
        text=new.text, how=new.how, who=new.who, announced_at=new.announced_at, offers=offers,
        batches=tuple(Batch(one.at, one.mails) for one in new.batches), opens_at=new.opens_at,
        days=new.days, once=new.once, bill_by=new.bill_by,
    )  # fmt: skip


def _asked(one: Ask) -> Group:
    return Group(
        phase=one.phase, label=one.label, posts=one.posts, voices=one.voices, owner=one.owner,
        minutes=one.minutes, due=one.due, late=one.late, reply=one.reply.id if one.reply else None,
    )  # fmt: skip


def _shown(row: CampaignRow, stands: Standing) -> Campaign:
    terms = row.terms
    return Campaign(
        id=row.id or 0, phase=stands.phase, starts=stands.starts, closes=stands.closes,
        billed=stands.billed, text=row.text, how=row.how, who=row.who,
        offers=[Offer(plan=plan, worths=list(each)) for plan, each in terms.offers.items()],
        announced_at=row.announced_at, batches=[Mailed.model_validate(one) for one in terms.batches],
        opens_at=row.opens_at, days=row.days, once=row.once, bill_by=terms.bill_by, by=row.by,
        recorded_at=row.recorded_at, version=row.version,
    )  # fmt: skip
