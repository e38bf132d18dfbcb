"""
What is gone, within one transaction: counts of posts that were erased, so that past digests stay true.

Posts are counted by local hour, source and label, in the transaction that takes them away. Voices don't
add up: a day is read once, before anybody has to wait, and as posts leave it the voices that nobody
raises any more are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlmodel import Session

from models.columns import HOUR, from_micros, to_micros
from models.coverage import Span
from models.day import day_window, local_day
from models.store import dialect
from models.store.voices import COMPLAINT, Voiced, Voices
from models.store.volumes import Cell, Tally, Volume
from models.tombstone import ALL, NONE, OFFICIAL, UNDATED

_POSTS = """
SELECT DISTINCT sighting.incident_id, post.id, post.posted_at, post.source, post.official
FROM sighting JOIN post ON post.id = sighting.post_id WHERE sighting.post_id = {KEYS}
"""
_LABELS = "SELECT post_id, label FROM tag WHERE holds AND put AND post_id = {KEYS}"
_LIKE = f",{COMPLAINT},"

MOST_DAYS = 8
"""Days remembered at once."""

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


class Crowd:
    """A day's posts as they were when an erasure came to it, and which voices and complaints are left."""

    def __init__(self, said: Iterable[tuple[int, str, int, str]]) -> None:
        self._said = {number: (labels, cluster, voice) for number, labels, cluster, voice in said}
        self._voices: Counter[tuple[str, str]] = Counter()
        self._complaints: Counter[int] = Counter()
        for labels, cluster, voice in self._said.values():
            self._voices.update((label, voice) for label in _topics(labels))
            self._complaints[cluster] += _LIKE in labels

    def knows(self, post_ids: Iterable[int]) -> bool:
        """Return whether these posts were there when it was read."""
        return self._said.keys() >= set(post_ids)

    def leave(self, post_ids: Iterable[int]) -> tuple[Counter[str], int]:
        """Take posts out; return by label how many voices went with them, and how many complaints."""
        voices: Counter[str] = Counter()
        complaints = 0
        for number in post_ids:
            labels, cluster, voice = self._said.pop(number)
            for label in _topics(labels):
                self._voices[label, voice] -= 1
                voices[label] += self._voices[label, voice] == 0
            if _LIKE in labels:
                self._complaints[cluster] -= 1
                complaints += self._complaints[cluster] == 0
        return voices, complaints


Crowds = dict[tuple[int, Span], Crowd]
"""Days an erasure has come to, by incident; reading one takes a second for every 100,000 posts."""


class Gone:
    """Counts of what is gone, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def read(self, post_ids: Sequence[int], crowds: Crowds) -> None:
        """Read the days that posts are about to go from, where that wasn't done yet."""
        for key, ids in self._days(post_ids).items():
            if key not in crowds or not crowds[key].knows(ids):
                while len(crowds) >= MOST_DAYS:
                    del crowds[next(iter(crowds))]
                crowds[key] = Crowd(Voices(self._session).said(*key))

    def count(self, post_ids: Sequence[int], crowds: Crowds) -> None:
        """Count posts that go in this transaction; their days were read before."""
        connection = self._session.connection()
        labels: dict[int, list[str]] = {}
        for post_id, label in dialect.within(connection, _LABELS, (), post_ids):
            labels.setdefault(post_id, []).append(label)
        zones = self._zones()
        counts: Counter[tuple[int, int, str, str]] = Counter()
        for incident_id, post_id, posted_at, source, official in self._of(post_ids):
            hour = UNDATED
            if posted_at is not None:
                since = to_micros(_day(posted_at, zones[incident_id]).since)
                hour = since + (posted_at - since) // HOUR * HOUR
            named = [OFFICIAL] if official else [ALL, *(labels.get(post_id) or [NONE])]
            counts.update((incident_id, hour, source, label) for label in named)
        dialect.many(connection, _ADD_POSTS, ((*key, posts) for key, posts in counts.items()))
        rows = []
        for (incident_id, day), ids in self._days(post_ids).items():
            crowd = crowds.get((incident_id, day))
            if crowd is None or not crowd.knows(ids):
                crowd = Crowd(Voices(self._session).said(incident_id, day))
                crowds[incident_id, day] = crowd
            voices, complaints = crowd.leave(ids)
            rows += [
                (incident_id, to_micros(day.since), label, gone, complaints if label == ALL else 0)
                for label, gone in (voices | {ALL: voices[ALL]}).items()
                if gone or (label == ALL and complaints)
            ]
        dialect.many(connection, _ADD_VOICES, rows)

    def _of(self, post_ids: Sequence[int]) -> list[Any]:
        return dialect.within(self._session.connection(), _POSTS, (), post_ids)

    def _zones(self) -> dict[int, str]:
        return dict(map(tuple, dialect.rows(self._session.connection(), _ZONES)))

    def _days(self, post_ids: Sequence[int]) -> dict[tuple[int, Span], list[int]]:
        zones = self._zones()
        found: dict[tuple[int, Span], list[int]] = {}
        for incident_id, post_id, posted_at, _, official in self._of(post_ids):
            if posted_at is not None and not official:
                key = (incident_id, _day(posted_at, zones[incident_id]))
                found.setdefault(key, []).append(post_id)
        return found

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


def _day(posted_at: int, tz: str) -> Span:
    return day_window(local_day(from_micros(posted_at), tz), tz)


def _topics(labels: str) -> list[str]:
    return [ALL, *filter(None, labels.split(","))]
