"""Hacker News: stories, polls and comments that use the terms, by Algolia's search by date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from ingest.again import Again, Asked, Asking
from ingest.source import Answer, Price, Request, Response
from ingest.sources.feed.window import clip, within
from ingest.sources.hackernews import again
from ingest.sources.hackernews.chain import LAG, LATE, PAUSE, SIZE, Chain, begin
from ingest.sources.hackernews.hits import Hit, at_second, post_of, read_hits, said
from models.incident import Watch


class HackerNews:
    """What Hacker News says of the terms, and all comments of the stories a watch names."""

    name = "hackernews"
    summary = "stories, polls and comments on Hacker News that use the terms"
    takes: tuple[str, ...] = ("terms",)
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = MappingProxyType(
        {"stories": "ids of stories all of whose comments count, such as 49000000,49000001"}
    )
    costs = "nothing"
    misses = (
        "comments that use none of the terms, unless their story is named (stories=…); what is"
        " indexed over an hour late; for a watch without a beginning, what is over a week old"
    )
    price = Price(posts_per_answer=SIZE)

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Build the question how far the index has come; SetupError for terms it can't look for."""
        return begin(watch, now).question()

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Build the question for a count; several terms' counts add up to at least the posts."""
        return msgspec.structs.replace(begin(watch, now), step="count").question()

    again = 1
    proof = (
        "the site itself calls it deleted or dead, or neither the site nor its search knows of it"
    )

    def ask_again(self, watch: Watch, due: Sequence[Asked], now: datetime) -> Asking | None:  # noqa: ARG002
        """Build the question about the first of these, to the site itself."""
        return again.ask(due[0])

    def read_again(self, response: Response, asked: Sequence[Asked]) -> Again:
        """Read whether it is there."""
        return again.read(response, asked[0])

    def read(self, response: Response) -> Answer:
        """Read an answer of the search; SourceChanged when it isn't one."""
        response.check()
        chain = msgspec.convert(response.request.state, Chain)
        items, total = _opened(response, chain)
        if chain.step == "count":
            onward = chain.following()
            return Answer(
                total=total, more=None if onward is None else onward.question(), wait=PAUSE
            )
        if chain.step == "index":
            return _index(response, chain, items)
        return _heard(response, chain, items, total)


def _opened(response: Response, chain: Chain) -> tuple[list[Any], int]:
    """Return an answer's hits, and how many the search says there are."""
    body = response.json()
    items = body.get("hits") if isinstance(body, dict) else None
    total = body.get("nbHits") if isinstance(body, dict) else None
    if not isinstance(items, list) or not isinstance(total, int):
        message = "this isn't an answer of Algolia's search"
        raise response.trouble(message, "report it")
    if not items and (body.get("message") or (total and not chain.leaf)):
        # Beyond its thousandth hit the search says “none”, and why only in a message.
        why = str(body.get("message") or f"it counts {total} hits")[:200]
        message = f"the search holds hits back ({why})"
        raise response.trouble(message, "report it")
    return items, total


def _index(response: Response, chain: Chain, items: list[Any]) -> Answer:
    """Read how far the index has come: what nobody has said in it proves no silence."""
    newest = max((hit.second for hit in read_hits(items)[0]), default=None)
    seen = None if newest is None else min(at_second(newest), said(response)) - LAG
    notes: tuple[str, ...] = ()
    if seen is None:
        notes = ("the search doesn't say how far it has come, so nothing is proved",)
    elif response.at - seen > LATE:
        notes = (f"the search has come only to {seen:%d %b %H:%M} UTC; what is newer isn't in it",)
    onward = msgspec.structs.replace(chain, step="search", seen=seen)
    return Answer(more=onward.question(), wait=PAUSE, notes=notes)


def _heard(response: Response, chain: Chain, items: list[Any], total: int) -> Answer:
    hits, rejects = read_hits(items)
    if items and not hits:
        message = f"not one of {len(items)} hits can be read ({rejects[0].reason})"
        raise response.trouble(message, "report it")
    further = bool(hits) and (len(items) >= SIZE or total > chain.leaf * SIZE + len(items))
    _check_order(response, chain, hits, further=further)
    if chain.seen and not chain.tied:
        # A cache may have kept the answer for a while: it proves nothing for the time since.
        chain = msgspec.structs.replace(chain, seen=min(chain.seen, said(response) - LAG))
    span, edge = chain.proved(hits[-1] if further else None)
    onward = chain.further(hits, edge) if further else chain.following()
    fresh = (hit for hit in hits if hit.key not in chain.tied)
    posts = (post_of(hit, chain.query, response) for hit in fresh)
    answer = Answer(
        posts=within(filter(None, posts), chain.since, chain.until),
        span=clip(span, chain.since, chain.until),
        rejects=tuple(rejects),
    )
    bookmark = chain.seen.isoformat() if chain.seen else None
    answer = msgspec.structs.replace(answer, bookmark=bookmark)
    if onward is None:
        return answer
    hole = clip(chain.hole(edge), chain.since, chain.until)
    return msgspec.structs.replace(answer, more=onward.question(), wait=PAUSE, hole=hole)


def _check_order(response: Response, chain: Chain, hits: list[Hit], *, further: bool) -> None:
    """To go on where the last answer ended rests on the order and on the bounds."""
    seconds = [hit.second for hit in hits]
    first, last = int(chain.start.timestamp()), chain.upper
    if any(second < first or (last is not None and second > last) for second in seconds):
        message = "the search doesn't keep to the stretch it is asked for"
        raise response.trouble(message, "report it")
    if further and seconds != sorted(seconds, reverse=True):
        message = "the hits don't come newest first"
        raise response.trouble(message, "report it")


source = HackerNews()
