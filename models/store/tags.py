"""
Tags in batches.

One tag holds for each post and label: the newest by a person, else the classifier's. What a person
says of a post is said of every post with the same words, those that come later included.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.store import bulk, dialect, sharing
from models.store.copies import Copies
from models.store.items import Items
from models.store.posts import Foreseen, Posts, Unscored
from models.tag import CLASSIFIER, Tag

_PERSON = f"by NOT LIKE '{CLASSIFIER}%'"

_CLEAR = f"DELETE FROM tag WHERE holds AND by LIKE '{CLASSIFIER}%' AND post_id = {{KEYS}}"  # noqa: S608

_COLUMNS = ("post_id", "label", "put", "score", "by", "at", "holds", "copied_from")
_ELSE = "ON CONFLICT (post_id, label) WHERE holds DO NOTHING"

_HELD = "SELECT post_id, label, put, by FROM tag WHERE holds AND post_id = {KEYS}"
_OVERRULE = "UPDATE tag SET holds = FALSE WHERE holds AND post_id = ? AND label = ?"

_NEAR = "SELECT id, near FROM post WHERE id = {KEYS}"

# By two indexes over words: that of items, and a small one of posts that are none, or not again yet.
_COPIES = (
    """
    SELECT post.near, post.id FROM item JOIN post ON post.id = item.post_id AND post.near = item.near
    WHERE item.incident_id IN (SELECT id FROM incident) AND item.near = {KEYS}
    """,
    "SELECT near, id FROM post WHERE (official OR scored_by IS NULL) AND near = {KEYS}",
)

_SAID = f"""
SELECT tag.post_id, post.text, post.near, post.source, tag.label, tag.put, tag.by, tag.at
FROM tag JOIN post ON post.id = tag.post_id
WHERE tag.holds AND tag.copied_from IS NULL AND tag.{_PERSON}
"""  # noqa: S608  (our own words)

_UNDONE = f"""
SELECT id, post_id, label FROM tag
WHERE undone_at IS NULL AND {_PERSON} AND post_id = {{KEYS}} ORDER BY id
"""  # noqa: S608  (our own words)


# From the newest back, and no further than is needed.
_OPEN = f"""
SELECT post.id, post.near, post.text FROM post WHERE NOT post.official {{FURTHER}}
    AND NOT EXISTS (SELECT 1 FROM tag WHERE tag.post_id = post.id AND holds AND {_PERSON})
    AND EXISTS (SELECT 1 FROM sighting JOIN incident ON incident.id = sighting.incident_id
        WHERE sighting.post_id = post.id AND incident.closed_at IS NULL {{OF}})
ORDER BY post.id DESC LIMIT ?
"""  # noqa: S608  (our own words)
_BETWEEN = """
AND post.id BETWEEN (SELECT MIN(post_id) FROM sighting WHERE incident_id = ?)
    AND (SELECT MAX(post_id) FROM sighting WHERE incident_id = ?)
