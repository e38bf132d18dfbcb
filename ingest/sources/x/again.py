"""
Posts on X looked up again by their ids: which were deleted, protected, suspended or withheld. Pure.

What is there comes as it is now, edits too. It costs what reading costs.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ingest.again import Again
from ingest.source import Request, Response
from ingest.sources.x.chain import Dialect, fields_in
from ingest.sources.x.posts import read_posts
from ingest.sources.x.trouble import check
from ingest.sources.x.values import a_dict, a_text, dicts

MOST = 100
"""Ids X takes in one question."""

_REASONS = {
    "resource-not-found": "deleted, or its account suspended",
    "not-authorized-for-resource": "protected, or its account suspended",
}
_WITHHELD = "withheld"


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Where and in which field names to ask, the ids of this question, and those of the next ones."""

    api: str
    dialect: Dialect
    ids: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def ask(look: Look, ids: Sequence[str]) -> Request:
    """Build the question for these posts, the first hundred first."""
    look = msgspec.structs.replace(look, ids=tuple(ids[:MOST]), left=tuple(ids[MOST:]))
    fields = [(name, _with_withheld(name, value)) for name, value in fields_in(look.dialect)]
    return Request(
        url=f"{look.api}/2/tweets",
        params=(("ids", ",".join(look.ids)), *fields),
        secret="X_BEARER_TOKEN",  # noqa: S106 - its name, not the token
        state=msgspec.to_builtins(look),
    )


def read(response: Response) -> Again:
    """Read the answer; SourceChanged where it speaks of no post at all."""
    check(response)
    body = response.json()
    if not isinstance(body, dict) or not ({"data", "errors"} & body.keys()):
        message = "X says neither which posts are there nor which aren't"
        raise response.trouble(message, "report it")
    look = msgspec.convert(response.request.state, Look)
    asked = set(look.ids)
    posts, _ = read_posts({"data": []} | body, "X's answer", response.at, response.at)
    # Originals that came along weren't asked about.
    there = tuple(post for post in posts if post.external_id in asked)
    gone = {
        number: reason
        for error in dicts(body.get("errors"))
        for number in (a_text(error.get("resource_id")) or a_text(error.get("value")),)
        if number in asked
        and (reason := _REASONS.get(a_text(error.get("type")).rstrip("/").rpartition("/")[2]))
    }
    withheld = {
        a_text(item.get("id")): _WITHHELD
        for item in dicts(body.get("data"))
        if a_dict(item.get("withheld"))
    }
    gone |= {number: why for number, why in withheld.items() if number in asked}
    return Again(
        posts=tuple(post for post in there if post.external_id not in gone),
        gone=gone,
        more=ask(look, look.left) if look.left else None,
    )


def _with_withheld(name: str, value: str) -> str:
    return f"{value},{_WITHHELD}" if name in ("tweet.fields", "post.fields") else value
