"""
A chain: what must be remembered from the first question to the last of one walk. Pure.

Answers come newest first. A walk goes from the newest post down to one a little older than the newest
of the last walk, and every few minutes to minutes older: X's index is late with some. A post is
charged once a day however often it is read, so reading twice costs questions, not money. A watch with
more terms than one query holds asks query after query; one bookmark serves them all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from ingest.source import Request, Response
from ingest.sources.x.thrift import Gauge, Plan
from ingest.sources.x.values import id_at, said_at
from models.errors import SetupError
from models.incident import Watch

Dialect = Literal["tweet", "post"]
Reach = Literal["recent", "all"]

WINDOW = timedelta(days=6, hours=23)
"""How far recent search is asked to reach: seven days, less an hour for a chain to end in."""

UNBOUNDED = timedelta(days=30)
"""How far a full-archive search goes back for a watch that doesn't say."""

LAG = timedelta(seconds=30)
"""X answers up to about half a minute ago."""

NEAR = timedelta(seconds=30)
"""How far back to read again in every walk."""

DEEP = timedelta(minutes=6)
"""How far back in a deep one: some posts are found only minutes after they were made."""

RARELY = timedelta(minutes=10)
"""How often a walk goes deep."""

_SHORTEST = timedelta(minutes=1)

ANSWER_HOLDS: dict[Reach, int] = {"recent": 100, "all": 500}

_COMMON = ("conversation_id", "created_at", "entities", "id", "lang", "public_metrics", "text")


def _joined(name: str, *values: str) -> tuple[str, str]:
    return name, ",".join(values)


_USER_FIELDS = _joined("user.fields", "id", "public_metrics", "username")

_FIELDS: dict[Dialect, tuple[tuple[str, str], ...]] = {
    "tweet": (
        _joined(
            "tweet.fields",
            *_COMMON,
            "author_id",
            "edit_history_tweet_ids",
            "note_tweet",
            "referenced_tweets",
        ),
        _joined(
            "expansions", "author_id", "referenced_tweets.id", "referenced_tweets.id.author_id"
        ),
        _USER_FIELDS,
    ),
    "post": (
        _joined("post.fields", *_COMMON, "edit_history_post_ids", "note_post"),
        _joined("expansions", "author_id", "referenced_posts"),
        _USER_FIELDS,
    ),
}