"""

_ASK = "INSERT INTO question (post_id, near, asked_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_ASKED = "SELECT near FROM question WHERE near = {KEYS}"
_TOLD = f"""
SELECT DISTINCT post.near FROM tag JOIN post ON post.id = tag.post_id
WHERE tag.holds AND tag.{_PERSON} AND post.near = {{KEYS}}
"""  # noqa: S608  (our own words)


class Said(NamedTuple):
    """What a person says of a post, as it holds now."""

    post_id: int
    text: str
    near: int
    source: str
    label: str
    put: bool
    by: str
    at: datetime


class Open(NamedTuple):
    """A post of an open incident about which nobody has said anything yet."""

    post_id: int
    near: int
    text: str


class Tags:
    """Tags within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put_scored(
        self,
        rows: Sequence[Unscored],
        tags: Sequence[Tag],
        by: str,
        at: datetime,
        unsupported: Collection[int] = (),
    ) -> None:
        """Keep a classifier's tags for these posts; what a person said of their words stays."""
        connection = self._session.connection()
        dialect.within(connection, _CLEAR, (), [row.post_id for row in rows])
        self._repeat(rows)
        stamp = to_micros(at)
        _put(
            connection,
            (
                (tag.post_id, tag.label, tag.put, tag.score, tag.by, stamp, True, None)
                for tag in tags
            ),
        )
        Posts(self._session).mark_scored(rows, by, unsupported)
        Copies(self._session).take_in(rows)
        Items(self._session).refresh([row.post_id for row in rows])

    def put_foreseen(self, posts: Sequence[Foreseen], at: datetime) -> None:
        """Keep the tags of posts that came in with them, as `put_scored` does of those that waited."""
        connection, stamp = self._session.connection(), to_micros(at)
        items = Items(self._session)
        for start in range(0, len(posts), dialect.BATCH):
            batch = posts[start : start + dialect.BATCH]
            said = self._repeat(batch)
            _put(
                connection,
                (
                    (post_id, label, True, score, foresight.by, stamp, True, None)
                    for post_id, _, _, foresight in batch
                    for label, score in foresight.labels
                ),
            )
            sketches = {post.text: post.foresight.sketch for post in batch}
            Copies(self._session).take_in(batch, sketches)
            items.refresh(sorted(said))
            items.add({
                post_id: [label for label, _ in foresight.labels]
                for post_id, _, _, foresight in batch if post_id not in said
            })  # fmt: skip

    def put(self, tags: Sequence[Tag], at: datetime) -> int:
        """
        Keep what people said of posts, for those and all their near-duplicates.

        Returns how many were not said by them already.
        """
        connection = self._session.connection()
        # Of a batch that says two things of a post, the last one stands.
        tags = list({(tag.post_id, tag.label): tag for tag in tags}.values())
        held = {
            (post_id, label, bool(put), by)
            for post_id, label, put, by in dialect.within(
                connection, _HELD, (), sorted({tag.post_id for tag in tags})
            )
        }
        fresh = [tag for tag in tags if (tag.post_id, tag.label, tag.put, tag.by) not in held]
        copies = self._copies({tag.post_id for tag in fresh})
        stamp = to_micros(at)
        # Likewise of a batch that says two things of the same words.
        rows: dict[tuple[int, str], tuple[object, ...]] = {}
        for tag in fresh:
            said = (tag.put, tag.score, tag.by, stamp, True)
            rows[tag.post_id, tag.label] = (tag.post_id, tag.label, *said, None)
            rows |= {
                (other, tag.label): (other, tag.label, *said, tag.post_id)
                for other in copies.get(tag.post_id, ())
            }
        sharing.held(connection, {post_id for post_id, _ in rows})
        dialect.many(connection, _OVERRULE, rows)
        _put(connection, rows.values())
        Items(self._session).refresh(sorted({post_id for post_id, _ in rows}))
        return len(fresh)

    def said(self) -> list[Said]:
        """Return what people say of posts, each once, oldest first."""
        rows = dialect.rows(self._session.connection(), f"{_SAID} ORDER BY tag.id")
        return [
            Said(post_id, text, near, source, label, bool(put), by, from_micros(at))
            for post_id, text, near, source, label, put, by, at in rows
        ]

    def open(
        self, most: int, incident_id: int | None = None, *, unread: bool = False
    ) -> list[Open]:
        """
        Return up to `most` posts of open incidents of which no person has said anything, newest first.

        Of one incident alone where it is named; with `unread` those too that the classifier can't read.
        """
        further = "" if unread else "AND NOT post.unsupported"
        of = ""
        values: tuple[int, ...] = (most,)
        if incident_id is not None:
            further, of = f"{further} {_BETWEEN}", "AND incident.id = ?"
            values = (incident_id, incident_id, incident_id, most)
        sql = _OPEN.replace("{FURTHER}", further).replace("{OF}", of)
        return [Open(*row) for row in dialect.rows(self._session.connection(), sql, values)]

    def not_asked(self, posts: Sequence[Open]) -> list[Open]:
        """Return those about whose words nobody was asked or has said anything, one for each text."""
        connection = self._session.connection()
        nears = sorted({post.near for post in posts})
        asked = {
            row[0] for sql in (_ASKED, _TOLD) for row in dialect.within(connection, sql, (), nears)
        }
        return list({post.near: post for post in posts if post.near not in asked}.values())

    def firsts(self, post_ids: Sequence[int]) -> list[int]:
        """Return these posts in their order, of those with the same words only the first."""
        nears = dict(map(tuple, dialect.within(self._session.connection(), _NEAR, (), post_ids)))
        found: dict[int, int] = {}
        for post_id in post_ids:
            found.setdefault(nears[post_id], post_id)
        return list(found.values())

    def asked(self, posts: Sequence[Open], at: datetime) -> None:
        """Write down that somebody was asked about these posts."""
        stamp = to_micros(at)
        connection = self._session.connection()
        dialect.many(connection, _ASK, [(post.post_id, post.near, stamp) for post in posts])

    def undo(self, by: str, at: datetime) -> int:
        """
        Take back all that one person said; return of how many posts.

        What another person had said of them holds again, or else they wait for the classifier.
        """
        connection = self._session.connection()
        select = "SELECT DISTINCT post_id FROM tag WHERE undone_at IS NULL AND by = ?"
        take = "UPDATE tag SET holds = FALSE, undone_at = ? WHERE undone_at IS NULL AND by = ?"
        posts = [row[0] for row in dialect.rows(connection, select, (by,))]
        dialect.many(connection, take, [(to_micros(at), by)])
        newest = {
            (post_id, label): tag_id
            for tag_id, post_id, label in dialect.within(connection, _UNDONE, (), posts)
        }
        again = [(tag_id,) for tag_id in newest.values()]
        # The classifier's own tags stand aside first, so that nothing else holds.
        dialect.within(connection, _CLEAR, (), posts)
        dialect.many(connection, "UPDATE tag SET holds = TRUE WHERE id = ?", again)
        unscored = "UPDATE post SET scored_by = NULL WHERE id = ?"
        dialect.many(connection, unscored, [(post_id,) for post_id in posts])
        return len(posts)

    def _copies(self, posts: Iterable[int]) -> dict[int, list[int]]:
        """Return, for each of these posts, the others that say the same."""
        connection = self._session.connection()
        nears = dict(map(tuple, dialect.within(connection, _NEAR, (), sorted(posts))))
        alike: dict[int, set[int]] = {}
        for sql in _COPIES:
            for near, post_id in dialect.within(connection, sql, (), sorted(set(nears.values()))):
                alike.setdefault(near, set()).add(post_id)
        return {
            post_id: sorted(alike.get(near, set()) - {post_id}) for post_id, near in nears.items()
        }

    def _repeat(self, rows: Sequence[Unscored] | Sequence[Foreseen]) -> set[int]:
        """Say of new posts what people have said of older ones with the same words; return of which."""
        connection = self._session.connection()
        found = dialect.within(
            connection, f"{_SAID} AND post.near = {{KEYS}}", (), sorted({row.near for row in rows})
        )
        if not found:
            return set()
        posts: dict[int, list[int]] = {}
        for row in rows:
            posts.setdefault(row.near, []).append(row.post_id)
        latest = {(near, label): said for said in sorted(found, key=lambda row: row[7])
                  for near, label in [(said[2], said[4])]}  # fmt: skip
        _put(
            connection,
            (
                (post_id, label, bool(said[5]), 1.0, said[6], said[7], True, said[0])
                for (near, label), said in latest.items()
                for post_id in posts[near]
                if post_id != said[0]
            ),
        )
        return {post_id for near, _ in latest for post_id in posts[near]}


def _put(connection: Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Let tags hold where none holds."""
    bulk.upsert(connection, "tag", _COLUMNS, rows, _ELSE)
