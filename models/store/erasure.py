"""
Posts taken away within one transaction: which, and every row that was there because of them.

A batch goes with its tags, verdicts, questions, items, words, mentions and sightings; tombstones and counts
stay. What people said of the words of such a post stays said of the posts of others that have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlmodel import Session

from models.marks import Marks
from models.quote import Quotes
from models.store import dialect
from models.store.authors import Authors
from models.store.forgetting import Forgetting, Said
from models.store.gone import Crowds, Gone
from models.store.hits import Words
from models.store.holds import Holds
from models.store.tallies import Tallies
from models.store.tombstones import Tombstones, ids_of
from models.tag import CLASSIFIER
from models.tombstone import Why

BATCH = 500
"""Posts taken away in one transaction: others never wait long."""

_COLUMNS = "id, source, external_id, text, author, author_id, url, near"
_READ = f"SELECT {_COLUMNS} FROM post WHERE id = {{KEYS}}"  # noqa: S608  our own words
_PASSED_ON = "SELECT id FROM post WHERE kind = 'repost' AND source = ? AND origin_id = {KEYS}"
_SEEN = "SELECT DISTINCT incident_id FROM sighting WHERE post_id = {KEYS}"
_ALL = "SELECT id, source, external_id FROM post WHERE id > ? ORDER BY id LIMIT ?"

_ITEMS = """
SELECT item.incident_id, item.near, post.near, post.text FROM item JOIN post ON post.id = item.post_id
WHERE item.post_id = {KEYS}
"""

# What a person said of an erased post's words is said of the first post left that has them.
_COPIES = f"""
SELECT copied_from, label, post_id FROM tag{{BY}}
WHERE post_id > 0 AND by NOT LIKE '{CLASSIFIER}%' AND copied_from = {{KEYS}}
"""  # noqa: S608  our own words
_FROM = "UPDATE tag SET copied_from = ? WHERE copied_from = ? AND label = ? AND post_id <> ?"
_FIRST = "UPDATE tag SET copied_from = NULL WHERE copied_from = ? AND label = ? AND post_id = ?"

_POINTS = ("parent_id", "thread_id", "origin_id")

GOES = ("tag", "verdict", "question", "item", "sighting", "words", "mention", "edited")
"""Tables whose rows go with their post."""


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which posts: all that is given has to hold. An author is (source, name or id there).

    With nothing given it is none at all. `authors`: whatever names who wrote them goes as well.
    """

    author: tuple[str, str] | None = None
    post: int | None = None
    source: str | None = None
    incident_id: int | None = None
    authors: bool = False

    @property
    def bare_source(self) -> str | None:
        """The source, where all of it is meant."""
        alone = self.author is None and self.post is None and self.incident_id is None
        return self.source if alone else None

    def conditions(self, pseudonyms: Sequence[str] = ()) -> tuple[str, tuple[Any, ...]]:
        """Return them as SQL, with ? for each value; `pseudonyms` stand for the author as well."""
        found: list[tuple[str, tuple[Any, ...]]] = []
        if self.author is not None:
            source, name = self.author
            bare = name.removeprefix("@")
            names = (bare.lower(), f"@{bare}".lower())
            others = ", ".join("?" * (1 + len(pseudonyms)))
            said = (
                f"source = ? AND (LOWER(author) IN (?, ?)"
                f" OR author IN ({others}) OR author_id IN ({others}))"
            )
            each = (name, *pseudonyms)
            found.append((said, (source, *names, *each, *each)))
        if self.post is not None:
            found.append(("id = ?", (self.post,)))
        if self.source is not None:
            found.append(("source = ?", (self.source,)))
        if self.incident_id is not None:
            seen = "EXISTS (SELECT 1 FROM sighting WHERE post_id = post.id AND incident_id = ?)"
            found.append((seen, (self.incident_id,)))
        if not found:
            return "1 = 0", ()
        return " AND ".join(sql for sql, _ in found), tuple(v for _, vs in found for v in vs)


class Doomed(NamedTuple):
    """A post that is to go."""

    id: int
    source: str
    external_id: str
    text: str
    author: str | None
    author_id: str | None
    url: str | None
    near: int


