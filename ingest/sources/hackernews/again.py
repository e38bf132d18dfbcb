"""
Stories and comments asked for again by their numbers, at Hacker News's own interface. Pure.

The search forgets late, so the site itself is asked: what it calls deleted or dead is gone, and what it
knows nothing of is gone too once the search knows nothing of it either.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ingest.again import Again, Asked, Asking
from ingest.source import Request, Response
from ingest.sources.hackernews.hits import post_of, read_hits

API = "https://hacker-news.firebaseio.com/v0/item"
SEARCH = "https://hn.algolia.com/api/v1/items"


class _State(msgspec.Struct, frozen=True):
    """Which item is asked about, and whether it is the search that is asked."""

    id: str
    search: bool = False


def ask(one: Asked) -> Asking:
    """Build the question about one item."""
    if not (one.id.isascii() and one.id.isdecimal()):
        return Asking(request=None, ids=(one.id,))
    state = msgspec.to_builtins(_State(one.id))
    return Asking(request=Request(url=f"{API}/{one.id}.json", state=state), ids=(one.id,))


def read(response: Response, asked: Asked) -> Again:
    """Read the answer of the site, or of the search."""
    state = msgspec.convert(response.request.state, _State)
    if state.search:
        if response.status == 404:
            return Again(gone={state.id: "neither the site nor its search knows it any more"})
        response.check()
        return Again(untold=(state.id,))
    response.check()
    item = response.json()
    if item is None:
        again = msgspec.to_builtins(_State(state.id, search=True))
        return Again(more=Request(url=f"{SEARCH}/{state.id}", state=again))
    if not isinstance(item, dict) or str(item.get("id")) != state.id:
        message = "this isn't an item of Hacker News"
        raise response.trouble(message, "report it")
    for why in ("deleted", "dead"):
        if item.get(why) is True:
            return Again(gone={state.id: why})
    hits, _ = read_hits([_as_hit(item, asked)])
    post = post_of(hits[0], "", response) if hits else None
    return Again(posts=(post,)) if post is not None else Again(there=(state.id,))


def _as_hit(item: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Return an item of the site as the search would say it."""
    reply = item.get("type") == "comment"
    said = item.get("text")
    return {
        "objectID": item.get("id"), "created_at_i": item.get("time"), "author": item.get("by"),
        "title": item.get("title"), "comment_text": said if reply else None,
        "story_text": None if reply else said, "points": item.get("score"),
        "num_comments": item.get("descendants"), "parent_id": item.get("parent"),
        "story_id": asked.thread_id,
    }  # fmt: skip
