"""What the store ought to hold, kept in plain Python beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from ingest.source import Answer
from ingest.walk import Outcome
from models.budget import day_of
from models.coverage import Span
from models.errors import BudgetSpent, SourceBusy
from models.lease import LASTS
from models.post import Post
from models.tag import CLASSIFIER
from models.voice import near
from tests.amends.machine.places import Told

Key = tuple[str, str]
"""A post's source and external id."""

MACHINE = f"{CLASSIFIER}0123456789ab"
LABEL = "complaint"
"""What the classifier says of every post."""


class Held(NamedTuple):
    """A tag that holds; `own` unless it was said of another post with the same words."""

    put: bool
    by: str
    own: bool = True

    @property
    def by_person(self) -> bool:
        """Whether a person said so."""
        return not self.by.startswith(CLASSIFIER)


class Claim(NamedTuple):
    """A stretch an answer proved, and the place's time when it gave it."""

    span: Span
    at: datetime


@dataclass
class Turn:
    """Whose turn it is to collect."""

    holder: str = ""
    token: int = 0
    until: datetime | None = None

    def would_go_to(self, who: str, ours: datetime) -> str:
        """Return who holds the lease once `who` has asked for it."""
        free = self.until is None or self.until <= ours
        return who if free else self.holder

    def taken(self, who: str, token: int, ours: datetime) -> None:
        """Note that `who` has it; the token must have grown if it was somebody else's."""
        if who == self.holder:
            assert token == self.token, "one who asks again has the same token"
        else:
            assert token > self.token, f"tokens only grow, and {token} came after {self.token}"
        self.holder, self.token, self.until = who, token, ours + LASTS

    def renewed(self, ours: datetime) -> None:
        """Note that its holder has kept something."""
        self.until = max(self.until or ours, ours + LASTS)


@dataclass
class Ought:
    """
    What ought to be there after all that was kept, and nothing of what wasn't.

    By watch and day: `spent` requests, and posts `charged`, as none was read that day before.
    By watch: `claims`, `lost` stretches, `limits` of requests a day, and `alone`, until when its source
    asked to be left alone. `restored`: it was put back from a backup once.
    """

    posts: dict[Key, Post] = field(default_factory=dict)
    sightings: set[tuple[int, Key]] = field(default_factory=set)
    claims: defaultdict[int, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    lost: defaultdict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    held: dict[tuple[Key, str], Held] = field(default_factory=dict)
    unscored: set[Key] = field(default_factory=set)
    verdicts: list[tuple[Key, str, str]] = field(default_factory=list)
    spent: Counter[tuple[int, str]] = field(default_factory=Counter)
    charged: Counter[tuple[int, str]] = field(default_factory=Counter)
    read_on: dict[Key, str] = field(default_factory=dict)
    alone: dict[int, datetime] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
    limits: dict[int, int | None] = field(default_factory=dict)
    turn: Turn = field(default_factory=Turn)
    restored: bool = False

    def keep(self, outcome: Outcome, ours: datetime) -> None:
        """Take in an outcome that was kept."""
        watch, answer, error = outcome.watch, outcome.answer, outcome.error
        day = day_of(ours)
        self.spent[watch.id, day] += outcome.requests
        if answer is not None:
            self.alone.pop(watch.id, None)
            fresh = {key for post in answer.posts if self.read_on.get(key := _key(post)) != day}
            self.read_on |= dict.fromkeys(fresh, day)
            self.charged[watch.id, day] += len(fresh) if outcome.charges else 0
            self.bring(watch.id, answer.posts)
            if answer.span is not None and outcome.response is not None:
                told = msgspec.json.decode(outcome.response.body, type=Told)
                self.claims[watch.id].append(Claim(answer.span, told.now))
            if answer.lost is not None:
                self.lost[watch.id].append(answer.lost)
            if answer.more is not None and answer.wait:
                self._leave(watch.id, ours, answer)
        elif outcome.gone:
            self.lost[watch.id] += [h.span for h in watch.holes if h.key == outcome.key]
        elif isinstance(error, SourceBusy) and not isinstance(error, BudgetSpent):
            self.alone[watch.id] = ours + timedelta(seconds=error.retry_after or 0)

    def _leave(self, watch_id: int, ours: datetime, answer: Answer) -> None:
        self.alone[watch_id] = ours + timedelta(seconds=answer.wait)

    def bring(self, watch_id: int, posts: Iterable[Post]) -> None:
        """Take in posts in any order: the newest version stands, by version and not by arrival."""
        posts = list(posts)
        keys = {_key(post) for post in posts}
        before = {key: self.posts[key].text for key in keys if key in self.posts}
        for post in posts:
            known = self.posts.get(_key(post))
            if known is None or _age(post) > _age(known):
                self.posts[_key(post)] = post
                if known is None or known.text != post.text:
                    self.unscored.add(_key(post))
        self.sightings |= {(watch_id, key) for key in keys}
        for key, text in before.items():
            if near(text) != near(self.posts[key].text):
                self._unsay(lambda at, held, key=key: at == key and held.by_person)

    def put(self, tags: Sequence[tuple[Key, str, Held]]) -> None:
        """Take in what a person said: of these posts and of all that say the same."""
        said = {(key, label): held for key, label, held in tags}
        fresh = {at: held for at, held in said.items() if not _same(self.held.get(at), held)}
        for (key, label), held in fresh.items():
            self.held[key, label] = held
            for other in self._alike(key):
                self.held[other, label] = held._replace(own=False)

    def score(self) -> None:
        """Take in the classifier's word on all posts that wait for it; people's stand above it."""
        new = self.unscored
        self._unsay(lambda at, held: at in new and not held.by_person)
        own = [(at, held) for at, held in self.held.items() if held.own and held.by_person]
        for (key, label), held in own:
            for other in set(self._alike(key)) & new:
                self.held.setdefault((other, label), held._replace(own=False))
        for key in new:
            self.held.setdefault((key, LABEL), Held(put=True, by=MACHINE))
        self.unscored = set()

    def _unsay(self, which: Callable[..., bool]) -> None:
        self.held = {
            (key, label): held for (key, label), held in self.held.items() if not which(key, held)
        }

    def _alike(self, key: Key) -> list[Key]:
        mark = near(self.posts[key].text)
        return [
            each for each, post in self.posts.items() if each != key and near(post.text) == mark
        ]


def _same(known: Held | None, said: Held) -> bool:
    return known is not None and (known.put, known.by) == (said.put, said.by)


def _key(post: Post) -> Key:
    return post.source, post.external_id


def _age(post: Post) -> tuple[int, datetime]:
    assert post.as_of is not None
    return post.version, post.as_of
