"""
All that is kept of an incident, by noun, in the order of its ids: for exports and for programs.

Everything is yielded in flat memory, and every list goes on behind the last id seen, so that whoever
comes again gets what is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Select, func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from models.coverage import CoverageRow
from models.hole import HoleRow
from models.incident import WatchRow
from models.item import ItemRow
from models.post import PostRow, SightingRow
from models.store.views import PLAIN, PostLine, Views, Wanted, narrowed
from models.tag import TagRow, VerdictRow

CHUNK = 2_000

Line = TypeVar("Line", bound=msgspec.Struct)


class TagLine(msgspec.Struct, frozen=True, kw_only=True):
    """A tag as it was put on a post or taken off, whether it holds or not."""

    id: int
    post_id: int
    label: str
    put: bool
    score: float
    by: str
    at: datetime
    holds: bool
    copied_from: int | None
    undone_at: datetime | None


class VerdictLine(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict, whether it was taken back or not."""

    id: int
    post_id: int
    decision: str
    by: str
    note: str | None
    url: str | None
    at: datetime
    undone_at: datetime | None


class CoverageLine(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch proved complete for a watch."""

    id: int
    watch_id: int
    source: str
    address: str | None
    terms: list[str]
    since: datetime
    until: datetime


class HoleLine(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch a watch has still to read, or has lost (`lost_at`)."""

    id: int
    watch_id: int
    source: str
    since: datetime
    until: datetime
    why: str
    opened_at: datetime
    lost_at: datetime | None
    seconds: int


class Exports:
    """Whole lists within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def posts(
        self,
        incident_id: int,
        wanted: Wanted | None = None,
        after: int = 0,
        most: int | None = None,
    ) -> Iterator[PostLine]:
        """Yield an incident's posts in the order they came in, each with the tags that hold."""
        query = narrowed(
            sql_select(*(getattr(PostRow, name) for name in PLAIN)), self._session.connection(),
            incident_id, wanted,
        )  # fmt: skip
        query = query.where(col(PostRow.id) > after).order_by(col(PostRow.id)).limit(most)
        views = Views(self._session)
        for part in self._parts(query):
            labels = views.labels([row.id for row in part])
            for row in part:
                yield PostLine(**row._mapping, labels=labels.get(row.id, {}))  # noqa: SLF001

    def tags(
        self, incident_id: int, after: int = 0, most: int | None = None, **equal: Any
    ) -> Iterator[TagLine]:
        """Yield all tags of an incident's posts; `equal` names columns and their values."""
        query = self._of(TagRow, TagLine, equal).where(col(TagRow.post_id).in_(_seen(incident_id)))
        return self._lines(query, TagRow, TagLine, after, most)

    def verdicts(
        self, incident_id: int, after: int = 0, most: int | None = None, **equal: Any
    ) -> Iterator[VerdictLine]:
        """Yield all verdicts of an incident; `equal` names columns and their values."""
        query = self._of(VerdictRow, VerdictLine, equal)
        query = query.where(col(VerdictRow.incident_id) == incident_id)
        return self._lines(query, VerdictRow, VerdictLine, after, most)

    def coverage(self, incident_id: int) -> Iterator[CoverageLine]:
        """Yield the complete stretches of all watches an incident has or had."""
        names = ("id", "watch_id", "since", "until")
        query = sql_select(
            *(getattr(CoverageRow, name) for name in names),
            col(WatchRow.source), col(WatchRow.address), col(WatchRow.terms),
        ).join(WatchRow, col(WatchRow.id) == col(CoverageRow.watch_id))  # fmt: skip
        query = query.where(col(WatchRow.incident_id) == incident_id)
        return self._lines(query, CoverageRow, CoverageLine, 0, None)

    def holes(self, incident_id: int) -> Iterator[HoleLine]:
        """Yield the open and the lost holes of all watches an incident has or had."""
        names = [name for name in HoleLine.__struct_fields__ if name != "source"]
        query = sql_select(*(getattr(HoleRow, name) for name in names), col(WatchRow.source)).join(
            WatchRow, col(WatchRow.id) == col(HoleRow.watch_id)
        )
        query = query.where(col(WatchRow.incident_id) == incident_id)
        return self._lines(query, HoleRow, HoleLine, 0, None)

    def decisions(self, incident_id: int) -> dict[str, int]:
        """Return how many of an incident's items stand decided in each way."""
        query = (
            sql_select(col(ItemRow.decision), func.count())
            .where(col(ItemRow.incident_id) == incident_id, col(ItemRow.decision).is_not(None))
            .group_by(col(ItemRow.decision))
        )
        return dict(map(tuple, self._session.execute(query)))

    def has(self, incident_id: int, post_ids: list[int]) -> set[int]:
        """Return those of the posts that an incident's watches saw."""
        query = sql_select(col(SightingRow.post_id)).where(
            col(SightingRow.incident_id) == incident_id, col(SightingRow.post_id).in_(post_ids)
        )
        return set(self._session.execute(query).scalars())

    def _of(self, row: Any, line: type[msgspec.Struct], equal: dict[str, Any]) -> Select[Any]:
        query = sql_select(*(getattr(row, name) for name in line.__struct_fields__))
        for name, value in equal.items():
            if value is not None:
                query = query.where(getattr(row, name) == value)
        return query

    def _lines(
        self, query: Select[Any], row: Any, line: type[Line], after: int, most: int | None
    ) -> Iterator[Line]:
        query = query.where(row.id > after).order_by(row.id).limit(most)
        for part in self._parts(query):
            for found in part:
                yield line(**found._mapping)  # noqa: SLF001

    def _parts(self, query: Select[Any]) -> Iterator[Any]:
        streamed = query.execution_options(yield_per=CHUNK)
        return self._session.execute(streamed).partitions()


def _seen(incident_id: int) -> Any:
    return sql_select(col(SightingRow.post_id)).where(col(SightingRow.incident_id) == incident_id)
