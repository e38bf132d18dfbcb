"""
Posts asked for again at the instance they were made on: only that one knows for certain. Pure.

A post's address names its instance and, on Mastodon itself, its number there. Several are asked for at
once; what is missing among them is then asked for by itself, and gone once the instance says that there
is no such post (404 with its sentence, or 410): deleted, or no longer public. An instance that is down,
shows strangers nothing, or isn't Mastodon proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from ingest.again import Again, Asked, Asking
from ingest.source import Request, Response
from ingest.sources.mastodon.access import is_unknown, made_at, pause
from ingest.sources.mastodon.statuses import read_statuses
from models.post import Post

MOST = 20
"""Posts asked for at once."""

_ADDRESS = re.compile(
    r"(?P<base>https?://(?P<host>[A-Za-z0-9.:-]+))/users/[^/]+/statuses/(?P<number>\d{1,20})"
)
_CLOSED = frozenset([401, 403, 422])
_DENIED = frozenset([404, 405, 410])


class _State(msgspec.Struct, frozen=True, kw_only=True):
    """An instance, the ids asked there by their numbers, and the numbers still to ask one by one."""

    base: str
    host: str
    ids: dict[str, str]
    left: tuple[str, ...] | None = None


def ask(due: Sequence[Asked]) -> Asking:
    """Build the question for those posts that are of the same instance as the first."""
    first = _ADDRESS.fullmatch(due[0].id)
    if first is None:
        strange = tuple(one.id for one in due if not _ADDRESS.fullmatch(one.id))
        return Asking(request=None, ids=strange)
    found = (_ADDRESS.fullmatch(one.id) for one in due)
    ids = {one["number"]: one[0] for one in found if one and one["base"] == first["base"]}
    ids = dict(list(ids.items())[:MOST])
    state = _State(base=first["base"], host=first["host"], ids=ids)
    return Asking(request=_several(state), ids=tuple(ids.values()), apart=True)


def read(response: Response) -> Again:
    """Read the answer about several posts, or about one."""
    state = msgspec.convert(response.request.state, _State)
    if response.status in _CLOSED:
        return Again(untold=_open(state))
    if state.left is not None:
        return _one(response, state, state.left)
    if response.status in _DENIED:
        # Older instances don't take several at once.
        return _next(response, state, tuple(state.ids), Again())
    response.check()
    items = response.json()
    if not isinstance(items, list):
        message = "expected a list of posts"
        raise response.trouble(message, "nothing to do: it will be asked again")
    read_ = read_statuses(items, state.host, response.at, made_at(response)).posts
    there = _asked(read_, state)
    known = {post.external_id for post in there}
    missing = tuple(number for number, one in state.ids.items() if one not in known)
    return _next(response, state, missing, Again(posts=there))


def _asked(found: Sequence[Post], state: _State) -> tuple[Post, ...]:
    """Return those asked about under the ids we know them by: kept ones may tell no name."""
    ids = {_without_name(one): one for one in state.ids.values()}
    return tuple(
        msgspec.structs.replace(post, external_id=ids[_without_name(post.external_id)])
        for post in found
        if _without_name(post.external_id) in ids
    )


def _without_name(own: str) -> str:
    found = _ADDRESS.fullmatch(own)
    return f"{found['base']} {found['number']}" if found else own


def _open(state: _State) -> tuple[str, ...]:
    return tuple(state.ids[number] for number in (state.ids if state.left is None else state.left))


def _several(state: _State) -> Request:
    params = tuple(("id[]", number) for number in state.ids)
    return Request(
        url=f"{state.base}/api/v1/statuses", params=params, state=msgspec.to_builtins(state)
    )


def _next(response: Response, state: _State, left: tuple[str, ...], so_far: Again) -> Again:
    if not left:
        return msgspec.structs.replace(so_far, wait=pause(response))
    onward = msgspec.structs.replace(state, left=left)
    more = Request(url=f"{state.base}/api/v1/statuses/{left[0]}", state=msgspec.to_builtins(onward))
    return msgspec.structs.replace(so_far, more=more, wait=pause(response))


def _one(response: Response, state: _State, left: tuple[str, ...]) -> Again:
    own = state.ids[left[0]]
    if response.status == 410 or is_unknown(response):
        gone = Again(gone={own: "deleted, or no longer public"})
        return _next(response, state, left[1:], gone)
    if response.status == 404:
        return _next(response, state, left[1:], Again(untold=(own,)))
    response.check()
    items = [response.json()]
    found = read_statuses(items, state.host, response.at, made_at(response)).posts
    there = tuple(post for post in _asked(found, state) if post.external_id == own)
    # What is there and no longer to be collected (a bot, a wish not to be indexed) isn't read above.
    hidden = () if there else (own,)
    return _next(response, state, left[1:], Again(posts=there, untold=hidden))
