"""
Posts, voices and distinct complaints: the three numbers that are always told together.

A voice is an author, counted once in an incident, for a topic and a day: the topic is a label, or all that
is said. An author is who the source says they are, so one who writes on two sources is two. Posts without
an author count as one voice for each text and day. Complaints are counted by what they say: one for each
cluster with a complaint in it. What counts by label counts items: posts the classifier has read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.coverage import Span
from models.day import day_window, local_day
from models.store import bulk, dialect
from models.store.gathered import Gathered, gathered
from models.store.pulse import VOICE
from models.store.roll import Roll, Row, distinct, roll
from models.store.volumes import MANY, waiting

COMPLAINT = "complaint"

MOST_DAYS = 1_000
"""Days counted one by one: dates are what strangers say, and what lies before those is one day."""

_DAY = 86_400_000_000


# What the classifier has read is an item, in the order of its time; the rest is what waits for it.
_ITEM = f"""
    SELECT item.post_id AS id, {{DAY}} AS day, item.labels AS labels, item.near AS cluster,
        {VOICE} AS author
    FROM {{FROM}} item JOIN post ON post.id = item.post_id WHERE item.incident_id = ? AND {{WHEN}}
"""  # noqa: S608  (our own words; values are bound)
_WAITS = f"""
    SELECT post.id AS id, {{DAY}} AS day, ',' AS labels, post.near AS cluster, {VOICE} AS author
    FROM {{FROM}} post{{BY}} WHERE post.scored_by IS NULL AND NOT post.official AND {{WHEN}} AND EXISTS (
        SELECT 1 FROM sighting WHERE sighting.incident_id = ? AND sighting.post_id = post.id)
        AND NOT EXISTS (SELECT 1 FROM item WHERE item.incident_id = ? AND item.post_id = post.id)
"""  # noqa: S608  (our own words; values are bound)

_WITHIN = "{0}.posted_at >= day.since AND {0}.posted_at < day.until"

_DAY_BY_DAY = {"DAY": "day.number", "FROM": "day CROSS JOIN"}
_UNDATED = {"DAY": "-1", "FROM": ""}
_ITEMS = _ITEM.format(**_DAY_BY_DAY, WHEN=_WITHIN.format("item"))
_WAITING = _WAITS.format(**_DAY_BY_DAY, WHEN=_WITHIN.format("post"), BY="{BY}")
_ITEMS_UNDATED = _ITEM.format(**_UNDATED, WHEN="item.posted_at IS NULL")
_WAITING_UNDATED = _WAITS.format(**_UNDATED, WHEN="post.posted_at IS NULL", BY="")

# Days of a zone are of different lengths, so each is given by its ends.
_TOLD = "WITH day (number, since, until) AS ({DAYS}), told AS ({TOLD})"

_SAID = """, said AS (
    SELECT id, labels, cluster, day || ' ' || COALESCE(author, '#' || cluster) AS voice FROM told
)
"""

_REST = " SELECT id, day, labels, cluster, COALESCE(author, '#' || cluster) FROM told"

_WIDEST = """
SELECT MIN(id), COUNT(*) AS posts, COUNT(DISTINCT voice), cluster,
    MAX(CASE WHEN labels LIKE ? THEN 1 ELSE 0 END)
FROM said GROUP BY cluster ORDER BY posts DESC, 1 LIMIT ?
"""


_DAYS = f"""
SELECT DISTINCT post.posted_at / {_DAY} FROM post WHERE post.posted_at IS NOT NULL AND EXISTS (
    SELECT 1 FROM sighting WHERE sighting.incident_id = ? AND sighting.post_id = post.id)
"""  # noqa: S608


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """
    How far one text went, in any wording: `post_id` said it first of those we know.

    `share` is of all posts that were counted, from 0 to 1.
    """

    post_id: int
    posts: int
    voices: int
    share: float
    complaint: bool


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Posts and voices of one label; a post with two labels stands in both."""

    label: str
    posts: int
    voices: int


class Voiced(msgspec.Struct, frozen=True, kw_only=True):
    """The three numbers, and apart from them the `widest` text; None if nothing was said twice."""

    posts: int = 0
    voices: int = 0
    complaints: int = 0
    labels: tuple[Part, ...] = ()
    widest: Spread | None = None


