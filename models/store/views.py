"""Read-only views: small frozen rows, made by explicit joins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, TextClause, func, literal, text
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from models.post import PostRow, SightingRow
from models.store import dialect
from models.store.hits import Words
from models.store.tallies import Tallies
from models.tag import TagRow
from models.words import WordsRow

CHUNK = 2_000

MANY = 20_000
"""Posts with some words from which on it is quicker to look at all of them in their order."""


class Held(msgspec.Struct, frozen=True):
    """A tag that holds: how sure and by whom."""

    score: float
    by: str


class PostLine(msgspec.Struct, frozen=True, kw_only=True):
    """A post as lists and exports show it; `labels` are the tags that hold, by label."""

    id: int
    source: str
    external_id: str
    posted_at: datetime | None
    first_seen: datetime
    author: str | None
    author_id: str | None
    author_followers: int | None
    text: str
    url: str | None
    kind: str
    parent_id: str | None
    thread_id: str | None
    origin_id: str | None
    lang: str | None
    likes: int | None
    replies: int | None
    reposts: int | None
    views: int | None
    official: bool
    version: int
    near: int
    labels: dict[str, Held]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which posts of an incident to list.

    `since` and `until` bound the time posted (until excluded) and leave the undated out;
    `undated` asks for those alone. What `search` asks for (`models/words.py`) must be in the text or,
    with `names`, in the author's name.
    """

    label: str | None = None
    source: str | None = None
    search: str | None = None
    names: bool = True
    since: datetime | None = None
    until: datetime | None = None
    undated: bool = False
    official: bool | None = None


PLAIN = [name for name in PostLine.__struct_fields__ if name != "labels"]
_HELD = "SELECT post_id, label, score, by FROM tag WHERE holds AND put AND post_id = {KEYS}"

_TALLIED = "SELECT {COLUMN}, SUM(posts) FROM tally WHERE incident_id = ? GROUP BY 1"

# Posts that are no items, or whose items may be of words they no longer have, are few, by an index of their own.
_ASIDE = "(post.official OR post.scored_by IS NULL)"
_ASIDE_ITEMS = f"""
SELECT item.{{COLUMN}}, -COUNT(*) FROM post{{BY}} CROSS JOIN item WHERE {_ASIDE}
    AND item.post_id = post.id AND item.incident_id = ? GROUP BY 1
"""  # noqa: S608  (our own words)
_SEEN = """EXISTS (
    SELECT 1 FROM sighting WHERE sighting.incident_id = ? AND sighting.post_id = post.id)"""
_ASIDE_LABELS = f"""
SELECT tag.label, COUNT(*) FROM post{{BY}} CROSS JOIN tag WHERE {_ASIDE}
    AND tag.post_id = post.id AND tag.holds AND tag.put AND {_SEEN} GROUP BY 1
"""  # noqa: S608
_ASIDE_SOURCES = (
    f"SELECT post.source, COUNT(*) FROM post{{BY}} WHERE {_ASIDE} AND {_SEEN} GROUP BY 1"  # noqa: S608
)


