"""
What is gone, within one transaction: counts of posts that were erased, so that past digests stay true.

Posts are counted by local hour, source and label. Voices don't add up, so what a day has fewer of is found
by counting before and after; both stand in the transaction that takes the posts away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlmodel import Session

from models.columns import HOUR, from_micros, to_micros
from models.coverage import Span
from models.day import day_window, local_day
from models.store import dialect
from models.store.days import Cell, Tally, Volume
from models.store.voices import Voiced, Voices
from models.tombstone import ALL, NONE, OFFICIAL, UNDATED

_POSTS = """
SELECT DISTINCT sighting.incident_id, post.id, post.posted_at, post.source, post.official
FROM sighting JOIN post ON post.id = sighting.post_id WHERE sighting.post_id = {KEYS}
"""
_LABELS = "SELECT post_id, label FROM tag WHERE holds AND put AND post_id = {KEYS}"
_ZONES = "SELECT id, tz FROM incident"

_ADD_POSTS = """
INSERT INTO gone_posts (incident_id, hour, source, label, posts) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (incident_id, hour, source, label) DO UPDATE SET posts = gone_posts.posts + excluded.posts
"""
_ADD_VOICES = """
INSERT INTO gone_voices (incident_id, day, label, voices, complaints) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (incident_id, day, label) DO UPDATE SET voices = gone_voices.voices + excluded.voices,
    complaints = gone_voices.complaints + excluded.complaints
"""

_OF_POSTS = """
SELECT hour, source, label, posts FROM gone_posts WHERE incident_id = ? AND hour >= ? AND hour < ?
"""
_OF_VOICES = """
SELECT label, voices, complaints FROM gone_voices WHERE incident_id = ? AND day >= ? AND day < ?
"""


class Touched(NamedTuple):
    """A local day of an incident from which posts go, and what was counted of it before."""

    incident_id: int
    day: Span
    labels: tuple[str, ...]
    before: Voiced


class Gone:
    """Counts of what is gone, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, post_ids: Sequence[int]) -> list[Touched]:
        """Count posts that are about to go; return the days they go from, for `end`."""
        connection = self._session.connection()
        labels: dict[int, list[str]] = {}
        for post_id, label in dialect.within(connection, _LABELS, (), post_ids):
            labels.setdefault(post_id, []).append(label)
        zones = dict(map(tuple, dialect.rows(connection, _ZONES)))
        counts: Counter[tuple[int, int, str, str]] = Counter()
        days: dict[tuple[int, Span], set[str]] = {}
        for incident_id, post_id, posted_at, source, official in dialect.within(
            connection, _POSTS, (), post_ids
        ):
            hour, day = UNDATED, None
            if posted_at is not None:
                day = _day(posted_at, zones[incident_id])
                since = to_micros(day.since)
                hour = since + (posted_at - since) // HOUR * HOUR
            if official:
                counts[incident_id, hour, source, OFFICIAL] += 1
                continue
            held = labels.get(post_id, [])
            for label in (ALL, *(held or [NONE])):
                counts[incident_id, hour, source, label] += 1
            if day is not None:
                days.setdefault((incident_id, day), set()).update(held)
        dialect.many(connection, _ADD_POSTS, ((*key, posts) for key, posts in counts.items()))
        return [
            Touched(incident_id, day, named, self._counted(incident_id, day, named))
            for (incident_id, day), held in days.items()
            for named in [tuple(sorted(held))]
        ]

    def end(self, touched: Iterable[Touched]) -> None:
        """Note by how many voices and complaints these days have become poorer."""
        rows: list[tuple[int, int, str, int, int]] = []
        for incident_id, day, labels, before in touched:
            after, since = self._counted(incident_id, day, labels), to_micros(day.since)
            voices, complaints = before.voices - after.voices, before.complaints - after.complaints
            rows.append((incident_id, since, ALL, voices, complaints))
            rows += [
                (incident_id, since, was.label, was.voices - now.voices, 0)
                for was, now in zip(before.labels, after.labels, strict=True)
            ]
        kept = [row for row in rows if row[3] or row[4]]
        dialect.many(self._session.connection(), _ADD_VOICES, kept)

    def tally(self, incident_id: int, window: Span | None, living: Tally) -> Tally:
        """Return the counts of a window's posts, or without one of the undated, with what is gone."""
        since = UNDATED if window is None else to_micros(window.since)
        cells: Counter[tuple[int, str, str]] = Counter()
        volumes: Counter[tuple[int, str]] = Counter()
        for at, source, label, posts in self._posts(incident_id, window):
            hour = 0 if window is None else (at - since) // HOUR
            if label == ALL:
                volumes[hour, source] += posts
            elif label != OFFICIAL:
                cells[hour, source, label] += posts
        if not volumes:
            return living
        unscored = {(one.hour, one.source): one.unscored for one in living.volumes}
        cells.update({(one.hour, one.source, one.label): one.posts for one in living.cells})
        volumes.update({(one.hour, one.source): one.posts for one in living.volumes})
        return Tally(
            tuple(sorted(Cell(*key, posts) for key, posts in cells.items())),
            tuple(sorted(Volume(*key, n, unscored.get(key, 0)) for key, n in volumes.items())),
        )

    def official(self, incident_id: int, window: Span) -> int:
        """Return how many of a window's posts that are gone were the company's own."""
        return sum(
            posts
            for _, _, label, posts in self._posts(incident_id, window)
            if label == OFFICIAL
        )  # fmt: skip

    def voiced(self, incident_id: int, window: Span, living: Voiced) -> Voiced:
        """Return the three numbers of a local day with what is gone."""
        posts: Counter[str] = Counter()
        for _, _, label, count in self._posts(incident_id, window):
            posts[label] += count
        if not posts:
            return living
        bounds = (incident_id, to_micros(window.since), to_micros(window.until))
        voices, complaints = Counter[str](), Counter[str]()
        for label, some, others in dialect.rows(self._session.connection(), _OF_VOICES, bounds):
            voices[label] += some
            complaints[label] += others
        return msgspec.structs.replace(
            living,
            posts=living.posts + posts[ALL],
            voices=living.voices + voices[ALL],
            complaints=living.complaints + complaints[ALL],
            labels=tuple(
                msgspec.structs.replace(
                    one, posts=one.posts + posts[one.label], voices=one.voices + voices[one.label]
                )
                for one in living.labels
            ),
        )

    def _posts(self, incident_id: int, window: Span | None) -> list[Any]:
        bounds = (UNDATED, 0) if window is None else (
            to_micros(window.since), to_micros(window.until))  # fmt: skip
        return dialect.rows(self._session.connection(), _OF_POSTS, (incident_id, *bounds))

    def _counted(self, incident_id: int, day: Span, labels: Sequence[str]) -> Voiced:
        return Voices(self._session).counted(incident_id, [day], labels)


def _day(posted_at: int, tz: str) -> Span:
    return day_window(local_day(from_micros(posted_at), tz), tz)
