"""
Comments asked for again by their numbers, where REST is open. Pure.

Those it doesn't give while it gives others are gone. Where it gives none of several, it may have closed
its comments, or an empty cache answered: then each is asked for by itself, and only a site that says of a
comment that there is none, or that strangers may no longer read it, proves that it's gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ingest.again import Again, Asking
from ingest.source import Request, Response
from ingest.sources.wordpress.chain import PAUSE, Chain
from ingest.sources.wordpress.rest import read_items

MOST = 100

_GONE = {"rest_comment_invalid_id": "deleted", "rest_cannot_read": "no longer approved"}


class _State(msgspec.Struct, frozen=True):
    """The chain of the place, the ids asked by their numbers, and the numbers still to ask one by one."""

    chain: Chain
    ids: dict[str, str]
    left: tuple[str, ...] | None = None


def ask(chain: Chain, ids: Sequence[str]) -> Asking | None:
    """Build the question for these comments; None where the place has no REST interface we know of."""
    if chain.place.comments is None:
        return None
    numbers = {one.rpartition("-")[2]: one for one in ids}
    known = {number: one for number, one in numbers.items() if number.isdecimal()}
    if not known:
        return Asking(request=None, ids=tuple(ids))
    known = dict(list(known.items())[:MOST])
    params = (("include", ",".join(known)), ("per_page", str(MOST)), *chain.fields())
    state = msgspec.to_builtins(_State(chain, known))
    request = Request(url=chain.place.comments, params=params, state=state)
    return Asking(request=request, ids=tuple(known.values()))


def read(response: Response) -> Again:
    """Read the answer about several comments, or about one."""
    state = msgspec.convert(response.request.state, _State)
    if state.left is not None:
        return _one(response, state, state.left)
    response.check()
    posts = {post.external_id: post for post in read_items(response, state.chain)}
    missing = [one for one in state.ids.values() if one not in posts]
    if len(missing) == len(state.ids) > 1:
        return _next(state, tuple(state.ids), Again())
    there = tuple(posts[one] for one in state.ids.values() if one in posts)
    return Again(posts=there, gone=dict.fromkeys(missing, "deleted, or no longer approved"))


def _next(state: _State, left: tuple[str, ...], so_far: Again) -> Again:
    if not left:
        return so_far
    url = f"{state.chain.place.comments}/{left[0]}"
    carried = msgspec.to_builtins(msgspec.structs.replace(state, left=left))
    more = Request(url=url, params=tuple(state.chain.fields()), state=carried)
    return msgspec.structs.replace(so_far, more=more, wait=PAUSE)


def _one(response: Response, state: _State, left: tuple[str, ...]) -> Again:
    own = state.ids[left[0]]
    if response.status in (401, 403, 404, 410):
        why = _GONE.get(_code(response))
        found = Again(gone={own: why}) if why else Again(untold=(own,))
        return _next(state, left[1:], found)
    response.check()
    item = response.json()
    body = msgspec.json.encode([item] if isinstance(item, dict) else item)
    posts = read_items(msgspec.structs.replace(response, body=body), state.chain)
    there = tuple(post for post in posts if post.external_id == own)
    return _next(state, left[1:], Again(posts=there))


def _code(response: Response) -> str:
    try:
        said: Any = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return str(said.get("code")) if isinstance(said, dict) else ""
