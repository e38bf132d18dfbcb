"""Posts, for programs: all of an incident's, in the order they came in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from amends.board.api.items import Held, Near
from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.shape import (
    After,
    In,
    Instant,
    Leaf,
    Many,
    Name,
    Out,
    PostId,
    Slug,
    incident_of,
    known,
    open_door,
)
from amends.board.door import Here, Who
from amends.board.masked import masked
from models.errors import SetupError
from models.store.views import Wanted

door = open_door("posts")


class Post(Out):
    """One thing one person said in public, with the tags that hold."""

    id: int
    source: str
    external_id: str
    posted_at: Instant | None
    first_seen: Instant
    author: str | None
    author_id: str | None
    author_followers: int | None
    text: str
    url: str | None
    kind: str
    parent_id: str | None
    thread_id: str | None
    origin_id: str | None
    lang: str | None
    likes: int | None
    replies: int | None
    reposts: int | None
    views: int | None
    official: bool
    version: int
    near: Near
    labels: dict[str, Held]


class Sought(In):
    """Which posts to list; `since` and `until` leave the undated out."""

    label: Name | None = None
    source: Name | None = None
    search: Name | None = None
    since: Instant | None = None
    until: Instant | None = None
    undated: bool = False
    official: bool | None = None
    after: After = None
    limit: Many = 50


@door.api("GET", "/api/incidents/{slug}/posts", "viewer", response_model=Leaf[Post])
def every(place: Here, who: Who, slug: Slug, sought: Annotated[Sought, Query()]) -> Any:
    """List posts in the order they came in: whoever goes on behind the last one gets what is new."""
    after = opened(sought.after, 1)[0] if sought.after else 0
    if sought.label is not None:
        known(sought.label, place.labels.names)
    wanted = Wanted(**sought.model_dump(exclude={"after", "limit"}), names=not who.masked)
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        lines = list(tx.exports.posts(key, wanted, after, sought.limit + 1))
    return leaf(
        lines, sought.limit, lambda line: Post.model_validate(masked(line, who)),
        lambda line: sealed(line.id),
    )  # fmt: skip


@door.api("GET", "/api/incidents/{slug}/posts/{post_id}", "viewer", response_model=Post)
def one(place: Here, who: Who, slug: Slug, post_id: PostId) -> Any:
    """Return one post."""
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        found = next(tx.exports.posts(key, None, post_id - 1, 1), None)
    if found is None or found.id != post_id:
        message = f"there is no post {post_id} in this incident"
        raise SetupError(message, "the posts' list shows those it has")
    return Post.model_validate(masked(found, who))
