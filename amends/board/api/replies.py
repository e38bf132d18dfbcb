"""Saved replies, for programs."""

from __future__ import annotations

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
    faults,
    known,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from models.phase import Phase
from models.reply import fields_of
from models.store.replies import LONGEST_TITLE, MOST_MINUTES

door = open_door("replies")


class Reply(Out):
    """A saved reply. `fields` are what it leaves open; `at` is when it was last changed."""

    id: int
    title: str
    text: str
    label: str | None
    phase: str | None
    owner: str
    within: int | None
    fields: list[str]
    by: str
    at: Instant


class Replies(Out):
    """Saved replies, by title."""

    items: list[Reply]


class NewReply(In):
    """A reply to save; its text may leave {author}, {company}, {incident} and {credit} open."""

    title: Annotated[Said, Field(max_length=LONGEST_TITLE)]
    text: Said
    label: Name | None = None
    phase: Annotated[Phase | None, Field(description="For which phase of an offer.")] = None
    owner: Annotated[
        str, Field(max_length=LONGEST_TITLE, description="Who answers such posts.")
    ] = ""
    within: Annotated[
        int | None,
        Field(
            ge=1, le=MOST_MINUTES, description="Minutes of working time; null as the incident says."
        ),
    ] = None


class Changed(NewReply):
    """A saved reply's new words; `seen` is its `at` as you read it."""

    seen: Instant


class Sought(In):
    """Which replies to list; with a label those for it first, then those for any."""

    label: Name | None = None


class Removed(In):
    """The `at` of the reply as you read it."""

    seen: Instant


@door.api("GET", "/api/replies", "viewer", response_model=Replies)
def every(place: Here, sought: Annotated[Sought, Query()]) -> Any:
    """List saved replies."""
    if sought.label is not None:
        known(sought.label, place.labels.names)
    with place.store.read() as tx:
        rows = tx.replies.every(sought.label)
    return Replies(items=[_shown(row) for row in rows])


@door.api("POST", "/api/replies", "lead", response_model=Reply, status_code=201)
def add(place: Here, who: Who, new: NewReply) -> Any:
    """Save a reply."""
    if new.label is not None:
        known(new.label, place.labels.names)
    now = place.now()
    with place.store.begin() as tx:
        row = tx.replies.add(new.title, new.text, new.label, who.name, now, new.phase,
                             owner=new.owner, within=new.within)  # fmt: skip
        tx.audit.note("added", f"reply:{row.id}", by=signed(who), now=now)
    return _shown(row)


@door.api("PUT", "/api/replies/{reply_id}", "lead", response_model=Reply,
          responses=faults(409))  # fmt: skip
def change(place: Here, who: Who, reply_id: Id, new: Changed) -> Any:
    """Change a saved reply."""
    if new.label is not None:
        known(new.label, place.labels.names)
    now = place.now()
    with place.store.begin() as tx:
        row = tx.replies.change(reply_id, new.seen, title=new.title, text=new.text,
                                label=new.label, by=who.name, now=now, phase=new.phase,
                                owner=new.owner, within=new.within)  # fmt: skip
        tx.audit.note("edited", f"reply:{row.id}", by=signed(who), now=now)
    return _shown(row)


@door.api("DELETE", "/api/replies/{reply_id}", "lead", status_code=204, responses=faults(409))
def remove(place: Here, who: Who, reply_id: Id, wish: Annotated[Removed, Query()]) -> None:
    """Take a saved reply away."""
    now = place.now()
    with place.store.begin() as tx:
        tx.replies.remove(reply_id, wish.seen, now)
        tx.audit.note("removed", f"reply:{reply_id}", by=signed(who), now=now)


def _shown(row: Any) -> Reply:
    return Reply(id=row.id, title=row.title, text=row.text, label=row.label, phase=row.phase,
                 owner=row.owner, within=row.within, by=row.by, at=row.at,
                 fields=fields_of(row.text))  # fmt: skip
