"""X (once Twitter): recent and full-archive search, and counts for an estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, get_args

from ingest.again import Again, Asked, Asking
from ingest.source import Answer, Price, Request, Response
from ingest.sources.x import again, job
from ingest.sources.x.answers import counted, gauged, heard
from ingest.sources.x.chain import Chain, Dialect, Reach, stretch
from ingest.sources.x.query import own_handles, queries
from ingest.sources.x.thrift import Gauge
from ingest.sources.x.trouble import another_way, check
from models.errors import SetupError
from models.incident import Watch

_LONGEST: dict[Reach, int] = {"recent": 512, "all": 1024}


class X:
    """Posts on X that use an incident's terms, newest first."""

    name = "x"
    summary = "posts on X that use the terms: replies, quotes and long posts in full"
    takes: tuple[str, ...] = ("terms",)
    needs: tuple[str, ...] = ("X_BEARER_TOKEN",)
    settings: Mapping[str, str] = MappingProxyType(
        {
            "search": "recent (the last week, the default) or all (the whole archive)",
            "dialect": "tweet (the default) or post: the field names to ask in",
            "api": "where X's API answers; https://api.x.com unless told",
            "query": "a query of one's own, in place of the one built from the terms",
        }
    )
    costs = (
        "$0.005 a post brought (once in a UTC day, however often), quoted and replied-to posts"
        " probably too; an estimate $0.005 a query, $0.010 for the whole archive"
    )
    misses = (
        "what uses none of the terms, protected accounts, reposts (X's search no longer gives"
        " them), with search=recent what is over a week old"
    )
    price = Price(per_post=0.005, posts_per_answer=100)

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Build the first question of a chain; SetupError for a setting or terms X can't take."""
        return _begin(watch, now, counting=False).request()

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Build the question for a count; several queries' counts add up to at least the posts."""
        return _begin(watch, now, counting=True).request()

    again = job.MOST
    proof = (
        "X says of a post's number that it was deleted or withheld, or its author protected,"
        " deactivated or suspended"
    )

    def ask_again(self, watch: Watch, due: Sequence[Asked], now: datetime) -> Asking | None:  # noqa: ARG002
        """
        Build the question whether these posts are still there: look them up, or let a job look.

        The choice lies here: up to a hundred are looked up, as far as reads may be paid for; for more,
        or without, there is a compliance job, which is free and takes minutes. Jobs don't tell what is
        withheld in some country; looking up does.
        """
        ids = tuple(one.id for one in due if one.id.isdecimal())
        if not ids:
            return Asking(request=None, ids=tuple(one.id for one in due))
        look = again.Look(api=_api(watch), dialect=_choice(watch, "dialect", get_args(Dialect)))
        reads = watch.left.reads
        if len(ids) <= again.MOST and reads != 0:
            return Asking(request=again.ask(look, ids), ids=ids)
        ids = ids[: job.MOST]
        pays = reads != 0
        return Asking(request=job.create(job.Job(look=look, pays=pays)), ids=ids)

    def read_again(self, response: Response, asked: Sequence[Asked]) -> Again:
        """Read which of them are, and which were deleted, protected, deactivated, suspended or withheld."""
        if job.STEP in response.request.state:
            return job.read(response, [one.id for one in asked if one.id.isdecimal()])
        return again.read(response)

    def read(self, response: Response) -> Answer:
        """Read an answer of a search or a count."""
        chain = Chain.of(response)
        again = another_way(response, chain)
        if again is not None:
            return again
        check(response)
        if chain.counting:
            return counted(response, chain)
        return heard(response, chain) if chain.gauge is None else gauged(response, chain)


def _begin(watch: Watch, now: datetime, *, counting: bool) -> Chain:
    reach: Reach = _choice(watch, "search", get_args(Reach))
    dialect: Dialect = _choice(watch, "dialect", get_args(Dialect))
    api = _api(watch)
    place = stretch(watch, now, reach)
    left, mark = watch.left.reads, place.get("mark")
    gauge = None
    if not counting and left is not None:
        # In whole seconds, as slices are.
        since = (mark.seen if mark else place["start"]).replace(microsecond=0)
        gauge = Gauge(left=left, since=since)
    return Chain(
        api=api,
        reach=reach,
        dialect=dialect,
        queries=tuple(_queries(watch, _LONGEST[reach])),
        counting=counting,
        own=tuple(handle.casefold() for handle in own_handles(watch.terms)),
        gauge=gauge,
        **place,
    )


def _api(watch: Watch) -> str:
    api = watch.setting("api", "https://api.x.com").rstrip("/")
    if not api.startswith(("https://", "http://")):
        message = f"x: the setting api={api} isn't an address"
        raise SetupError(message, "give one such as https://api.x.com, or leave it out")
    return api


def _choice(watch: Watch, name: str, allowed: tuple[Any, ...]) -> Any:
    chosen = watch.setting(name) or allowed[0]
    if chosen not in allowed:
        message = f"x: the setting {name}={chosen} isn't known"
        raise SetupError(message, f"use {name}={' or '.join(allowed)}")
    return chosen


def _queries(watch: Watch, longest: int) -> list[str]:
    own = watch.setting("query").strip()
    if not own:
        return queries(watch.terms, longest)
    if len(own) > longest:
        message = f"x: the query is {len(own)} characters long; X takes {longest}"
        raise SetupError(message, "shorten it, or leave it out and give terms")
    return [own]


source = X()