class Erasure:
    """Posts on their way out, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ids(self, whose: Whose, *, held: bool = False) -> tuple[list[int], int]:
        """Return the posts that are to go, in order, and how many may not; with `held` all of them."""
        pseudonyms = Authors(self._session).of(*whose.author) if whose.author else ()
        said, values = whose.conditions(pseudonyms)
        rows = self._rows(f"SELECT id FROM post WHERE {said} ORDER BY id", *values)  # noqa: S608
        found = [row[0] for row in rows]
        if held:
            return found, 0
        kept = Holds(self._session).among(found)
        return [one for one in found if one not in kept], len(kept)

    def marked(self, marks: Marks, known: set[str]) -> list[int]:
        """Return the posts whose marks are known, looking through all there are."""
        pseudonyms = Authors(self._session).in_use()
        found: list[int] = []
        last = 0
        while rows := self._rows(_ALL, last, dialect.BATCH):
            found += [
                one
                for one, source, own in rows
                if any(marks.of(source, each) in known for each in ids_of(own, pseudonyms))
            ]
            last = rows[-1][0]
        return found

    def read(self, post_ids: Sequence[int], *, passed_on: bool = True) -> list[Doomed]:
        """Return these posts, with `passed_on` also those that only pass one of them on."""
        connection = self._session.connection()
        found = {row[0]: Doomed(*row) for row in dialect.within(connection, _READ, (), post_ids)}
        for source, keys in _by_source(found.values()).items() if passed_on else ():
            more = [row[0] for row in dialect.within(connection, _PASSED_ON, (source,), keys)]
            fresh = sorted({*more} - found.keys() - Holds(self._session).among(more))
            found |= {row[0]: Doomed(*row) for row in dialect.within(connection, _READ, (), fresh)}
        return [found[key] for key in sorted(found)]

    def naming(self, whose: Whose) -> list[int]:
        """Return posts of others that name an author whose posts are to go, as their source writes names."""
        if whose.author is None or not whose.authors:
            return []
        source, name = whose.author
        connection = self._session.connection()
        sought = Words(connection, f'"{name.removeprefix("@")}"', names=False)
        if not sought or sought.hits is None:
            return []
        hits = sought.hits
        sql = f"""
            SELECT post.id, post.text FROM post JOIN words ON words.post_id = post.id
            WHERE post.source = ? AND post.id IN (SELECT {hits.key} FROM {hits.table} WHERE {hits.condition})
            {sought.said.sql} ORDER BY post.id
        """  # noqa: S608  our own words; values are bound
        rows = self._rows(sql, source, *hits.values, *sought.said.values)
        own = {one.id for one in self.read(self.ids(whose, held=True)[0])}
        quotes = Quotes([], [name])
        return [one for one, text in rows if one not in own and quotes.found_in(text)]

    def incidents(self, post_ids: Sequence[int]) -> set[int]:
        """Return the incidents that saw one of these posts."""
        rows = dialect.within(self._session.connection(), _SEEN, (), post_ids)
        return {row[0] for row in rows}

    def counts(self, post_ids: Sequence[int]) -> dict[str, int]:
        """Return how many rows of each table go with these posts."""
        connection = self._session.connection()
        counts = {"post": len(post_ids)}
        for table in GOES:
            sql = f"SELECT COUNT(*) FROM {table} WHERE post_id = {{KEYS}}"  # noqa: S608
            parts = (
                dialect.within(connection, sql, (), post_ids[start : start + dialect.BATCH])
                for start in range(0, len(post_ids), dialect.BATCH)
            )
            counts[table] = sum(part[0][0] for part in parts)
        return counts

    def take_away(
        self,
        doomed: Sequence[Doomed],
        marks: Marks,
        why: Why,
        now: datetime,
        crowds: Crowds | None = None,
    ) -> None:
        """
        Take posts away with all that belongs to them, and set their tombstones.

        `crowds` are the days they go from, where those were read before.
        """
        ids = [one.id for one in doomed]
        Gone(self._session).count(ids, {} if crowds is None else crowds)
        said: dict[int, list[Said]] = {}
        for incident_id, cluster, near, text in self._within(_ITEMS, ids):
            said.setdefault(incident_id, []).append(Said(near, cluster, text))
        self._leave_tags(ids)
        self._leave_regroupings(ids)
        tallies = Tallies(self._session)
        tallies.changed(tallies.were(ids).values(), ())
        for table in GOES:
            self._within(f"DELETE FROM {table} WHERE post_id = {{KEYS}}", ids)  # noqa: S608
        self._within("DELETE FROM post WHERE id = {KEYS}", ids)
        for incident_id, texts in said.items():
            Forgetting(self._session).forget(incident_id, texts)
        Tombstones(self._session).put(
            marks, ((one.source, one.external_id) for one in doomed), why, now
        )

    def point_nowhere(self, doomed: Iterable[Doomed]) -> None:
        """Let no other post name one of these as what it answers, passes on or stands under."""
        for source, keys in _by_source(doomed).items():
            for column in _POINTS:
                sql = f"UPDATE post SET {column} = NULL WHERE source = ? AND {column} = {{KEYS}}"  # noqa: S608
                dialect.within(self._session.connection(), sql, (source,), keys)

    def _leave_tags(self, ids: Sequence[int]) -> None:
        connection = self._session.connection()
        going = set(ids)
        first: dict[tuple[int, str], int] = {}
        sql = _COPIES.replace("{BY}", dialect.by(connection, "tag_person"))
        for origin, label, post_id in dialect.within(connection, sql, (), ids):
            if post_id not in going:
                key = (origin, label)
                first[key] = min(post_id, first.get(key, post_id))
        dialect.many(connection, _FIRST, ((*key, one) for key, one in first.items()))
        dialect.many(connection, _FROM, ((one, *key, one) for key, one in first.items()))

    def _leave_regroupings(self, ids: Sequence[int]) -> None:
        numbers: set[int] = set()
        for column in ("post_id", "other_id"):
            sql = f"SELECT id FROM regrouping WHERE {column} = {{KEYS}}"  # noqa: S608  our own words
            numbers |= {row[0] for row in self._within(sql, ids)}
        for table, key in (("regrouped", "regrouping_id"), ("regrouping", "id")):
            self._within(f"DELETE FROM {table} WHERE {key} = {{KEYS}}", sorted(numbers))  # noqa: S608

    def _within(self, sql: str, keys: Sequence[int]) -> list[Any]:
        return dialect.within(self._session.connection(), sql, (), keys)

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        return dialect.rows(self._session.connection(), sql, values)


def _by_source(doomed: Iterable[Doomed]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in doomed:
        found.setdefault(one.source, []).append(one.external_id)
    return found
