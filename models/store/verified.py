"""When posts were last known to be at their source, within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from models.asking import AskingRow
from models.columns import from_micros, to_micros
from models.incident import IncidentRow, WatchRow
from models.store import dialect

# Whoever saw it at its own source can ask there; a file that brought it can't, and is taken last.
_SAW = """
SELECT sighting.watch_id FROM sighting JOIN watch ON watch.id = sighting.watch_id
WHERE sighting.post_id = post.id{OWN}
ORDER BY watch.removed_at IS NOT NULL, watch.once, watch.id LIMIT 1
"""
_DUE = f"""
SELECT post.id, post.external_id, post.url, post.text, post.thread_id, COALESCE(
    ({_SAW.replace("{OWN}", " AND watch.source = post.source")}), ({_SAW.replace("{OWN}", "")}))
FROM post WHERE
"""  # noqa: S608  our own words
_LATE = "source = ? AND verified_at < ? AND (asked_at IS NULL OR asked_at < ?)"
_SEEN = "EXISTS (SELECT 1 FROM sighting WHERE post_id = post.id AND incident_id = ?)"

_SOURCES = "SELECT DISTINCT source FROM post ORDER BY source"
_OLDEST = """
SELECT verified_at FROM post WHERE source = ? AND NOT untold ORDER BY verified_at LIMIT 1
"""
_SAW_OLDEST = """
SELECT sighting.incident_id FROM sighting WHERE sighting.post_id = (
    SELECT id FROM post WHERE source = ? AND NOT untold ORDER BY verified_at, id LIMIT 1
) ORDER BY sighting.incident_id DESC LIMIT 1
"""
_COUNT = "SELECT COUNT(*) FROM post WHERE source = ?"
_AFTER = "AND NOT untold AND verified_at < ?"

_THERE = """
UPDATE post SET asked_at = NULL, untold = FALSE,
    verified_at = CASE WHEN verified_at > ? THEN verified_at ELSE ? END WHERE id = ?
"""


class Due(NamedTuple):
    """A post to ask about: what its source needs to know of it, and by which watch we know it."""

    post_id: int
    external_id: str
    url: str | None
    text: str
    thread_id: str | None
    watch_id: int


class Proof(NamedTuple):
    """
    What is known of a source's posts: the `oldest` proof that one is still there, and how many are `late`.

    Of `untold` ones the source was asked and couldn't tell; they count in neither.
    """

    source: str
    posts: int
    oldest: datetime | None
    late: int
    untold: int


class Verified:
    """Verification within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def due(
        self,
        source: str,
        before: datetime,
        asked: datetime,
        most: int,
        incident_id: int | None = None,
    ) -> list[Due]:
        """
        Return up to `most` posts of a source not proved since `before`, those first that wait longest.

        Those it was asked about in vain since `asked` are left out; with an incident, all but its own.
        """
        sql, values = _DUE + _LATE, [source, to_micros(before), to_micros(asked)]
        if incident_id is not None:
            sql, values = f"{sql} AND {_SEEN}", [*values, incident_id]
        rows = self._rows(f"{sql} ORDER BY verified_at, id LIMIT ?", *values, most)
        return [Due(*row) for row in rows]

    def of(self, post_ids: Sequence[int]) -> list[Due]:
        """Return those of these posts that are still kept."""
        found = dialect.within(self._session.connection(), f"{_DUE} id = {{KEYS}}", (), post_ids)
        return [Due(*row) for row in found]

    def there(self, post_ids: Iterable[int], at: datetime) -> None:
        """Note that posts were there at a moment."""
        since = to_micros(at)
        self._each(_THERE, ((since, since, one) for one in post_ids))

    def asked(self, post_ids: Iterable[int], now: datetime | None) -> None:
        """Note that posts were asked about, without a word on them; or with None that they weren't."""
        at = None if now is None else to_micros(now)
        self._each("UPDATE post SET asked_at = ? WHERE id = ?", ((at, one) for one in post_ids))

    def untold(self, post_ids: Iterable[int], now: datetime) -> None:
        """Note that their source can't tell whether posts are there."""
        sql = "UPDATE post SET asked_at = ?, untold = TRUE WHERE id = ?"
        self._each(sql, ((to_micros(now), one) for one in post_ids))

    def proofs(self, before: datetime) -> list[Proof]:
        """Return what is known of each source's posts; `late` are those without proof since `before`."""
        found = []
        for (source,) in self._rows(_SOURCES):
            oldest, late = self.oldest(source), self.late(source, before)
            untold = self._rows(f"{_COUNT} AND untold", source)[0][0]
            found.append(Proof(source, self._rows(_COUNT, source)[0][0], oldest, late, untold))
        return found

    def oldest(self, source: str) -> datetime | None:
        """Return the oldest proof among a source's posts, the end of an index; None without one."""
        found = self._rows(_OLDEST, source)
        return from_micros(found[0][0]) if found else None

    def saw_oldest(self, source: str) -> IncidentRow | None:
        """Return the incident that saw the post with the oldest proof, the newest of several; None without one."""
        found = self._rows(_SAW_OLDEST, source)
        return self._session.get(IncidentRow, found[0][0]) if found else None

    def late(self, source: str, before: datetime) -> int:
        """Return how many posts of a source have no proof since `before`."""
        return int(self._rows(f"{_COUNT} {_AFTER}", source, to_micros(before))[0][0])

    def askers(self, source: str) -> list[WatchRow]:
        """Return all watches there ever were of a source: who removes one keeps what it brought."""
        query = select(WatchRow).where(WatchRow.source == source).order_by(col(WatchRow.id))
        return list(self._session.exec(query))

    def saw(self, due: Iterable[Due]) -> dict[int, WatchRow]:
        """Return the watches by which posts are known, by their ids."""
        ids = {one.watch_id for one in due}
        query = select(WatchRow).where(col(WatchRow.id).in_(ids))
        return {row.id or 0: row for row in self._session.exec(query)}

    def remember(self, row: AskingRow) -> None:
        """Keep a question that will be answered later, in place of its watch's last one."""
        self._session.merge(row)
        self._session.flush()

    def remembered(self, source: str) -> list[AskingRow]:
        """Return what a source was asked and hasn't answered yet."""
        query = select(AskingRow).join(WatchRow, col(WatchRow.id) == AskingRow.watch_id)
        return list(self._session.exec(query.where(WatchRow.source == source)))

    def forget(self, watch_id: int) -> None:
        """Give a question up, or be done with it."""
        self._each("DELETE FROM asking WHERE watch_id = ?", [(watch_id,)])

    def in_trouble(self, watch_id: int, said: str | None, until: datetime | None) -> None:
        """Note why a watch's posts can't be asked about, and until when not to try; None is well again."""
        row = self._session.get(WatchRow, watch_id)
        if row is not None and (row.again_trouble, row.again_at) != (said, until):
            row.again_trouble, row.again_at = said, until
            self._session.flush()

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return dialect.rows(self._session.connection(), sql, values)

    def _each(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        dialect.many(self._session.connection(), sql, rows)