class Voices:
    """Posts, voices and complaints, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def days(self, incident_id: int, tz: str) -> list[Span]:
        """Return the local days on which an incident's posts were made, as far as that is known."""
        rows = dialect.rows(self._session.connection(), _DAYS, (incident_id,))
        # A day of UTC touches two or three of a zone's.
        each = {
            local_day(from_micros((number + part) * _DAY), tz)
            for (number,) in rows
            for part in (-1, 0, 1)
        }
        days = [day_window(day, tz) for day in sorted(each)]
        before, last = days[:-MOST_DAYS], days[-MOST_DAYS:]
        return [Span(before[0].since, before[-1].until), *last] if before else last

    def counted(
        self,
        incident_id: int,
        days: Sequence[Span],
        labels: Sequence[str] = (),
        items: Sequence[Gathered] | None = None,
        *,
        undated: bool = False,
    ) -> Voiced:
        """
        Count what was said on these days, with `undated` what carries no time as well.

        `items` are those of each day, for who has gathered them already.
        """
        rest: dict[int, list[Row]] = {}
        for row in self._rest(incident_id, days, undated=undated):
            rest.setdefault(row.day, []).append(row)
        each = [
            (items[day] if items else gathered(self._session, incident_id, span), rest.pop(day, ()))
            for day, span in enumerate(days)
        ]
        # In a day of a million posts databases take minutes to tell what is different; NumPy takes a moment.
        said = roll([*each, *((None, rows) for rows in rest.values())], (*labels, COMPLAINT))
        return Voiced(
            posts=len(said.ids),
            voices=distinct(said.voices),
            complaints=distinct(said.clusters[said.having[COMPLAINT]]),
            labels=tuple(
                Part(label=label, posts=int(said.having[label].sum()),
                     voices=distinct(said.voices[said.having[label]]))
                for label in labels
            ),
            widest=_widest_of(said),
        )  # fmt: skip

    def said(self, incident_id: int, day: Span) -> list[tuple[int, str, int, str]]:
        """Return a day's posts: number, labels as items have them, cluster, and whose voice it is."""
        sql = "SELECT id, labels, cluster, voice FROM said"
        return [tuple(row) for row in self._rows(sql, incident_id, [day], (), undated=False)]

    def widest(
        self, incident_id: int, days: Sequence[Span], most: int, *, undated: bool = False
    ) -> list[Spread]:
        """Return the `most` texts that were said in most posts, the widest first."""
        count = "SELECT COUNT(*) FROM said"
        among = self._rows(count, incident_id, days, (), undated=undated)[0][0]
        return self._widest(incident_id, days, most, among, undated=undated)

    def _widest(
        self, incident_id: int, days: Sequence[Span], most: int, among: int, *, undated: bool
    ) -> list[Spread]:
        values = (_like(COMPLAINT), most)
        rows = self._rows(_WIDEST, incident_id, days, values, undated=undated)
        return [
            Spread(
                post_id=post_id,
                posts=posts,
                voices=voices,
                share=posts / among,
                complaint=bool(complaint),
            )
            for post_id, posts, voices, _, complaint in rows
        ]

    def _rest(self, incident_id: int, days: Sequence[Span], *, undated: bool) -> Iterator[Row]:
        """Yield what was said on days and waits for the classifier, with `undated` also what has no time."""
        connection = self._session.connection()
        # One by one are those that wait, on each day; where that is dearer the days are.
        by = waiting(connection, MANY // max(len(days), 1)) or ""
        told, of = [_WAITING.replace("{BY}", by)], [incident_id] * 2
        if undated:
            told += [_ITEMS_UNDATED, _WAITING_UNDATED]
            of += [incident_id] * 3
        for row in bulk.streamed(connection, _told(days, told) + _REST, tuple(of)):
            yield Row(*row)

    def _rows(
        self,
        sql: str,
        incident_id: int,
        days: Sequence[Span],
        values: tuple[Any, ...],
        *,
        undated: bool,
    ) -> list[Any]:
        said, of = self._statement(incident_id, days, undated=undated)
        return dialect.rows(self._session.connection(), said + sql, (*of, *values))

    def _statement(
        self, incident_id: int, days: Sequence[Span], *, undated: bool
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the beginning of a statement about what was said on these days, and its values."""
        told = [_ITEMS, _WAITING.replace("{BY}", "")]
        told += [_ITEMS_UNDATED, _WAITING_UNDATED] if undated else []
        return _told(days, told) + _SAID, (incident_id,) * (6 if undated else 3)


def _told(days: Sequence[Span], told: Sequence[str]) -> str:
    spans = [(n, to_micros(day.since), to_micros(day.until)) for n, day in enumerate(days)]
    # A day that is nobody's keeps the statement whole where there is none.
    rows = ", ".join(map(str, spans or [(0, 0, 0)]))
    return _TOLD.replace("{DAYS}", f"VALUES {rows}").replace("{TOLD}", " UNION ALL ".join(told))


def _widest_of(said: Roll) -> Spread | None:
    """Return the text said in most posts, of several the one said first; None if none was said twice."""
    posts = int(said.posts.max(initial=0))
    if posts < 2:
        return None
    first = int(said.ids[said.posts[said.clusters] == posts].min())
    mine = said.clusters == said.clusters[said.ids == first][0]
    return Spread(
        post_id=first, posts=posts, voices=distinct(said.voices[mine]), share=posts / len(said.ids),
        complaint=bool((said.having[COMPLAINT] & mine).any()),
    )  # fmt: skip


def _like(label: str) -> str:
    return f"%,{label},%"
