"""Comments asked for again by their numbers, where REST is open: those it doesn't give are gone. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ingest.again import Again
from ingest.source import Request, Response
from ingest.sources.wordpress.chain import Chain
from ingest.sources.wordpress.rest import read_items

MOST = 100


def ask(chain: Chain, ids: Sequence[str]) -> Request | None:
    """Build the question for these comments; None where the place has no REST interface we know of."""
    if chain.place.comments is None:
        return None
    numbers = {one.rpartition("-")[2]: one for one in ids}
    known = {number: one for number, one in numbers.items() if number.isdecimal()}
    if not known:
        return None
    params = (("include", ",".join(known)), ("per_page", str(MOST)), *chain.fields())
    state = {"chain": msgspec.to_builtins(chain), "ids": known}
    return Request(url=chain.place.comments, params=params, state=state)


def read(response: Response) -> Again:
    """
    Read the answer: what it lacks is gone, unless it lacks all of several.

    A site that closes its comments, or whose cache is empty, gives none at all; that is no proof.
    """
    response.check()
    chain = msgspec.convert(response.request.state["chain"], Chain)
    asked: dict[str, str] = response.request.state["ids"]
    posts = {post.external_id: post for post in read_items(response, chain)}
    missing = [one for one in asked.values() if one not in posts]
    if len(missing) == len(asked) > 1:
        message = f"it gives none of {len(asked)} comments any more"
        raise response.trouble(message, "look at the site; if they are gone: amends erase")
    there = tuple(posts[one] for one in asked.values() if one in posts)
    return Again(posts=there, gone=dict.fromkeys(missing, "deleted, or no longer approved"))
