"""From the hits of Algolia's search to posts. Pure."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

import msgspec

from ingest.source import Reject, Response
from ingest.sources.feed.entries import LONGEST_MARKUP
from ingest.text import html_text, when
from models.post import Post, clean, plausible


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One hit; `second` is when it was said, in seconds since 1970."""

    id: str | int = msgspec.field(name="objectID")
    second: int = msgspec.field(name="created_at_i")
    author: str | None = None
    title: str | None = None
    story_text: str | None = None
    comment_text: str | None = None
    points: int | None = None
    num_comments: int | None = None
    parent_id: str | int | None = None
    story_id: str | int | None = None

    @property
    def key(self) -> str:
        """Its id as text."""
        return str(self.id)


def read_hits(items: list[Any]) -> tuple[list[Hit], list[Reject]]:
    """Return the hits of an answer in its order, and what isn't one."""
    hits: list[Hit] = []
    rejects: list[Reject] = []
    for number, item in enumerate(items, 1):
        try:
            hits.append(_hit(item))
        except (ValueError, OverflowError, OSError) as error:
            rejects.append(Reject(where=f"hit {number}", reason=str(error), raw=repr(item)[:500]))
    return hits, rejects


def _hit(item: Any) -> Hit:
    hit = msgspec.convert(item, Hit, strict=False)
    # The second after must be a time too: a walk goes on from there.
    at_second(hit.second + 1)
    if not clean(hit.key):
        message = "a hit needs an id"
        raise ValueError(message)
    return hit


def post_of(hit: Hit, query: str, response: Response) -> Post | None:
    """Return a hit as a post; None for what was deleted, or found only by a misspelling."""
    reply = hit.comment_text is not None
    title = "" if reply else (hit.title or "").strip()
    markup = hit.comment_text if reply else hit.story_text
    body = html_text(clean(markup or "", LONGEST_MARKUP))
    text = "\n".join(filter(None, [title, _own_words(body)]))
    if not text or letters(query) not in letters(title + body):
        return None
    return Post(
        source="hackernews",
        external_id=hit.key,
        text=text,
        url=f"https://news.ycombinator.com/item?id={hit.key}",
        author=hit.author,
        author_id=hit.author,
        posted_at=plausible(at_second(hit.second), response.at),
        as_of=said(response),
        kind="reply" if reply else "post",
        parent_id=str(hit.parent_id) if reply and hit.parent_id else None,
        thread_id=str(hit.story_id) if hit.story_id else hit.key,
        likes=_count(hit.points),
        replies=_count(hit.num_comments),
    )


def letters(text: str) -> str:
    """Return what is left to compare when case, accents, signs and spaces don't count."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def at_second(second: int) -> datetime:
    """Return the time that is so many seconds after 1970 began."""
    return datetime.fromtimestamp(second, UTC)


def said(response: Response) -> datetime:
    """Return when an answer was made: by the server's clock where that is behind ours."""
    return min(when(response.header("date")) or response.at, response.at)


def _count(number: int | None) -> int | None:
    """A number the database takes."""
    return number if number is not None and 0 <= number < 2**63 else None


def _own_words(text: str) -> str:
    """Leave out the lines quoted as is usual there, after a “>”, unless there are no others."""
    lines = [line for line in text.split("\n") if not line.startswith(">")]
    return "\n".join(lines) or text
