"""Tags, for programs: who put which label on what, and putting some."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.shape import (
    LARGEST,
    After,
    In,
    Instant,
    Leaf,
    Many,
    Name,
    Out,
    Slug,
    incident_of,
    known,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from models.errors import SetupError
from models.tag import Tag as Put

door = open_door("tags")


class Tag(Out):
    """A label put on a post or taken off; `by` is `classifier:…` or a person, whose word holds."""

    id: int
    post_id: int
    label: str
    put: bool
    score: float
    by: str
    at: Instant
    holds: bool
    copied_from: int | None
    undone_at: Instant | None


class Sought(In):
    """Which tags to list."""

    post_id: Annotated[int | None, Field(ge=1, le=LARGEST)] = None
    label: Name | None = None
    by: Name | None = None
    holds: bool | None = None
    after: After = None
    limit: Many = 50


class Correction(In):
    """What you say of posts, and of all that say the same: that a label fits, or doesn't."""

    post_ids: Annotated[
        list[Annotated[int, Field(ge=1, le=LARGEST)]], Field(min_length=1, max_length=200)
    ]
    label: Name
    put: bool = True


class Corrected(Out):
    """On how many of the posts you hadn't said so already."""

    changed: int


@door.api("GET", "/api/incidents/{slug}/tags", "viewer", response_model=Leaf[Tag])
def every(place: Here, slug: Slug, sought: Annotated[Sought, Query()]) -> Any:
    """List tags in the order they were put."""
    after = opened(sought.after, 1)[0] if sought.after else 0
    equal = sought.model_dump(exclude={"after", "limit"})
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        lines = list(tx.exports.tags(key, after, sought.limit + 1, **equal))
    return leaf(lines, sought.limit, Tag.model_validate, lambda line: sealed(line.id))


@door.api("POST", "/api/incidents/{slug}/tags", "agent", response_model=Corrected)
def put(place: Here, who: Who, slug: Slug, wish: Correction) -> Any:
    """Put a label on posts or take it off; training learns from it."""
    known(wish.label, place.labels.names)
    now, posts = place.now(), sorted(set(wish.post_ids))
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        missing = set(posts) - tx.exports.has(key, posts)
        if missing:
            message = f"there is no post {min(missing)} in this incident"
            raise SetupError(message, "nothing was changed; leave it out")
        tags = [Put(post_id=post, label=wish.label, by=who.name, put=wish.put) for post in posts]
        changed = tx.tags.put(tags, now)
        for post in posts:
            tx.audit.note("tagged" if wish.put else "untagged", f"post:{post}", by=signed(who),
                          now=now, incident_id=key, detail={"label": wish.label})  # fmt: skip
    return Corrected(changed=changed)
