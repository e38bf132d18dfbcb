"""
Mentions of offers, kept in the transaction that keeps their posts, and read against the campaigns.

They are found once, when a post comes in or changes: looking through all of an incident's texts anew for
each page would cost seconds. What they mean is judged when somebody looks, since campaigns change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.coverage import Span
from models.mention import Mention, mentions
from models.offer import Heard
from models.store import dialect
from models.worth import LONGEST, Worth

MOST = 50_000
"""Mentions of an incident that are judged, the first ones, so that what a page costs has an end."""

CHUNK = 1_000

_NEW = "INSERT INTO mention (post_id, place, unit, amount, asked) VALUES (?, ?, ?, ?, ?)"
_GONE = "DELETE FROM mention WHERE post_id = {KEYS}"

_OF = f"""
SELECT mention.post_id, mention.place, mention.unit, mention.amount, mention.asked,
    COALESCE(post.posted_at, post.first_seen),
    COALESCE(post.source || ' ' || COALESCE(post.author_id, post.author), '#' || post.near),
    SUBSTR(post.text, 1, {LONGEST})
FROM mention JOIN post ON post.id = mention.post_id
WHERE (mention.post_id, mention.place) > (?, ?) AND mention.post_id <= ? AND NOT post.official AND EXISTS (
    SELECT 1 FROM sighting WHERE sighting.incident_id = ? AND sighting.post_id = mention.post_id)
{{WITHIN}}ORDER BY mention.post_id, mention.place LIMIT ?
"""  # noqa: S608  (a number of our own)

# An incident's posts lie close together, among those of all incidents.
_BETWEEN = "SELECT MIN(post_id), MAX(post_id) FROM sighting WHERE incident_id = ?"

_WITHIN = """AND COALESCE(post.posted_at, post.first_seen) >= ?
    AND COALESCE(post.posted_at, post.first_seen) < ?
"""

_TEXTS = f"""
SELECT id, SUBSTR(text, 1, {LONGEST}) FROM post WHERE id > ? ORDER BY id LIMIT ?
"""  # noqa: S608


class Text(NamedTuple):
    """What a post's text mentions, and whether the post is a new one."""

    post_id: int
    mentions: Sequence[Mention]
    new: bool


class Mentions:
    """Mentions within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, texts: Iterable[Text]) -> None:
        """Keep what a batch of posts mentions, and nothing of what they no longer do."""
        connection = self._session.connection()
        every = list(texts)
        dialect.within(connection, _GONE, (), [one.post_id for one in every if not one.new])
        dialect.many(connection, _NEW, _rows((one.post_id, one.mentions) for one in every))

    def of(self, incident_id: int, within: Span | None = None) -> Iterator[Heard]:
        """
        Yield what an incident's posts mention, but not the company's own, in batches, up to `MOST`.

        With `within` only what was written in that stretch, or first seen in it if that isn't known.
        """
        stretch: tuple[int, ...] = ()
        if within is not None:
            stretch = (to_micros(within.since), to_micros(within.until))
        sql = _OF.replace("{WITHIN}", "" if within is None else _WITHIN)
        connection = self._session.connection()
        ((first, until),) = dialect.rows(connection, _BETWEEN, (incident_id,))
        if first is None:
            return
        last, read = (first, -1), 0
        while read < MOST:
            most = min(CHUNK, MOST - read)
            values = (*last, until, incident_id, *stretch, most)
            rows = dialect.rows(connection, sql, values)
            for post_id, _, unit, amount, asked, at, voice, text in rows:
                mention = Mention(Worth(Decimal(amount), unit), bool(asked))
                yield Heard(post_id, mention, from_micros(at), voice, text)
            if len(rows) < most:
                return
            last, read = tuple(rows[-1][:2]), read + len(rows)


def fill(connection: Connection) -> None:
    """Keep what all posts mention, where nothing is kept yet."""
    last = 0
    while found := dialect.rows(connection, _TEXTS, (last, dialect.BATCH)):
        dialect.many(connection, _NEW, _rows((post_id, mentions(text)) for post_id, text in found))
        last = found[-1][0]


def _rows(
    said: Iterable[tuple[int, Sequence[Mention]]],
) -> Iterator[tuple[int, int, str, str, bool]]:
    for post_id, every in said:
        for place, (one, asked) in enumerate(every):
            yield post_id, place, one.unit, str(one.amount), asked
