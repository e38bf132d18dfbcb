"""
X's recent search and counts while a service is down: seeded, by simulated time, no network.

It answers as X documents it: newest first, at most 100 at a time, `since_id`, `until_id` and
`end_time` excluded and `start_time` included, up to a whole second half a minute ago unless told, a
week back at most, 450 searches and 300 counts in a quarter of an hour. And as people meet it: empty
answers that go on, posts found minutes late, 429 with and without headers, 503, no answer at all.
"""

from __future__ import annotations

import hashlib
import json
import random
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ingest.source import Request, Response
from models.errors import SourceBusy
from tests.ingest.storm import Said, id_at, time_of

WEEK, QUARTER = timedelta(days=7), timedelta(minutes=15)
LAG, SOONEST = timedelta(seconds=30), timedelta(seconds=10)
SEARCHES, COUNTS = 450, 300
"""Questions X takes in a quarter of an hour."""

GRAINS = {"minute": 60, "hour": 3600, "day": 86_400}
_IDS, _TIMES = frozenset(["since_id", "until_id"]), frozenset(["start_time", "end_time"])
_MIXED = "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'."


class Invalid(Exception):
    """What X answers with 400: the sentence about a parameter, by its name."""

    def __init__(self, **said: str) -> None:
        super().__init__(*said.values())
        self.said = said


class Place(NamedTuple):
    """Where a token stands: the question it belongs to, ids in between, known when, how often empty."""

    question: tuple[tuple[str, str], ...]
    over: int
    under: int
    known: datetime
    blank: int = 0


