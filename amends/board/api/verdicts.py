"""Verdicts, for programs: what people decided, deciding, and taking it back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from amends.board.api.items import Items, Named
from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.shape import (
    LARGEST,
    After,
    In,
    Instant,
    Leaf,
    Link,
    Many,
    Name,
    Out,
    Slug,
    Words,
    faults,
    incident_of,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from models.store.items import Seen
from models.store.items import Verdict as Decided
from models.tag import Decision

door = open_door("verdicts")


class Verdict(Out):
    """What somebody decided about a post; a reply's `url` is where it was sent."""

    id: int
    post_id: int
    decision: str
    by: str
    note: str | None
    url: str | None
    at: Instant
    undone_at: Instant | None


class Sought(In):
    """Which verdicts to list."""

    post_id: Annotated[int | None, Field(ge=1, le=LARGEST)] = None
    decision: Decision | None = None
    by: Name | None = None
    after: After = None
    limit: Many = 50


class NewVerdict(In):
    """A decision about items, all of them or none. Amends sends nothing: a reply's `url` says where."""

    items: Items
    decision: Decision
    note: Words | None = None
    url: Link | None = None


class Kept(Out):
    """The ids of the verdicts, in the order of the items."""

    ids: list[int]


class Undone(Out):
    """Which decision was taken back."""

    decision: str


@door.api("GET", "/api/incidents/{slug}/verdicts", "viewer", response_model=Leaf[Verdict])
def every(place: Here, who: Who, slug: Slug, sought: Annotated[Sought, Query()]) -> Any:
    """List verdicts in the order they were made, with those taken back."""
    after = opened(sought.after, 1)[0] if sought.after else 0
    equal = sought.model_dump(exclude={"after", "limit"})
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        lines = list(tx.exports.verdicts(key, after, sought.limit + 1, **equal))

    def shown(line: Any) -> Verdict:
        made = Verdict.model_validate(line)
        # The address of an answer names whom it answers, and so may the note.
        return made.model_copy(update={"url": None, "note": None}) if who.masked else made

    return leaf(lines, sought.limit, shown, lambda line: sealed(line.id))


@door.api("POST", "/api/incidents/{slug}/verdicts", "agent", response_model=Kept,
          status_code=201, responses=faults(409))  # fmt: skip
def add(place: Here, who: Who, slug: Slug, new: NewVerdict) -> Any:
    """Decide about items."""
    now = place.now()
    verdict = Decided(new.decision, new.note, new.url)
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        seen = [Seen(item.post_id, item.version) for item in new.items]
        ids = tx.items.decide(key, seen, verdict, who.name, now)
        for item in new.items:
            tx.audit.note("decided", f"post:{item.post_id}", by=signed(who), now=now,
                          incident_id=key, detail={"decision": new.decision})  # fmt: skip
    return Kept(ids=ids)


@door.api("POST", "/api/incidents/{slug}/verdicts/undo", "agent", response_model=Undone,
          responses=faults(409))  # fmt: skip
def undo(place: Here, who: Who, slug: Slug, item: Named) -> Any:
    """Take back the last decision about an item."""
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        was = tx.items.undo(key, Seen(item.post_id, item.version), who.name, now)
        tx.audit.note("undid", f"post:{item.post_id}", by=signed(who), now=now, incident_id=key,
                      detail={"decision": was})  # fmt: skip
    return Undone(decision=was)
