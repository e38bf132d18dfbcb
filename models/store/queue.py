"""
The queue: an incident's items in the order in which they should be worked on, a leaf at a time.

Leaves go by key, not by number: an item that comes or goes above shifts nothing below. Posts that say
the same are folded into the most urgent of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.store import dialect
from models.store.days import REACH
from models.store.views import Held, Views

State = Literal["open", "answered", "escalated", "followed", "dismissed", "all"]

_DECIDED = {"answered": "reply", "escalated": "escalate", "followed": "follow",
            "dismissed": "dismiss"}  # fmt: skip

LEAF = 50

_LINES = f"""
SELECT item.post_id, item.version, item.urgency, item.open, item.holder, item.held_at,
    item.decision, item.seen_at, post.source, post.external_id, post.text, post.url, post.author,
    post.author_followers, post.posted_at, post.first_seen, post.lang, post.kind, post.parent_id,
    post.thread_id, {REACH}, item.near, post.unsupported
FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? {{WHERE}}
ORDER BY item.urgency, item.post_id LIMIT ?
"""  # noqa: S608  (our own words; values are bound)

_FIRST = """NOT EXISTS (SELECT 1 FROM item AS other
    WHERE other.incident_id = item.incident_id AND other.near = item.near AND other.open = item.open
    AND (other.urgency, other.post_id) < (item.urgency, item.post_id))"""

_HAS = (
    """(LOWER(post.text) LIKE ? ESCAPE '!' OR LOWER(COALESCE(post.author, '')) LIKE ? ESCAPE '!')"""
)

_ALIKE = """
SELECT near, COUNT(*) FROM item WHERE incident_id = ? AND near = {KEYS} GROUP BY near
"""


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which items of an incident to list.

    `holder` is a person's name, or "" for nobody's; `search` words must all be in the text or the
    author's name; `since` and `until` bound when it was posted; `folded`: one for all that say the same.
    """

    state: State = "open"
    label: str | None = None
    source: str | None = None
    holder: str | None = None
    unseen: bool = False
    lang: str | None = None
    search: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    folded: bool = True


class Cursor(NamedTuple):
    """The last item of a leaf; the next begins behind it."""

    urgency: datetime
    post_id: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item as lists show it.

    `labels` are the tags that hold, by label; `alike` counts the other posts that say the same.
    """

    post_id: int
    version: int
    urgency: datetime
    open: bool
    holder: str | None
    held_at: datetime | None
    decision: str | None
    seen_at: datetime | None
    source: str
    external_id: str
    text: str
    url: str | None
    author: str | None
    author_followers: int | None
    posted_at: datetime | None
    first_seen: datetime
    lang: str | None
    kind: str
    parent_id: str | None
    thread_id: str | None
    reach: int
    unsupported: bool
    labels: dict[str, Held]
    alike: int

    @property
    def cursor(self) -> Cursor:
        """Where it stands in the queue."""
        return Cursor(self.urgency, self.post_id)


class Queue:
    """The queue within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lines(
        self,
        incident_id: int,
        sought: Sought | None = None,
        after: Cursor | None = None,
        most: int = LEAF,
    ) -> list[Line]:
        """Return a leaf of the queue, the most urgent first."""
        where, values = _narrowed(sought or Sought())
        if after is not None:
            where += ["(item.urgency, item.post_id) > (?, ?)"]
            values += [to_micros(after.urgency), after.post_id]
        return self._lines(incident_id, where, values, most)

    def line(self, incident_id: int, post_id: int) -> Line | None:
        """Return one item, or None if the incident has no such post to work on."""
        found = self._lines(incident_id, ["item.post_id = ?"], [post_id], 1)
        return found[0] if found else None

    def alike(self, incident_id: int, post_id: int, most: int = LEAF) -> list[Line]:
        """Return the other items that say the same, the most urgent first."""
        same = ["item.near = (SELECT near FROM post WHERE id = ?)", "item.post_id <> ?"]
        return self._lines(incident_id, same, [post_id, post_id], most)

    def thread(self, incident_id: int, line: Line, most: int = LEAF) -> list[Line]:
        """Return what stands around a post in its thread: what it answers, and what answers it."""
        where = [
            "post.source = ?",
            "item.post_id <> ?",
            "(post.external_id = ? OR post.parent_id = ?)",
        ]
        values = [line.source, line.post_id, line.parent_id or "", line.external_id]
        return self._lines(incident_id, where, values, most)

    def count(self, incident_id: int, sought: Sought | None = None, most: int = 10_000) -> int:
        """Return how many items that are, counting no further than `most`."""
        where, values = _narrowed(sought or Sought())
        sql = (
            "SELECT COUNT(*) FROM (SELECT 1 FROM item JOIN post ON post.id = item.post_id"  # noqa: S608
            f" WHERE item.incident_id = ? {_and(where)} LIMIT ?) AS found"
        )
        rows = dialect.rows(self._session.connection(), sql, (incident_id, *values, most))
        return int(rows[0][0])

    def _lines(
        self, incident_id: int, where: Sequence[str], values: Sequence[Any], most: int
    ) -> list[Line]:
        connection = self._session.connection()
        sql = _LINES.replace("{WHERE}", _and(where))
        rows = dialect.rows(connection, sql, (incident_id, *values, most))
        ids = [row[0] for row in rows]
        labels = Views(self._session).labels(ids)
        nears = sorted({row[21] for row in rows})
        alike = dict(map(tuple, dialect.within(connection, _ALIKE, (incident_id,), nears)))
        return [_line(row, labels.get(row[0], {}), alike.get(row[21], 1) - 1) for row in rows]


def _and(where: Sequence[str]) -> str:
    return "".join(f" AND {condition}" for condition in where)


def _narrowed(sought: Sought) -> tuple[list[str], list[Any]]:
    by = {
        "item.decision = ?": _DECIDED.get(sought.state),
        "item.labels LIKE ?": None if sought.label is None else f"%,{sought.label},%",
        "item.source = ?": sought.source,
        "item.holder = ?": sought.holder or None,
        "post.lang = ?": sought.lang,
        "post.posted_at >= ?": None if sought.since is None else to_micros(sought.since),
        "post.posted_at < ?": None if sought.until is None else to_micros(sought.until),
    }
    where = [condition for condition, value in by.items() if value is not None]
    values: list[Any] = [value for value in by.values() if value is not None]
    for word in (sought.search or "").split():
        where.append(_HAS)
        values += [f"%{_escaped(word.lower())}%"] * 2
    where += ["item.open"] if sought.state == "open" else []
    where += ["item.holder IS NULL"] if sought.holder == "" else []
    where += ["item.seen_at IS NULL"] if sought.unseen else []
    where += [_FIRST] if sought.folded else []
    return where, values


def _escaped(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _line(row: Any, labels: dict[str, Held], alike: int) -> Line:
    def when(micros: int | None) -> datetime | None:
        return None if micros is None else from_micros(micros)

    return Line(
        post_id=row[0], version=row[1], urgency=from_micros(row[2]), open=bool(row[3]),
        holder=row[4], held_at=when(row[5]), decision=row[6], seen_at=when(row[7]), source=row[8],
        external_id=row[9], text=row[10], url=row[11], author=row[12], author_followers=row[13],
        posted_at=when(row[14]), first_seen=from_micros(row[15]), lang=row[16], kind=row[17],
        parent_id=row[18], thread_id=row[19], reach=row[20] or 0, unsupported=bool(row[22]),
        labels=labels, alike=alike,
    )  # fmt: skip
