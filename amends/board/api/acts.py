"""Acts, for programs: what the company said, and drafts of what it will say."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from amends.board.act_approve import by_person
from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.shape import (
    After,
    Id,
    In,
    Instant,
    Leaf,
    Link,
    Many,
    Out,
    Said,
    Slug,
    faults,
    incident_of,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from models.campaign import ActKind, ActRow
from models.store.acts import Signer, checked
from models.store.acts import Words as Drafted

door = open_door("acts")

Version = Annotated[int, Field(ge=0, le=2**31 - 1, description="The version you read.")]


class Act(Out):
    """A public act. Without `at` it is a draft; `by` is who wrote it as it stands."""

    id: int
    kind: str
    text: str
    url: str | None
    by: str | None
    at: Instant | None
    recorded_at: Instant
    version: int
    approved_by: str | None
    approved_at: Instant | None


class Sought(In):
    """Which acts to list."""

    draft: Annotated[bool | None, Field(description="Only drafts, or only what is out.")] = None
    kind: ActKind | None = None
    after: After = None
    limit: Many = 50


class NewDraft(In):
    """A statement that isn't out yet."""

    kind: ActKind
    text: Said
    url: Link | None = None


class Edited(NewDraft):
    """A draft's new words, which take its approval away."""

    version: Version


class Approval(In):
    """Which version of a draft may go out."""

    version: Version


class Published(In):
    """That an approved draft went out: when (now, if left out) and where it can be read."""

    version: Version
    url: Link | None = None
    at: Instant | None = None
    next_update_at: Annotated[
        Instant | None, Field(description="When the company has promised to say more.")
    ] = None


@door.api("GET", "/api/incidents/{slug}/acts", "viewer", response_model=Leaf[Act])
def every(place: Here, slug: Slug, sought: Annotated[Sought, Query()]) -> Any:
    """List acts in the order they were written down."""
    after = opened(sought.after, 1)[0] if sought.after else 0
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        rows = sorted(tx.acts.of(key), key=lambda row: row.id or 0)
    found = [
        row
        for row in rows
        if (row.id or 0) > after
        and sought.draft in (None, row.at is None)
        and sought.kind in (None, row.kind)
    ]
    return leaf(found, sought.limit, Act.model_validate, lambda row: sealed(row.id or 0))


@door.api("GET", "/api/incidents/{slug}/acts/{act_id}", "viewer", response_model=Act)
def one(place: Here, slug: Slug, act_id: Id) -> Any:
    """Return one act."""
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        return tx.acts.get(act_id, key)


@door.api("POST", "/api/incidents/{slug}/acts", "agent", response_model=Act, status_code=201)
def draft(place: Here, who: Who, slug: Slug, new: NewDraft) -> Any:
    """Write a draft."""
    now = place.now()
    kind, text, url = checked(Drafted(new.kind, new.text, new.url))
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        row = tx.acts.add(ActRow(incident_id=key, kind=kind, text=text, url=url, by=who.name,
                                 recorded_at=now))  # fmt: skip
        tx.audit.note("drafted", f"act:{row.id}", by=signed(who), now=now, incident_id=key,
                      detail={"kind": kind})  # fmt: skip
    return row


@door.api("PUT", "/api/incidents/{slug}/acts/{act_id}", "agent", response_model=Act,
          responses=faults(409))  # fmt: skip
def edit(place: Here, who: Who, slug: Slug, act_id: Id, new: Edited) -> Any:
    """Change a draft; it has to be approved again."""
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        tx.acts.get(act_id, key)
        words = Drafted(new.kind, new.text, new.url)
        row = tx.acts.edit(act_id, new.version, words, who.name)
        tx.audit.note("edited", f"act:{act_id}", by=signed(who), now=place.now(), incident_id=key,
                      detail={"version": row.version})  # fmt: skip
    return row


@door.api("POST", "/api/incidents/{slug}/acts/{act_id}/approve", "lead", response_model=Act,
          responses=faults(409))  # fmt: skip
def approve(place: Here, who: Who, slug: Slug, act_id: Id, wish: Approval) -> Any:
    """Approve somebody else's draft; a person does, never a token."""
    by_person(who)
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        tx.acts.get(act_id, key)
        row = tx.acts.approve(act_id, wish.version, Signer(who.name, who.role), now)
        tx.audit.note("approved", f"act:{act_id}", by=signed(who), now=now, incident_id=key,
                      detail={"version": row.version})  # fmt: skip
    return row


@door.api("POST", "/api/incidents/{slug}/acts/{act_id}/publish", "lead", response_model=Act,
          responses=faults(409))  # fmt: skip
def publish(place: Here, who: Who, slug: Slug, act_id: Id, wish: Published) -> Any:
    """Note that an approved draft went out; Amends itself publishes nothing."""
    now = place.now()
    at = min(wish.at or now, now)
    with place.store.begin() as tx:
        incident, key = incident_of(tx, slug)
        tx.acts.get(act_id, key)
        signer = Signer(who.name, who.role)
        row = tx.acts.publish(act_id, wish.version, signer, at, wish.url)
        if "next_update_at" in wish.model_fields_set:
            incident.next_update_at = wish.next_update_at
            tx.incidents.save(incident)
        tx.audit.note("published", f"act:{act_id}", by=signed(who), now=now, incident_id=key,
                      detail={"version": row.version})  # fmt: skip
    return row
