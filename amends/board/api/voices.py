"""Voices, for programs: posts, voices and distinct complaints together, and which texts say the same."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.mirror import mirror
from amends.board.api.shape import (
    LARGEST,
    After,
    Id,
    In,
    Leaf,
    Many,
    Slug,
    incident_of,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from models.day import day_window
from models.errors import SetupError
from models.store.clusters import Regrouping as Said
from models.store.voices import Voiced

door = open_door("voices")

Numbers: Any = mirror(Voiced)
Regrouping: Any = mirror(Said)

Post = Annotated[int, Field(ge=1, le=LARGEST)]


class Asked(In):
    """Of which local day; of all that is known of the incident if it is left out."""

    day: Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 1, 1))] | None = None


class Listed(In):
    """Where the list begins, and how much of it."""

    after: After = None
    limit: Many = 50


class Regroup(In):
    """`split` a post off from those it is with, or `merge` it, and all it is with, into those of `other_id`."""

    did: Literal["split", "merge"]
    post_id: Post
    other_id: Post | None = None


@door.api("GET", "/api/incidents/{slug}/voices", "viewer", response_model=Numbers)
def counted(place: Here, slug: Slug, asked: Annotated[Asked, Query()]) -> Any:
    """Count posts, voices and distinct complaints, and how far the widest text went."""
    with place.store.read() as tx:
        row, key = incident_of(tx, slug)
        days = [day_window(asked.day, row.tz)] if asked.day else tx.voices.days(key, row.tz)
        return tx.voices.counted(key, days, place.labels.names, undated=asked.day is None)


@door.api("GET", "/api/incidents/{slug}/regroupings", "viewer", response_model=Leaf[Regrouping])
def every(place: Here, slug: Slug, listed: Annotated[Listed, Query()]) -> Any:
    """List what people said of which texts belong together, in that order."""
    after = opened(listed.after, 1)[0] if listed.after else 0
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        lines = tx.clusters.regroupings(key, after, listed.limit + 1)
    return leaf(lines, listed.limit, Regrouping.model_validate, lambda line: sealed(line.id))


@door.api("POST", "/api/incidents/{slug}/regroupings", "agent", response_model=Regrouping)
def regroup(place: Here, who: Who, slug: Slug, wish: Regroup) -> Any:
    """Split a post off, or merge two clusters; it stays so whatever is found later."""
    if (wish.did == "merge") != (wish.other_id is not None):
        message = "`other_id` belongs to a merge, and to nothing else"
        raise SetupError(message, "name the other post for a merge; leave it out for a split")
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        if wish.other_id is None:
            number = tx.clusters.split(key, wish.post_id, who.name, now)
        else:
            number = tx.clusters.merge(key, wish.post_id, wish.other_id, who.name, now)
        tx.audit.note("split" if wish.did == "split" else "merged", f"post:{wish.post_id}",
                      by=signed(who), now=now, incident_id=key,
                      detail={"regrouping": number, "other": wish.other_id})  # fmt: skip
        return tx.clusters.regroupings(key, number - 1, 1)[0]


@door.api(
    "POST",
    "/api/incidents/{slug}/regroupings/{regrouping_id}/undo",
    "agent",
    response_model=Regrouping,
)
def undo(place: Here, who: Who, slug: Slug, regrouping_id: Id) -> Any:
    """Take a split or a merge back."""
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        was = tx.clusters.undo(key, regrouping_id, now)
        tx.audit.note("regrouped", f"post:{was.post_id}", by=signed(who), now=now,
                      incident_id=key, detail={"regrouping": regrouping_id, "was": was.did})  # fmt: skip
        return was
