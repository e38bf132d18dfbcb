"""
Tallies within one transaction: items counted by quarter of an hour, source and labels.

Whoever changes items looks what they were and says what they are. The difference is counted when the
transaction ends, or when somebody asks within it: whoever counts keeps others from it until then, and
must wait for nobody any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlmodel import Session

from models.columns import HOUR, to_micros
from models.coverage import Span
from models.store import bulk, dialect, sharing
from models.tombstone import UNDATED

QUARTER = HOUR // 4
"""In microseconds. The hours of every zone of today begin with one."""

_WERE = "SELECT incident_id, post_id, posted_at, source, labels FROM item WHERE post_id = {KEYS}"

_COLUMNS = ("incident_id", "quarter", "source", "labels", "posts")
_MORE = """
ON CONFLICT (incident_id, quarter, source, labels) DO UPDATE SET posts = tally.posts + excluded.posts
"""

_OF = """
SELECT (quarter - ?) / ?, source, labels, SUM(posts) FROM tally
WHERE incident_id = ? AND quarter >= ? AND quarter < ? AND posts <> 0 GROUP BY 1, 2, 3
"""
_SIZES = """
SELECT quarter, SUM(posts) FROM tally WHERE incident_id = ? AND quarter >= ? AND quarter < ?
GROUP BY 1 HAVING SUM(posts) > 0 ORDER BY 1
"""
_LABELS = "SELECT DISTINCT labels FROM tally WHERE incident_id = ? ORDER BY labels"
_ALL = "SELECT incident_id, SUM(posts) FROM tally GROUP BY incident_id"


CHANGED = "changed tallies"
"""Under which a session has what it has still to count."""

ALL_OF_THEM = " NOT INDEXED"

SHARE = 4
"""All items there are, for each that is asked for, up to which SQLite is faster when it reads all of them."""


class Place(NamedTuple):
    """Where an item is counted."""

    incident_id: int
    quarter: int
    source: str
    labels: str


Placed = Mapping[tuple[int, int], Place]
"""Where items are counted, by incident and post."""


def place(incident_id: int, posted_at: int | None, source: str, labels: str) -> Place:
    """Return where an item is counted that was posted then, in microseconds."""
    quarter = UNDATED if posted_at is None else posted_at // QUARTER * QUARTER
    return Place(incident_id, quarter, source, labels)


def fits(window: Span) -> bool:
    """Return whether a window is made of whole quarters; days of long ago may not be."""
    return not (to_micros(window.since) % QUARTER or to_micros(window.until) % QUARTER)


class Tallies:
    """Tallies within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def were(self, post_ids: Sequence[int]) -> Placed:
        """Return where these posts' items are counted; until the transaction ends nobody else changes that."""
        connection = self._session.connection()
        sharing.held(connection, post_ids)
        rows = dialect.within(connection, _WERE, (), post_ids)
        return {(incident_id, post_id): place(incident_id, *rest) for incident_id, post_id, *rest in rows}  # fmt: skip

    def changed(self, were: Iterable[Place], now: Iterable[Place]) -> None:
        """Let items count no longer where they were, but where they are now."""
        counts: Counter[Place] = self._session.info.setdefault(CHANGED, Counter())
        counts.update(now)
        counts.subtract(Counter(were))

    def settle(self) -> None:
        """Count what has changed. From here on nobody else counts until the transaction ends."""
        counts: Counter[Place] = self._session.info.pop(CHANGED, Counter())
        if rows := sorted((*place_, posts) for place_, posts in counts.items() if posts):
            connection = self._session.connection()
            dialect.alone(connection, "tally")
            bulk.upsert(connection, "tally", _COLUMNS, rows, _MORE)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Return the rows of a query in which tallies are."""
        self.settle()
        return dialect.rows(self._session.connection(), sql, values)

    def of(self, incident_id: int, since: int, until: int) -> list[tuple[int, str, str, int]]:
        """Return hour, source, labels and posts of what was posted between two times, in microseconds."""
        rows = self.rows(_OF, since, HOUR, incident_id, since, until)
        return [(hour, source, labels, int(posts)) for hour, source, labels, posts in rows]

    def sizes(self, incident_id: int, since: int, until: int) -> dict[int, int]:
        """Return how many items each quarter has that began between two times, in microseconds and their order."""
        rows = self.rows(_SIZES, incident_id, since, until)
        return {quarter: int(posts) for quarter, posts in rows}

    def labels(self, incident_id: int) -> list[str]:
        """Return which labels items of an incident have together, as items have them, in a fixed order."""
        return [labels for (labels,) in self.rows(_LABELS, incident_id)]

    def way(self, index: str, asked: int) -> str:
        """
        Return what makes SQLite find the items that are asked for by an index, or among all as they lie.

        To look each up from an index takes four times as long.
        """
        connection = self._session.connection()
        by = dialect.by(connection, index)
        return ALL_OF_THEM if by and sum(self.items().values()) < SHARE * asked else by

    def items(self) -> dict[int, int]:
        """Return how many items each incident has."""
        return {key: int(posts) for key, posts in self.rows(_ALL)}
