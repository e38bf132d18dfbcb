"""What WordPress's REST interface says of comments: questions and answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ingest.source import Reject, Request, Response
from ingest.sources.wordpress.place import Place
from ingest.text import html_text, when
from models.post import Post, plausible

FIELDS = "id,post,parent,author_name,date_gmt,content,link,status,type"
MOST = 100


def question(place: Place, state: dict[str, Any], number: int, size: int = MOST) -> Request:
    """Ask for one sheet of comments, oldest first."""
    params = [
        ("order", "asc"), ("orderby", "date_gmt"), ("per_page", str(size)), ("_fields", FIELDS),
        ("page", str(number)),
    ]  # fmt: skip
    if place.post is not None:
        params.append(("post", str(place.post)))
    if state.get("after"):
        params.append(("after", state["after"]))
    return Request(
        url=place.comments or "", params=tuple(params), state=state | {"step": "rest", "page": number}
    )


def read_items(
    response: Response, place: Place
) -> tuple[list[Post], list[Reject]] | None:
    """Return posts and rejects; None if this isn't a list of this article's comments."""
    try:
        items = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(items, list):
        return None
    posts: list[Post] = []
    rejects: list[Reject] = []
    for item in items:
        if not isinstance(item, dict):
            rejects.append(_reject(response, item, "not an object"))
        elif place.post is not None and item.get("post") != place.post:
            # A broken rewrite swallows the parameters: these are somebody else's comments.
            return None
        elif item.get("type") in ("pingback", "trackback"):
            continue
        else:
            try:
                posts.append(_post(item, place, response.at))
            except (ValueError, TypeError, KeyError) as error:
                rejects.append(_reject(response, item, f"not a comment ({error})"))
    return posts, rejects


def _reject(response: Response, item: object, reason: str) -> Reject:
    return Reject(where=response.url, reason=reason, raw=repr(item)[:500])


def _post(item: dict[str, Any], place: Place, now: datetime) -> Post:
    rendered = item["content"]["rendered"]
    posted = when(str(item.get("date_gmt") or ""))
    parent = item.get("parent") or 0
    link = item.get("link")
    return Post(
        source="wordpress",
        external_id=f"{place.host}#comment-{int(item['id'])}",
        text=html_text(str(rendered)),
        url=link if isinstance(link, str) else None,
        author=str(item.get("author_name") or "") or None,
        posted_at=plausible(posted, now),
        as_of=now,
        kind="reply" if parent else "post",
        parent_id=f"{place.host}#comment-{int(parent)}" if parent else None,
        thread_id=f"{place.host}/?p={int(item.get('post') or 0)}",
    )


def newest(posts: Sequence[Post], before: str | None) -> str | None:
    """Return the newest time seen so far, as ISO text."""
    times = [post.posted_at for post in posts if post.posted_at]
    if before:
        times.append(datetime.fromisoformat(before))
    return max(times).astimezone(UTC).isoformat() if times else None
