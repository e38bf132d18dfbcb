"""
The main queries: what is asked of the store while people look, listed in this one place.

The bench times them in stores of millions of posts, and a test looks that none reads a table from end to end.
A name begins with the call of the transaction it is about, such as `queue.leaf`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from models.coverage import Span
from models.day import day_window
from models.store import Transaction
from models.store.queue import LEAF, Cursor, Sought
from models.store.views import Wanted

COUNTED = 1_000
"""Up to where the board counts."""

TO_ANSWER = ("complaint", "credit_request")
LABELS = ("complaint", "credit_request", "praise")


class Scene(NamedTuple):
    """Where is asked: an incident, what happens to be in it, and what is drawn by chance."""

    incident: int
    now: datetime
    days: int
    labels: tuple[str, ...]
    sources: tuple[str, ...]
    languages: tuple[str, ...]
    people: tuple[str, ...]
    often: tuple[str, ...]
    seldom: Callable[[random.Random], str]

    def ago(self, chance: random.Random, hours: float = 0) -> datetime:
        """Return a moment of the past days, or of the last hours."""
        reach = timedelta(hours=hours) if hours else timedelta(days=self.days)
        return self.now - reach * chance.random()

    @property
    def day(self) -> Span:
        """The last day that is over."""
        return day_window((self.now - timedelta(days=1)).date(), "UTC")


Ask = Callable[[Transaction, Scene, random.Random], Any]


def leaf(**said: Any) -> Ask:
    """Return what the board asks for a page of the queue; values that are functions are drawn anew each time."""

    def ask(tx: Transaction, scene: Scene, chance: random.Random) -> Any:
        drawn = {name: one(scene, chance) if callable(one) else one for name, one in said.items()}
        after = drawn.pop("after", None)
        sought = Sought(**drawn)
        return tx.queue.leaf(scene.incident, sought, after, LEAF + 1, COUNTED)

    return ask


def _day_ago(scene: Scene, chance: random.Random) -> datetime:
    return scene.now - timedelta(hours=24, minutes=chance.randrange(600))


def _an_hour_ago(scene: Scene, chance: random.Random) -> datetime:
    return scene.now - timedelta(minutes=30 + chance.randrange(60))


def _below(scene: Scene, chance: random.Random) -> Cursor:
    return Cursor(scene.ago(chance), 0)


def _pair(scene: Scene, chance: random.Random) -> str:
    return " ".join(chance.sample(scene.often, 2))


def _one(name: str) -> Callable[[Scene, random.Random], str]:
    return lambda scene, chance: chance.choice(getattr(scene, name))


_FILTERS: dict[str, dict[str, Any]] = {
    "all that is open": {},
    "far down": {"after": _below},
    "each copy by itself": {"folded": False},
    "a label": {"label": _one("labels")},
    "a label, far down": {"label": _one("labels"), "after": _below},
    "a source": {"source": _one("sources")},
    "a language": {"lang": _one("languages")},
    "mine": {"holder": _one("people")},
    "nobody's": {"holder": ""},
    "unseen": {"unseen": True},
    "answered": {"state": "answered"},
    "escalated": {"state": "escalated"},
    "dismissed, of a source": {"state": "dismissed", "source": _one("sources")},
    "in any state": {"state": "all"},
    "of the last hour": {"since": _an_hour_ago},
    "since a day ago": {"since": _day_ago},
    "an hour, long ago": {"since": lambda s, c: s.now - timedelta(hours=36),
                          "until": lambda s, c: s.now - timedelta(hours=35 - c.random())},
    "a label and a language, unseen": {"label": _one("labels"), "lang": _one("languages"), "unseen": True},
    "a word often said": {"search": _one("often")},
    "a word seldom said": {"search": lambda s, c: s.seldom(c)},
    "a word nobody says": {"search": lambda s, c: f"zzzq{c.randrange(10**6)}"},
    "two words": {"search": _pair},
    "a phrase": {"search": lambda s, c: f'"{_pair(s, c)}"'},
    "how words begin": {"search": lambda s, c: c.choice(s.often)[:3] + "*"},
    "a word left out": {"search": lambda s, c: "{} -{}".format(*_pair(s, c).split())},
    "a word and a label": {"search": _one("often"), "label": _one("labels")},
    "a word and a language": {"search": _one("often"), "lang": _one("languages")},
    "a word, since a day ago": {"search": _one("often"), "since": _day_ago},
    "a word, in any state": {"search": _one("often"), "state": "all"},
}  # fmt: skip


def _line(tx: Transaction, scene: Scene, chance: random.Random) -> Any:
    ids = tx.queue.ids(scene.incident, Sought(state="all"), _below(scene, chance), 1)
    line = tx.queue.line(scene.incident, ids[0]) if ids else None
    return line and (
        tx.queue.thread(scene.incident, line), tx.queue.alike(scene.incident, line.post_id),
        tx.queue.tags(line.post_id),
    )  # fmt: skip


MAIN: dict[str, Ask] = {
    **{f"queue.leaf: {name}": leaf(**said) for name, said in _FILTERS.items()},
    "queue.line: a post with all around it": _line,
    "happenings.since: what is new": lambda tx, s, c: tx.happenings.since(
        s.incident, tx.happenings.moment(s.incident)._replace(post=c.randrange(10**6))
    ),
    "days.tally: a day by hour, source and label": lambda tx, s, c: tx.days.tally(
        s.incident, day_window(s.ago(c).date(), "UTC")
    ),
    "days.undated": lambda tx, s, c: tx.days.undated(s.incident),
    "days.official": lambda tx, s, c: tx.days.official(s.incident, s.day),
    "days.edited": lambda tx, s, c: tx.days.edited(s.incident, s.day),
    "pulse.hours: the chart": lambda tx, s, c: tx.pulse.hours(
        s.incident, Span(s.now - timedelta(hours=24), s.now)
    ),
    "pulse.unseen": lambda tx, s, c: tx.pulse.unseen(s.incident),
    "pulse.unscored": lambda tx, s, c: tx.pulse.unscored(s.incident),
    "pulse.first_seen": lambda tx, s, c: tx.pulse.first_seen(s.incident),
    "views.posts: the newest": lambda tx, s, c: list(tx.views.posts(s.incident, Wanted(), LEAF)),
    "views.newest": lambda tx, s, c: tx.views.newest(s.incident),
    "gauges.waiting": lambda tx, s, c: tx.gauges.waiting(),
    "gauges.posts": lambda tx, s, c: tx.gauges.posts(),
    "minutes.unread_since": lambda tx, s, c: tx.minutes.unread_since(s.incident, s.ago(c, 24)),
    "tags.open: ask me": lambda tx, s, c: tx.tags.open(5_000, s.incident),
}
"""By name; a page of the queue is asked as the board asks for it."""

LONG: dict[str, Ask] = {
    "days.waiting: who wants an answer": lambda tx, s, c: tx.days.waiting(s.incident, s.day, TO_ANSWER, 12),
    "days.praise": lambda tx, s, c: tx.days.praise(s.incident, s.day, ("praise",), ("complaint",), 6),
    "days.by_watch": lambda tx, s, c: tx.days.by_watch(s.incident, s.day),
    "days.items: a day column by column": lambda tx, s, c: tx.days.items(s.incident, s.day),
    "days.late": lambda tx, s, c: tx.days.late(s.incident, s.day),
    "voices.counted: a day": lambda tx, s, c: tx.voices.counted(s.incident, [s.day], LABELS),
    "pulse.labelled: a day": lambda tx, s, c: tx.pulse.labelled(s.incident, s.day, LABELS),
    "pulse.waiting": lambda tx, s, c: tx.pulse.waiting(s.incident, TO_ANSWER),
    "pulse.lately": lambda tx, s, c: tx.pulse.lately(s.incident, s.now),
    "pulse.overdue": lambda tx, s, c: tx.pulse.overdue(s.incident, TO_ANSWER, s.now, s.day.until),
    "pulse.said": lambda tx, s, c: tx.pulse.said(
        s.incident, Span(s.now - timedelta(hours=1), s.now), "complaint", 1_500
    ),
    "views.posts: the newest of a label": lambda tx, s, c: list(
        tx.views.posts(s.incident, Wanted(label=c.choice(s.labels)), LEAF)
    ),
    "views.label_counts": lambda tx, s, c: tx.views.label_counts(s.incident),
    "views.source_counts": lambda tx, s, c: tx.views.source_counts(s.incident),
    "minutes.by_minute: an hour": lambda tx, s, c: tx.minutes.by_minute(
        [s.incident], "complaint", Span(s.now - timedelta(hours=1), s.now)
    ),
    "complaints.heard: a day": lambda tx, s, c: tx.complaints.heard(s.incident, s.day, "complaint", 20_000),
}  # fmt: skip
"""What reads all of a stretch, so that it takes the longer the more was said."""

EVERYTHING = {"pulse.waiting", "pulse.overdue"}
"""What counts all that is open, and so may read all of an incident."""

SELDOM = {
    "queue.lines", "queue.ids", "queue.count", "queue.these", "queue.alike", "queue.thread", "queue.tags",
    "voices.days", "voices.said", "voices.widest", "views.count", "views.labels",
    "gauges.open_incidents", "gauges.complete_until", "gauges.last_round",
}  # fmt: skip
"""What is asked together with those above, or not while anybody waits."""
