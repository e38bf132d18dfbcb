"""Incidents, for programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field, model_validator

from amends import course
from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.shape import (
    After,
    In,
    Instant,
    Leaf,
    Many,
    Name,
    Out,
    Said,
    Slug,
    incident_of,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from models.incident import Status

door = open_door("incidents")

Minutes = Annotated[int, Field(ge=1, le=10_080)]
Terms = Annotated[list[Name], Field(max_length=50)]


class Incident(Out):
    """An incident; times in UTC."""

    id: int
    slug: str
    title: str
    company: str
    tz: str
    terms: list[str]
    status: str
    began: Instant
    opened_at: Instant
    closed_at: Instant | None
    look_within: int
    answer_within: int
    hours: str
    next_update_at: Instant | None


class NewIncident(In):
    """An incident to open. Without `began` it began now; without `terms` the company's name is one."""

    title: Said
    company: Said
    tz: Name = "UTC"
    terms: Terms = Field(default_factory=list)
    began: Instant | None = None


class IncidentChanges(In):
    """What to change of an incident; what is left out stays. `closed` closes or reopens it."""

    title: Said | None = None
    company: Said | None = None
    tz: Name | None = None
    terms: Terms | None = None
    began: Instant | None = None
    status: Status | None = None
    closed: bool | None = None
    look_within: Minutes | None = None
    answer_within: Minutes | None = None
    hours: Annotated[str, Field(max_length=200)] | None = None
    next_update_at: Instant | None = None

    @model_validator(mode="after")
    def _say_something(self) -> IncidentChanges:
        if self.closed is not None and self.status is not None:
            message = "a status comes with closing and reopening: give one of the two"
            raise ValueError(message)
        return self


class Sought(In):
    """Which incidents to list."""

    closed: Annotated[bool | None, Field(description="Only closed ones, or only open ones.")] = None
    status: Status | None = None
    after: After = None
    limit: Many = 50


@door.api("GET", "/api/incidents", "viewer", response_model=Leaf[Incident])
def every(place: Here, sought: Annotated[Sought, Query()]) -> Any:
    """List incidents, the newest first."""
    with place.store.read() as tx:
        rows = sorted(tx.incidents.every(), key=lambda row: -(row.id or 0))
    behind = opened(sought.after, 1)[0] if sought.after else None
    found = [
        row
        for row in rows
        if sought.closed in (None, row.closed_at is not None)
        and sought.status in (None, row.status)
        and (behind is None or (row.id or 0) < behind)
    ]
    return leaf(found, sought.limit, Incident.model_validate, lambda row: sealed(row.id or 0))


@door.api("GET", "/api/incidents/{slug}", "viewer", response_model=Incident)
def one(place: Here, slug: Slug) -> Any:
    """Return one incident."""
    with place.store.read() as tx:
        return tx.incidents.find(slug)


@door.api("POST", "/api/incidents", "lead", response_model=Incident, status_code=201)
def add(place: Here, who: Who, new: NewIncident) -> Any:
    """Open an incident."""
    now = place.now()
    began = (new.began or now).isoformat()
    with place.store.begin() as tx:
        return course.opened(
            tx, title=new.title, company=new.company, terms=new.terms, tz=new.tz, began=began,
            by=signed(who), now=now,
        )  # fmt: skip


@door.api("PATCH", "/api/incidents/{slug}", "lead", response_model=Incident)
def change(place: Here, who: Who, slug: Slug, changes: IncidentChanges) -> Any:
    """Change an incident, move it on, close it or open it again."""
    now, by = place.now(), signed(who)
    given = changes.model_dump(exclude_unset=True, exclude={"status", "closed"})
    # Only a promise can be taken back; of all else null means nothing to change.
    given = {k: v for k, v in given.items() if v is not None or k == "next_update_at"}
    for name in ("began", "next_update_at"):
        if name in given:
            given[name] = given[name].isoformat() if given[name] else ""
    with place.store.begin() as tx:
        row, _ = incident_of(tx, slug)
        if given:
            course.edited(tx, row, given, by=by, now=now)
        if changes.status is not None:
            course.moved(tx, row, changes.status, by=by, now=now)
        if changes.closed is not None:
            (course.closed if changes.closed else course.reopened)(tx, row, by=by, now=now)
    return row
