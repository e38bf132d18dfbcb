"""Mastodon: the public posts under hashtags, as one named instance knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from ingest.again import Again, Asked, Asking
from ingest.source import Answer, Price, Request, Response
from ingest.sources.feed.window import clip, within
from ingest.sources.mastodon import again
from ingest.sources.mastodon.access import (
    below,
    check,
    check_shown,
    is_unknown,
    made_at,
    pause,
)
from ingest.sources.mastodon.chain import LAG, SIZE, Chain, begin
from ingest.sources.mastodon.statuses import Found, read_statuses
from models.incident import Watch

_DAY = timedelta(days=1)


class Mastodon:
    """Hashtag timelines of an instance, newest first, each down to where it was heard before."""

    name = "mastodon"
    summary = "public posts under the terms as hashtags, as one Mastodon instance knows them"
    takes: tuple[str, ...] = ("address", "terms")
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = MappingProxyType(
        {"local": "yes: only posts made on the instance itself; no (the default): all it knows"}
    )
    costs = "nothing"
    misses = (
        "what the instance hasn't heard of, so name a large one, or watch several; what reaches it"
        " or is edited over an hour late; bots, accounts its moderators hide, people who ask not to"
        " be indexed; for a watch without a beginning, what is over a week old"
    )
    price = Price(posts_per_answer=SIZE)

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Build a chain's first question; SetupError without an instance or a hashtag."""
        return begin(watch, now).question()

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Build the question for the first hashtag's daily counts; they reach back a week."""
        return msgspec.structs.replace(begin(watch, now), step="count").question()

    again = again.MOST
    proof = (
        "the instance it was made on says that there is no such post: deleted, or no longer public"
        " (a post of a server that isn't Mastodon can't be asked for)"
    )

    def ask_again(self, watch: Watch, due: Sequence[Asked], now: datetime) -> Asking | None:  # noqa: ARG002
        """Build the question for posts of one instance, to that instance."""
        return again.ask(due)

    def read_again(self, response: Response, asked: Sequence[Asked]) -> Again:  # noqa: ARG002
        """Read which of them are there."""
        return again.read(response)

    def read(self, response: Response) -> Answer:
        """Read an answer of the instance; SourceRefused where it shows strangers nothing."""
        chain = msgspec.convert(response.request.state, Chain)
        if chain.step == "instance":
            said = check_shown(response, local=chain.local)
            checked = response.at if said else None
            onward = msgspec.structs.replace(chain, step="timeline", checked=checked)
            return Answer(more=onward.question(), wait=pause(response))
        if chain.step == "count":
            return _counted(response, chain)
        return _heard(response, chain)


def _heard(response: Response, chain: Chain) -> Answer:
    made = made_at(response)
    if not chain.max_id:
        chain = msgspec.structs.replace(chain, seen=min(chain.seen or made, made - LAG))
    found = _found(response, chain, made)
    lower = below(response) or (found.order[-1][0] if found.order else "")
    if lower and (lower == chain.max_id or chain.max_id in dict(found.order)):
        message = "the instance sends the same answer again"
        raise response.trouble(message, "report it with the instance's name")
    ended = not lower or chain.passed(found.order)
    chain = chain.marking(found.order, ended=ended)
    span, edge = chain.proved(found.order, ended=ended)
    onward = chain.following() if ended else chain.further(lower, edge)
    return Answer(
        posts=within(found.posts, chain.since, chain.until),
        span=clip(span, chain.since, chain.until),
        more=None if onward is None else onward.question(),
        wait=0.0 if onward is None else pause(response),
        bookmark=chain.bookmark(),
        hole=None if onward is None else clip(chain.hole(edge), chain.since, chain.until),
        rejects=tuple(found.rejects),
    )


def _found(response: Response, chain: Chain, made: datetime) -> Found:
    if chain.checked and is_unknown(response):
        return read_statuses([], chain.host, response.at, made)
    check(response, local=chain.local)
    items = response.json()
    if not isinstance(items, list):
        message = "expected a list of posts"
        raise response.trouble(message, "check that the address is a Mastodon instance's")
    found = read_statuses(items, chain.host, response.at, made)
    if items and not (found.readable and any(when for _, when in found.order)):
        why = found.rejects[0].reason if found.rejects else "none says when it was made"
        message = f"not one of {len(items)} items is a post ({why})"
        raise response.trouble(message, "report it with the instance's name")
    return found


class _Uses(msgspec.Struct):
    """How often a hashtag was used on the day that began `day` seconds after 1970."""

    day: int
    uses: int


def _counted(response: Response, chain: Chain) -> Answer:
    onward = chain.following()
    more = None if onward is None else onward.question()
    if is_unknown(response):
        return Answer(total=0, more=more, wait=pause(response))
    check(response, local=chain.local)
    body: Any = response.json()
    history = body.get("history") if isinstance(body, dict) else None
    try:
        days = msgspec.convert(history, list[_Uses], strict=False)
        oldest = datetime.fromtimestamp(min(day.day for day in days), UTC)
    except (ValueError, OverflowError, OSError) as error:
        message = "the instance doesn't say how often a hashtag was used"
        raise response.trouble(message, "collect without an estimate: it costs nothing") from error
    start, until = chain.start.timestamp(), (chain.until or response.at).timestamp()
    total = sum(
        day.uses for day in days if day.day < until and day.day + _DAY.total_seconds() > start
    )
    note = f"{chain.host} counts whole days, since {oldest:%d %b}; what is older isn't counted"
    return Answer(
        total=total, more=more, wait=pause(response), notes=(note,) if chain.start < oldest else ()
    )


source = Mastodon()