class FakeX:
    """
    One platform and its bad moments.

    `empty` is the share of answers without posts that go on all the same; `trouble` the chance
    that a request begins a spell of one to five that fail. `asked` keeps every question, `failed`
    counts those that failed so.
    """

    def __init__(
        self,
        said: Iterable[Said] = (),
        seed: int = 0,
        *,
        empty: float = 0.1,
        trouble: float = 0.06,
        searches: int = SEARCHES,
    ) -> None:
        self.asked: list[Request] = []
        self.failed = 0
        self.said: list[Said] = []
        self.add(said)
        self._dice = random.Random(f"trouble {seed}")
        self._seed, self._empty, self._trouble = seed, empty, trouble
        self._spell: list[str] = []
        self._tokens: dict[str, Place] = {}
        self._limits = {"search": searches, "counts": COUNTS}
        self._windows: dict[str, tuple[datetime, int]] = {}

    def add(self, said: Iterable[Said]) -> None:
        """Let people say more."""
        self.said = sorted([*self.said, *said])
        self._ids = [post.id for post in self.said]

    def ask(self, request: Request, now: datetime) -> Response:
        """Answer one question; SourceBusy, as from the web, where no answer comes."""
        self.asked.append(request)
        what = request.url.split("/2/tweets/")[-1].split("/")[0]
        limits, left = self._count(what, now)
        if left < 0:
            return _answer(request, now, 429, _problem(429, "Too Many Requests"), limits)
        ill = self._ill()
        self.failed += bool(ill)
        if ill == "timeout":
            message = f"{request.url} didn't answer within 60 seconds"
            raise SourceBusy(message, "it will be asked again", url=request.url)
        if ill == "503":
            return _answer(request, now, 503, b"<html><h1>Over capacity</h1></html>")
        if ill:
            body = {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}
            some = limits if ill == "429 with some left" else {}
            return _answer(request, now, 429, json.dumps(body).encode(), some)
        try:
            asked = _checked(dict(request.params), now)
            told = self._counts(asked, now) if what == "counts" else self._search(asked, now)
        except Invalid as error:
            wrong = [
                {"message": sentence, "parameters": {name: [dict(request.params).get(name, "")]}}
                for name, sentence in error.said.items()
            ]
            return _answer(
                request, now, 400, _problem(400, "Invalid Request", errors=wrong), limits
            )
        return _answer(request, now, 200, told, limits)

    def _count(self, what: str, now: datetime) -> tuple[dict[str, str], int]:
        """Count a request; return the headers on it and how many are left, -1 when it is too many."""
        most = self._limits[what]
        began, used = self._windows.get(what, (now, 0))
        if now - began >= QUARTER:
            began, used = now, 0
        self._windows[what] = began, used + 1
        left = most - used - 1
        reset = int((began + QUARTER).timestamp())
        said = {"limit": most, "remaining": max(left, 0), "reset": reset}
        return {f"x-rate-limit-{name}": str(value) for name, value in said.items()}, left

    def _ill(self) -> str:
        if not self._spell and self._dice.random() < self._trouble:
            kinds = ("timeout", "503", "429 without headers", "429 with some left")
            self._spell = [self._dice.choice(kinds)] * self._dice.randint(1, 5)
        return self._spell.pop() if self._spell else ""

    def _search(self, asked: dict[str, str], now: datetime) -> bytes:
        token = asked.pop("next_token", "") or asked.pop("pagination_token", "")
        question = tuple(sorted(asked.items()))
        place = self._tokens.get(token) if token else Place(question, *_ids(asked, now), now)
        if place is None or place.question != question:
            raise Invalid(next_token="The 'next_token' isn't one of this question.")
        if self._chance(place) < self._empty:
            return _found([], self._token(place._replace(blank=place.blank + 1)))
        size = int(asked.get("max_results", "10"))
        some: list[Said] = []
        at = bisect_left(self._ids, place.under) - 1
        while at >= 0 and self._ids[at] > place.over and len(some) < size:
            some += [self.said[at]] if self.said[at].known <= place.known else []
            at -= 1
        # A full answer always goes on: what follows may turn out to be nothing.
        onward = place._replace(under=some[-1].id, blank=0) if len(some) == size else None
        return _found(some, self._token(onward) if onward else "")

    def _counts(self, asked: dict[str, str], now: datetime) -> bytes:
        over, under = _ids(asked, now)
        grain = timedelta(seconds=GRAINS[asked.get("granularity", "hour")])
        start, end = time_of(over + 1), time_of(under)
        counted: list[dict[str, Any]] = []
        while start < end:
            epoch = datetime(1970, 1, 1, tzinfo=UTC)
            upto = min(epoch + ((start - epoch) // grain + 1) * grain, end)
            among = self.said[
                bisect_left(self._ids, id_at(start)) : bisect_left(self._ids, id_at(upto))
            ]
            number = sum(post.known <= now for post in among)
            counted.append({"start": _stamp(start), "end": _stamp(upto), "tweet_count": number})
            start = upto
        total = sum(bucket["tweet_count"] for bucket in counted)
        return json.dumps({"data": counted, "meta": {"total_tweet_count": total}}).encode()

    def _chance(self, place: Place) -> float:
        digest = hashlib.blake2b(f"{self._seed} {place}".encode(), digest_size=4).digest()
        return int.from_bytes(digest) / 2**32

    def _token(self, place: Place) -> str:
        """Return the same token for the same place, as X does."""
        token = "c" + hashlib.blake2b(repr(place).encode(), digest_size=10).hexdigest()
        self._tokens[token] = place
        return token


def _checked(asked: dict[str, str], now: datetime) -> dict[str, str]:
    """Return the parameters if X takes them."""
    if not asked.get("query"):
        raise Invalid(query="The 'query' query parameter can't be empty.")
    if not 10 <= int(asked.get("max_results", "10")) <= 100:
        raise Invalid(max_results="The number must be between 10 and 100.")
    if not asked.keys().isdisjoint(_IDS) and not asked.keys().isdisjoint(_TIMES):
        raise Invalid(**{min(asked.keys() & _IDS): _MIXED})
    for name in asked.keys() & _TIMES:
        when = datetime.strptime(asked[name], "%Y-%m-%dT%H:%M:%S%z")
        if when < now - WEEK:
            raise Invalid(**{name: f"'{name}' must be on or after {_stamp(now - WEEK)}."})
        if when > now - SOONEST:
            message = f"'{name}' must be a minimum of 10 seconds prior to the request time."
            raise Invalid(**{name: message})
    for name in asked.keys() & _IDS:
        if not (asked[name].isdigit() and len(asked[name]) <= 19):
            raise Invalid(**{name: f"'{name}' must be an id of a Post."})
    if "since_id" in asked and int(asked["since_id"]) < id_at(now - WEEK):
        message = (
            f"'since_id' must be a tweet id created after {_stamp(now - WEEK)}."
            f" Please use a 'since_id' that is larger than {id_at(now - WEEK)}"
        )
        raise Invalid(since_id=message)
    return asked


def _ids(asked: dict[str, str], now: datetime) -> tuple[int, int]:
    """Return the ids between which the posts asked for lie, both excluded."""
    week, lag = id_at(now - WEEK) - 1, id_at((now - LAG).replace(microsecond=0))
    if asked.keys().isdisjoint(_TIMES):
        return int(asked.get("since_id", week)), min(int(asked.get("until_id", lag)), lag)
    bounds = {name: id_at(datetime.fromisoformat(asked[name])) for name in asked.keys() & _TIMES}
    over, under = bounds.get("start_time", week + 1) - 1, bounds.get("end_time", lag)
    if over + 1 >= under:
        raise Invalid(start_time="'start_time' must be before 'end_time'.")
    return over, under


def _found(posts: Sequence[Said], token: str) -> bytes:
    meta: dict[str, Any] = {"result_count": len(posts)}
    if posts:
        meta |= {"newest_id": str(posts[0].id), "oldest_id": str(posts[-1].id)}
    if token:
        meta["next_token"] = token
    if not posts:
        return json.dumps({"meta": meta}).encode()
    return b'{"data":[%b],"includes":{"users":[%b]},"meta":%b}' % (
        b",".join(post.post for post in posts),
        b",".join(post.user for post in posts),
        json.dumps(meta).encode(),
    )


def _problem(status: int, title: str, **said: Any) -> bytes:
    body = {"title": title, "detail": title, "type": "about:blank", "status": status} | said
    return json.dumps(body).encode()


def _answer(
    request: Request, now: datetime, status: int, body: bytes, headers: dict[str, str] | None = None
) -> Response:
    return Response(
        request=request, status=status, body=body, at=now, url=request.url, headers=headers or {}
    )


def _stamp(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.000Z"
