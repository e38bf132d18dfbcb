"""Places where invented people speak: late, in the same second, with edits, forgetful, and moody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from ingest.source import Request, Response

BEGAN = datetime(2026, 3, 4, 11, 50, tzinfo=UTC)
"""When the incident began."""

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

LATEST = MINUTE
"""How long after it was made a post may come to light."""

Mood = Literal["wait", "down", "refused", "login", "last one"]
"""
Answers a place gives out of turn: 429 with a time to come back, 503 without one, 403, a login form,
and a good one that is the last it gives for a minute.
"""

_STATUS: dict[Mood, int] = {"wait": 429, "down": 503, "refused": 403}


@dataclass
class Clock:
    """What time it is, and what time our machine believes it is."""

    true: datetime = BEGAN + 10 * MINUTE
    ahead: timedelta = timedelta()

    @property
    def ours(self) -> datetime:
        """The time our machine believes it is."""
        return self.true + self.ahead


@dataclass
class Said:
    """One post as its place has it: when made, from when on it is shown, and its texts, oldest first."""

    key: str
    at: datetime
    shown: datetime
    term: str
    texts: list[str]


class ToldPost(msgspec.Struct, frozen=True):
    """A post in an answer."""

    key: str
    at: datetime
    text: str
    version: int
    likes: int


class Told(msgspec.Struct, frozen=True):
    """
    An answer's body: the time by the place's clock, posts, and a token for what follows, if anything does.

    Nothing older than `floor` is remembered.
    """

    now: datetime
    posts: tuple[ToldPost, ...] = ()
    token: str = ""
    floor: datetime | None = None
    total: int | None = None


@dataclass
class Place:
    """
    One place and how it behaves.

    `holds` posts fit in an answer. `behind` is by how many edits its answers lag, `repeats` whether
    they bring old versions once more; tokens up to the number `expired` aren't taken any more.
    `moods` are by the number of the question.
    """

    name: str
    clock: Clock
    newest_first: bool
    holds: int = 3
    reach: timedelta | None = None
    behind: int = 0
    repeats: bool = False
    expired: int = 0
    tokens: int = 0
    posts: list[Said] = field(default_factory=list)
    moods: dict[int, Mood] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def says(self, term: str, text: str, at: datetime, shown: datetime) -> None:
        """Let somebody say something."""
        self.posts.append(Said(f"{len(self.posts):04d}", at, shown, term, [text]))

    def minds(self, nth: int, mood: Mood) -> None:
        """Answer out of turn the n-th question from now; one that is down is so for a second try too."""
        number = self.asked.total() + nth
        self.moods |= {number + i: mood for i in range(2 if mood == "down" else 1)}

    def answer(self, request: Request) -> Response:
        """Answer one question."""
        self.asked[request.url] += 1
        mood = self.moods.pop(self.asked.total(), None)
        status, headers, body = 200, {}, b"<!doctype html><title>Log in</title>"
        if mood == "wait":
            headers = {"retry-after": "60"}
        if mood == "last one":
            headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}
        if mood in _STATUS:
            status = _STATUS[mood]
        elif mood != "login":
            told = self._told(dict(request.params))
            status = 200 if told else 400
            body = msgspec.json.encode(told)
        return Response(
            request=request,
            status=status,
            body=body,
            at=self.clock.ours,
            url=request.url,
            headers=headers,
        )

    def _told(self, asked: dict[str, str]) -> Told | None:
        """Return what is asked for; None if the token has expired."""
        serial, _, after = asked.get("token", "").partition(" ")
        if serial and int(serial) <= self.expired:
            return None
        now = self.clock.true
        floor = None if self.reach is None else now - self.reach
        shown = {_order(said): said for said in self.posts if self._shows(said, asked, floor)}
        if "count" in asked:
            return Told(now, total=len(shown))
        if after:
            shown = {
                k: v for k, v in shown.items() if (k < after if self.newest_first else k > after)
            }
        order = sorted(shown, reverse=self.newest_first)
        given = order[: self.holds]
        token = ""
        if len(order) > len(given):
            self.tokens += 1
            token = f"{self.tokens} {given[-1]}"
        told = [
            _tell(shown[key], max(len(shown[key].texts) - 1 - self.behind, 0), now) for key in given
        ]
        if self.repeats:
            told += [_tell(shown[key], 0, now) for key in given]
        return Told(now, tuple(told), token, floor)

    def _shows(self, said: Said, asked: dict[str, str], floor: datetime | None) -> bool:
        return (
            said.shown <= self.clock.true
            and (floor is None or floor <= said.at)
            and said.term in asked["terms"].split()
            and asked.get("from", "") <= stamp(said.at)
            and ("until" not in asked or stamp(said.at) < asked["until"])
        )


def stamp(when: datetime) -> str:
    """Return a time as the places write it; times in this form sort as texts."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _order(said: Said) -> str:
    return f"{stamp(said.at)} {said.key}"


def _tell(said: Said, version: int, now: datetime) -> ToldPost:
    likes = (now - said.at) // MINUTE
    return ToldPost(said.key, said.at, said.texts[version], version, likes)