class Views:
    """Lists within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def posts(
        self, incident_id: int, wanted: Wanted | None = None, most: int | None = None
    ) -> Iterator[PostLine]:
        """Yield an incident's posts, the newest first and the undated last, in flat memory."""
        connection = self._session.connection()
        every = narrowed(
            sql_select(*(getattr(PostRow, name) for name in PLAIN)), connection, incident_id, wanted
        ).execution_options(yield_per=CHUNK)
        at, number = col(PostRow.posted_at), col(PostRow.id)
        # In two, so that each is found in its order without looking at all the rest.
        dated = every.where(at.is_not(None)).order_by(at.desc(), number.desc())
        undated = every.where(at.is_(None)).order_by(number.desc())
        left = most
        for query in (dated, undated):
            for part in self._session.execute(query.limit(left)).partitions():
                left = None if left is None else left - len(part)
                labels = self.labels([row.id for row in part])
                for row in part:
                    yield PostLine(**row._mapping, labels=labels.get(row.id, {}))  # noqa: SLF001

    def count(self, incident_id: int, wanted: Wanted | None = None) -> int:
        """Return how many posts that are."""
        query = narrowed(
            sql_select(func.count()).select_from(PostRow),
            self._session.connection(),
            incident_id,
            wanted,
        )
        return int(self._session.execute(query).scalar_one())

    def labels(self, post_ids: Sequence[int]) -> dict[int, dict[str, Held]]:
        """Return the tags that hold on a batch of posts, by post."""
        found: dict[int, dict[str, Held]] = {}
        connection = self._session.connection()
        for post_id, label, score, by in dialect.within(connection, _HELD, (), post_ids):
            found.setdefault(post_id, {})[label] = Held(score, by)
        return found

    def label_counts(self, incident_id: int) -> dict[str, int]:
        """Return how many of an incident's posts carry each label."""
        found: Counter[str] = Counter()
        for labels, posts in self._tallied("labels", incident_id):
            found.update(dict.fromkeys(filter(None, labels.split(",")), posts))
        found.update(dict(self._rows(_ASIDE_LABELS, incident_id)))
        return {label: posts for label, posts in found.items() if posts}

    def source_counts(self, incident_id: int) -> dict[str, int]:
        """Return how many posts of an incident each source gave."""
        found: Counter[str] = Counter()
        for source, posts in self._tallied("source", incident_id):
            found.update({source: posts})
        found.update(dict(self._rows(_ASIDE_SOURCES, incident_id)))
        return {source: found[source] for source in sorted(found) if found[source]}

    def _tallied(self, column: str, incident_id: int) -> Iterator[tuple[str, int]]:
        """Yield how many items there are for each value of a column, but none of posts told of one by one."""
        sql = _TALLIED.replace("{COLUMN}", column)
        for value, posts in Tallies(self._session).rows(sql, incident_id):
            yield value, int(posts)
        yield from self._rows(_ASIDE_ITEMS.replace("{COLUMN}", column), incident_id)

    def _rows(self, sql: str, incident_id: int) -> list[tuple[str, int]]:
        connection = self._session.connection()
        said = sql.replace("{BY}", dialect.by(connection, "post_aside"))
        return [(value, int(n)) for value, n in dialect.rows(connection, said, (incident_id,))]

    def newest(self, incident_id: int) -> datetime | None:
        """Return when the newest dated post of an incident was posted."""
        query = (
            sql_select(col(PostRow.posted_at))
            .where(col(PostRow.posted_at).is_not(None), _of(incident_id))
            .order_by(col(PostRow.posted_at).desc())
            .limit(1)
        )
        newest: datetime | None = self._session.execute(query).scalar()
        return newest


def _of(incident_id: int) -> ColumnElement[bool]:
    seen = sql_select(literal(1)).select_from(SightingRow)
    seen = seen.where(col(SightingRow.incident_id) == incident_id)
    return seen.where(col(SightingRow.post_id) == PostRow.id).exists()


def narrowed(
    query: Select[Any], connection: Connection, incident_id: int, wanted: Wanted | None
) -> Select[Any]:
    """Return a query of posts, only for those of an incident that are wanted."""
    wanted = wanted or Wanted()
    query = query.where(_of(incident_id))
    if wanted.label is not None:
        tagged = (
            sql_select(literal(1))
            .select_from(TagRow)
            .where(col(TagRow.label) == wanted.label, col(TagRow.holds), col(TagRow.put))
        )
        query = query.where(tagged.where(col(TagRow.post_id) == PostRow.id).exists())
    if wanted.source is not None:
        query = query.where(col(PostRow.source) == wanted.source)
    if wanted.since is not None:
        query = query.where(col(PostRow.posted_at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(PostRow.posted_at) < wanted.until)
    if wanted.undated:
        query = query.where(col(PostRow.posted_at).is_(None))
    if wanted.official is not None:
        query = query.where(col(PostRow.official).is_(wanted.official))
    words = Words(
        connection, wanted.search, names=wanted.names, since=wanted.since, until=wanted.until
    )
    if words:
        query = query.join(WordsRow, col(WordsRow.post_id) == col(PostRow.id))
        query = query.where(_bound("said", *words.said))
        hits = words.hits
        if hits is not None and words.fewer(hits, MANY):
            found = f"SELECT {hits.key} FROM {hits.table} WHERE {hits.condition}"  # noqa: S608
            query = query.where(_bound("hits", (f"post.id IN ({found})",), hits.values))
    return query


def _bound(name: str, conditions: Sequence[str], values: Sequence[Any]) -> TextClause:
    """Return conditions, with ? for each value, as a part of a query; `name` tells it from others."""
    sql = " AND ".join(conditions)
    names = [f"{name}_{number}" for number in range(len(values))]
    for one in names:
        sql = sql.replace("?", f":{one}", 1)
    return text(sql).bindparams(**dict(zip(names, values, strict=True)))
