"""
Comments asked for again by reading their thread anew, all of its pages. Pure.

Gone is what stood on a thread that is gone from a site that is there, and a comment with a number of the
site's own that isn't among those read, once all are: the page says how many there are, and no fewer were
found, one of them numbered in the same way. A comment known only by its words and time can't be missed
so: the words may have changed, or be dated differently today.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ingest.again import Again, Asked, Asking
from ingest.removal import GONE, is_front, page_of, read_front, read_gone
from ingest.source import Answer, Request, Response

MOST = 500
"""Comments of one thread asked about at once."""


class _State(msgspec.Struct, kw_only=True):
    """The state of the thread's own chain, the ids found so far, and how many the page says there are."""

    chain: dict[str, Any]
    found: list[str] = []
    claimed: int | None = None


def ask(due: Sequence[Asked], begin: Callable[[str], Request]) -> Asking:
    """Build the question for the thread of the first of these, about all that are of it."""
    thread = page_of(due[0].thread_id) or page_of(due[0].url)
    same = tuple(one.id for one in due if (page_of(one.thread_id) or page_of(one.url)) == thread)[
        :MOST
    ]
    if not thread:
        return Asking(request=None, ids=same)
    return Asking(request=_carried(begin(thread), _State(chain={})), ids=same, apart=True)


def _carried(request: Request, state: _State) -> Request:
    state.chain = request.state
    return msgspec.structs.replace(request, state=msgspec.to_builtins(state))


def read(response: Response, asked: Sequence[Asked], page: Callable[[Response], Answer]) -> Again:
    """Read a page of the thread by the source's own `page`, and at the last one say what is gone."""
    ids = [one.id for one in asked]
    if is_front(response):
        return read_front(response, ids)
    state = msgspec.convert(response.request.state, _State)
    first = not state.found and state.claimed is None
    if first and response.status in GONE and not state.chain.get("seen"):
        return read_gone(response.request.url, ids)
    inner = msgspec.structs.replace(response.request, state=state.chain)
    answer = page(msgspec.structs.replace(response, request=inner))
    state.found += [post.external_id for post in answer.posts]
    state.claimed = answer.total if state.claimed is None else state.claimed
    there = tuple(post for post in answer.posts if post.external_id in ids)
    if answer.more is not None:
        return Again(posts=there, more=_carried(answer.more, state), wait=answer.wait)
    found = set(state.found)
    missing = [one for one in ids if one not in found]
    # Without a span the chain wasn't read to its end, or a page of it was cut.
    whole = answer.span is not None and state.claimed is not None and len(found) >= state.claimed
    ways = {_way(one) for one in found} - {""}
    gone = [one for one in missing if whole and _way(one) in ways]
    return Again(
        posts=there,
        gone=dict.fromkeys(gone, "no longer in its thread"),
        untold=tuple(one for one in missing if one not in gone),
    )


def _way(own: str) -> str:
    """Return how a site numbers a comment: its id without the number; nothing if it has none."""
    place, mark, name = own.rpartition("#")
    way = name.rstrip("0123456789")
    return f"{place}#{way}" if mark and way != name else ""
