"""
A chain: what must be remembered from the first question to the last of one walk. Pure.

Answers come newest first. A watch with more terms than one query holds asks query after query,
each to its end; they all share one stretch of time, so that one bookmark serves them all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from ingest.source import Request, Response
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


class Chain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Where one walk stands.

    `start` and `until` bound the stretch it will have proved (`until` None: up to X's own lag);
    with a `since_id` it asks by id, else by time, never both. `newest` is the greatest id so far,
    `edge` the time down to which the answers so far have come.
    """

    api: str
    reach: Reach
    dialect: Dialect
    queries: tuple[str, ...]
    start: datetime
    until: datetime | None = None
    since_id: str = ""
    counting: bool = False
    own: tuple[str, ...] = ()
    at: int = 0
    token: str = ""
    newest: str = ""
    edge: datetime | None = None
    redated: bool = False
    respelled: bool = False
    note: str = ""

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
        what = "counts" if self.counting else "search"
        return Request(
            url=f"{self.api}/2/tweets/{what}/{self.reach}",
            params=(
                ("query", self.queries[self.at]),
                *self._form(),
                *self._stretch(),
                *((("next_token", self.token),) if self.token else ()),
            ),
            secret="X_BEARER_TOKEN",  # noqa: S106 - its name, not the token
            state=msgspec.to_builtins(self),
        )

    def _form(self) -> tuple[tuple[str, str], ...]:
        if self.counting:
            return (("granularity", "day"),)
        size = str(ANSWER_HOLDS[self.reach])
        return (("max_results", size), ("sort_order", "recency"), *_FIELDS[self.dialect])

    def _stretch(self) -> tuple[tuple[str, str], ...]:
        if self.since_id:
            end = (("until_id", id_at(self.until)),) if self.until else ()
            return (("since_id", self.since_id), *end)
        end = (("end_time", _stamp(self.until)),) if self.until else ()
        return (("start_time", _stamp(self.start)), *end)

    def following(self, token: str) -> Chain | None:
        """Return where it stands after an answer: further down, at the next query, or nowhere."""
        if token:
            return msgspec.structs.replace(self, token=token, note="")
        if self.at + 1 < len(self.queries):
            return msgspec.structs.replace(self, at=self.at + 1, token="", note="")
        return None

    def redate(self, now: datetime) -> Chain:
        """Return the same walk asked by time, from no earlier than X reaches at `now`."""
        start = self.start if self.reach == "all" else max(self.start, _second(now - WINDOW))
        return msgspec.structs.replace(
            self, since_id="", token="", start=start, edge=None, redated=True
        )

    def respell(self) -> Chain:
        """Return the same walk asked in the other field dialect."""
        other: Dialect = "post" if self.dialect == "tweet" else "tweet"
        return msgspec.structs.replace(self, dialect=other, respelled=True)


def stretch(watch: Watch, now: datetime, reach: Reach, *, fixed_end: bool) -> dict[str, Any]:
    """
    Return the chain's `start`, `until`, `since_id`, `newest` and `note` for a watch.

    `fixed_end` asks for an explicit end, needed when several queries have to share one stretch.
    """
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
    if reach == "recent" and start < earliest:
        note = f"X's recent search reaches back a week: nothing before {earliest:%d %b %H:%M} UTC"
        start = earliest
    if until is None:
        start = min(start, end - _SHORTEST)
        until = end if fixed_end else None
    heard = said_at(watch.bookmark or "")
    if heard is None or heard > now + _SHORTEST:
        return {"start": start, "until": until, "note": note}
    known = {"until": until, "newest": watch.bookmark or ""}
    if until and heard >= until:
        # All of it was heard already: the smallest question there is.
        return known | {"start": max(start, until - _SHORTEST), "note": note}
    if heard >= start or (reach == "all" and not watch.since):
        return known | {"start": heard, "since_id": watch.bookmark or "", "note": ""}
    if reach == "recent" and heard < earliest:
        note = (
            f"X was last heard at {heard:%d %b %H:%M} UTC and reaches back a week:"
            f" what was said before {earliest:%d %b %H:%M} UTC is missed"
        )
    return known | {"start": start, "note": note}


def _second(when: datetime) -> datetime:
    return when.replace(microsecond=0)


def _stamp(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"
