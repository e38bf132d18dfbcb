"""A watch with a past, and what people say from then on, for scenes about alarms."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from amends.alarms.live import sound
from amends.alarms.rules import Rules, rules
from models.alarm import AlarmRow
from models.coverage import Span
from models.incident import IncidentRow, Watch, WatchRow
from models.post import Post
from models.store import Store
from models.tag import Tag
from tests.factories import NOW, a_post, an_incident

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHIPPED = rules(("complaint", "praise", "credit_request"))
BEGAN = NOW


class Scene:
    """Discs are late since `BEGAN`; a watch heard the `days` before it, at `an_hour` complaints an hour."""

    def __init__(self, store: Store, days: float = 7, an_hour: int = 20, **watch: Any) -> None:
        self.store, self.chance, self._numbers = store, random.Random(7), 0
        with store.begin() as tx:
            self.incident: IncidentRow = tx.incidents.add(an_incident(began=BEGAN, opened_at=BEGAN))
            plain = {"key": "", "source": "x", "terms": ["reelpost"], "created_at": BEGAN - 60 * DAY,
                     "asked_at": BEGAN}  # fmt: skip
            row = WatchRow(incident_id=self.incident.id or 0, **(plain | watch))
            self.watch: Watch = tx.watches.add(row)[0].as_watch()
        if days:
            past = Span(BEGAN - days * DAY, BEGAN)
            self.say(self.crowd(past, an_hour))
            self.hear(past)

    def crowd(self, span: Span, an_hour: float) -> list[Post]:
        """Return so many complaints an hour, each by another author in other words."""
        count = round(span.length / HOUR * an_hour)
        moments = sorted(span.since + self.chance.random() * span.length for _ in range(count))
        return [self.post(at) for at in moments]

    def post(self, at: datetime, **said: Any) -> Post:
        """Return one complaint."""
        self._numbers += 1
        number = self._numbers
        plain = {"author": f"cleo{number}", "external_id": f"s{number}", "posted_at": at, "as_of": at,
                 "text": f"complaint number {number}: no discs since Monday, again and again"}  # fmt: skip
        return a_post(**(plain | said))

    def say(self, posts: Sequence[Post], *labels: str) -> list[int]:
        """Keep posts, with labels on each, complaint if none is named; return their ids."""
        with self.store.begin() as tx:
            ids = tx.posts.add(self.watch, posts, BEGAN).ids
            rows = tx.posts.unscored(len(ids) + 1)
            tags = [
                Tag(post_id=one, label=label, by="classifier:t", score=0.9)
                for one in ids.values()
                for label in labels or ("complaint",)
            ]
            tx.tags.put_scored(rows, tags, by="classifier:t", at=BEGAN)
        return [ids[post.source, post.external_id] for post in posts]

    def hear(self, span: Span) -> None:
        """Note that a stretch is proved complete, and that somebody asked at its end."""
        with self.store.begin() as tx:
            tx.coverage.add(self.watch.id, span)
            tx.watches.get(self.watch.id).asked_at = span.until

    def goes(self, since: datetime, until: datetime, an_hour: float) -> datetime:
        """Let people complain for a stretch that is heard; return its end."""
        self.say(self.crowd(Span(since, until), an_hour))
        self.hear(Span(since, until))
        return until

    def sound(self, now: datetime, by: Rules = SHIPPED) -> list[str]:
        """Bring the alarms up to now, as after a round."""
        with self.store.read() as tx:
            incident = tx.incidents.find(self.incident.slug)
        return sound(self.store, incident, by, now)

    @property
    def alarms(self) -> list[AlarmRow]:
        """Those there are, the oldest first."""
        with self.store.read() as tx:
            return list(reversed(tx.alarms.of(self.incident.id)))