def fields_in(dialect: Dialect) -> tuple[tuple[str, str], ...]:
    """Return the fields to ask of each post."""
    return _FIELDS[dialect]


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    The bookmark: the newest post's time, and what it was when a walk last went deep.

    `floor` is the end of the last stretch of which only a sample was paid for: no walk goes below.
    """

    seen: datetime
    deep: datetime | None = None
    floor: datetime | None = None


class Chain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Where one walk stands.

    `start` and `until` bound the stretch it will have proved (`until` None: up to X's own lag);
    `by_id`: it asks by ids, else by times, never both. `seen` is the newest post's time so far, none
    later than `top`, up to which the first answer reached; `edge` the time down to which the answers
    so far have come. `missed` is where a watch was before that X no longer reaches. With a `gauge`
    it counts first, with a `plan` it reads only a sample.
    """

    api: str
    reach: Reach
    dialect: Dialect
    queries: tuple[str, ...]
    start: datetime
    until: datetime | None = None
    by_id: bool = False
    counting: bool = False
    own: tuple[str, ...] = ()
    at: int = 0
    token: str = ""
    mark: Mark | None = None
    deep: bool = True
    top: datetime | None = None
    seen: datetime | None = None
    edge: datetime | None = None
    missed: datetime | None = None
    redated: bool = False
    respelled: bool = False
    note: str = ""
    gauge: Gauge | None = None
    plan: Plan | None = None

    @classmethod
    def of(cls, response: Response) -> Chain:
        """Return the chain an answer belongs to."""
        try:
            return msgspec.convert(response.request.state, cls)
        except msgspec.ValidationError as error:
            message = f"the question was kept by another version of Amends ({error})"
            raise response.trouble(message, "nothing to do: the watch starts over") from error

    def request(self) -> Request:
        """Build the question it stands at."""
        counting = self.counting or self.gauge is not None
        what = "counts" if counting else "search"
        query = self.plan.query(self.queries) if self.plan else self.queries[self.at]
        return Request(
            url=f"{self.api}/2/tweets/{what}/{self.reach}",
            params=(
                ("query", query),
                *(self._counting_form() if counting else self._form()),
                *self._stretch(),
                *((("next_token", self.token),) if self.token else ()),
            ),
            secret="X_BEARER_TOKEN",  # noqa: S106 - its name, not the token
            state=msgspec.to_builtins(self),
        )

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Return the fields it asks of each post."""
        return fields_in(self.dialect)

    def _counting_form(self) -> tuple[tuple[str, str], ...]:
        return (("granularity", "day" if self.gauge is None else "hour"),)

    def _form(self) -> tuple[tuple[str, str], ...]:
        size = str(ANSWER_HOLDS[self.reach])
        return (("max_results", size), ("sort_order", "recency"), *_FIELDS[self.dialect])

    def _stretch(self) -> tuple[tuple[str, str], ...]:
        slice_ = self.plan.slice if self.plan else None
        if slice_ is not None:
            return (("start_time", _stamp(slice_.since)), ("end_time", _stamp(slice_.until)))
        start = self.start if self.gauge is None else self.gauge.since
        if self.by_id:
            end = (("until_id", id_at(self.until)),) if self.until else ()
            # X leaves out the post whose id it is given, and one may have been made right then.
            return (("since_id", str(int(id_at(start)) - 1)), *end)
        end = (("end_time", _stamp(self.until)),) if self.until else ()
        return (("start_time", _stamp(start)), *end)

    def following(self, token: str) -> Chain | None:
        """Return where it stands after an answer: further down, at the next query, or nowhere."""
        if token:
            return msgspec.structs.replace(self, token=token, note="")
        if self.plan is not None:
            onward = self.plan.next(self.queries)
            return None if onward is None else msgspec.structs.replace(self, plan=onward, token="")
        if self.at + 1 < len(self.queries):
            return msgspec.structs.replace(self, at=self.at + 1, token="", note="")
        return None

    def redate(self, now: datetime) -> Chain:
        """Return the same walk asked by time, from no earlier than X reaches at `now`."""
        start = self.start if self.reach == "all" else max(self.start, _second(now - WINDOW))
        missed = self.start if start > self.start else self.missed
        return msgspec.structs.replace(
            self, by_id=False, token="", start=start, edge=None, redated=True, missed=missed
        )

    def respell(self) -> Chain:
        """Return the same walk asked in the other field dialect."""
        other: Dialect = "post" if self.dialect == "tweet" else "tweet"
        return msgspec.structs.replace(self, dialect=other, respelled=True)

    def bookmark(self) -> str | None:
        """Return the bookmark that leaves behind what this walk has still to read."""
        if self.seen is None:
            return None
        former = self.mark or Mark(seen=self.seen)
        mark = Mark(
            seen=self.seen,
            deep=self.seen if self.deep else former.deep,
            floor=former.floor if self.plan is None else self.plan.until,
        )
        return msgspec.json.encode(mark).decode()


def stretch(watch: Watch, now: datetime, reach: Reach) -> dict[str, Any]:
    """Return what a chain knows at its beginning of the stretch it is to read."""
    end = _second(now - LAG)
    until = _second(watch.until) if watch.until and watch.until < end else None
    earliest = _second(now - WINDOW)
    unsaid = earliest if reach == "recent" else (until or _second(now)) - UNBOUNDED
    start = _second(watch.since) if watch.since else unsaid
    note = ""
    if until and start >= until:
        message = f"x: the watch ends ({until:%Y-%m-%d %H:%M} UTC) before it begins"
        raise SetupError(message, "give an end after the beginning")
    if until and reach == "recent" and until <= earliest:
        message = f"X's recent search reaches back a week; the watch ended {until:%Y-%m-%d %H:%M}"
        raise SetupError(message, "set the watch's search=all to ask the whole archive")
    missed = None
    if reach == "recent" and start < earliest:
        note = f"X's recent search reaches back a week: nothing before {earliest:%d %b %H:%M} UTC"
        start, missed = earliest, start
    if until is None:
        start = min(start, end - _SHORTEST)
    mark = _marked(watch.bookmark, now)
    if mark is None:
        return {"start": start, "until": until, "note": note, "missed": missed}
    deep = mark.deep is None or now - mark.deep >= RARELY
    again = mark.deep - DEEP if deep and mark.deep else mark.seen - NEAR
    again = max(again, mark.floor or again)
    known = {"until": until, "mark": mark, "deep": deep, "seen": mark.seen}
    if until and again >= until:
        # All of it was heard already: the smallest question there is.
        return known | {"start": max(start, until - _SHORTEST), "note": note}
    if again >= start or (reach == "all" and not watch.since):
        return known | {"start": _milli(again), "by_id": True}
    missed = None
    if reach == "recent" and mark.seen < earliest:
        missed = mark.seen
        note = (
            f"X was last heard at {missed:%d %b %H:%M} UTC and reaches back a week:"
            f" what was said before {earliest:%d %b %H:%M} UTC is missed"
        )
    return known | {"start": start, "note": note, "missed": missed}


def _marked(bookmark: str | None, now: datetime) -> Mark | None:
    """Return what a bookmark says, also one that is still a bare id; one from the future says nothing."""
    mark: Mark | None
    try:
        mark = msgspec.json.decode(bookmark or "", type=Mark)
    except (msgspec.DecodeError, UnicodeDecodeError):
        at = said_at(bookmark or "")
        mark = None if at is None else Mark(seen=at)
    return mark if mark is not None and mark.seen <= now + _SHORTEST else None


def _second(when: datetime) -> datetime:
    return when.replace(microsecond=0)


def _milli(when: datetime) -> datetime:
    return when.replace(microsecond=when.microsecond // 1000 * 1000)


def _stamp(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"
