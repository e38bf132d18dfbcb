"""
Clusters as people change them: a text is taken out of one, or two become one, and all of it undone.

What a person says is kept beside what was found and wins over it, so a text that is found again, in a
copy restored or by a later Amends, stands where they put it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlmodel import Session, col, select

from models.cluster import Did, RegroupingRow
from models.errors import SetupError
from models.store import dialect
from models.store.copies import Copies

_TEXT = """
SELECT post.near, item.near FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.post_id = ?
"""

_MEMBERS = "SELECT near, found FROM copied WHERE incident_id = ? AND cluster = ?"
_FOUND = "SELECT near, found FROM copied WHERE incident_id = ? AND near = {KEYS}"
_FOLLOW = "SELECT near, found FROM copied WHERE incident_id = ? AND found = {KEYS}"
_MOVE = "INSERT INTO regrouped (regrouping_id, near, cluster) VALUES (?, ?, ?)"
_MOVED = "SELECT near FROM regrouped WHERE regrouping_id = ?"

_ITEMS = """
SELECT item.post_id, post.near, item.near FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.near = {KEYS}
"""

_PLACE = "UPDATE item SET near = ? WHERE incident_id = ? AND post_id = ?"


class Regrouping(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of clusters: `post_id` was split off, or merged into those of `other_id`."""

    id: int
    did: Did
    post_id: int
    other_id: int | None
    by: str
    at: datetime
    undone_at: datetime | None


class Clusters:
    """Clusters within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def split(self, incident_id: int, post_id: int, by: str, now: datetime) -> int:
        """
        Say that a post is no copy of those it is with; return the number of that.

        Posts with the same words go with it. SetupError if there is nothing else it is with.
        """
        near, cluster = self._text(incident_id, post_id)
        members = self._members(incident_id, cluster)
        others = sorted(members.keys() - {near})
        if not others:
            message = f"nothing that says it in other words is with post {post_id}"
            raise SetupError(message, "posts with the same words always count as one text")
        if cluster == near:
            # It gave them its name, so it is they who need another.
            moves = dict.fromkeys(others, self._free(incident_id, others[0], others))
            moves[near] = near
        else:
            # What was found a copy of it stays behind: it alone was meant.
            moves = {other: cluster for other in others if members[other] == near}
            moves[near] = self._free(incident_id, near, [near])
        return self._regroup(incident_id, "split", (post_id, None), moves, by, now)

    def merge(self, incident_id: int, post_id: int, other_id: int, by: str, now: datetime) -> int:
        """
        Say that a post, and all it is with, says the same as another; return the number of that.

        SetupError if they are together already.
        """
        _, cluster = self._text(incident_id, post_id)
        _, into = self._text(incident_id, other_id)
        if cluster == into:
            message = f"post {post_id} is with post {other_id} already"
            raise SetupError(message, "there is nothing to do")
        moves = dict.fromkeys(self._members(incident_id, cluster), into)
        return self._regroup(incident_id, "merge", (post_id, other_id), moves, by, now)

    def undo(self, incident_id: int, number: int, now: datetime) -> Regrouping:
        """
        Take a split or a merge back; what was said after it stands. Returns what it was.

        SetupError if there is no such thing, or it was taken back before.
        """
        self._alone()
        row = self._session.get(RegroupingRow, number)
        if row is None or row.incident_id != incident_id or row.undone_at is not None:
            message = f"there is no split or merge {number} to take back in this incident"
            raise SetupError(message, "`amends voices regroupings` lists them")
        row.undone_at = now
        self._session.flush()
        nears = [near for (near,) in dialect.rows(self._session.connection(), _MOVED, (number,))]
        self._settle(incident_id, nears)
        return _regrouping(row)

    def regroupings(
        self, incident_id: int, after: int = 0, most: int | None = None
    ) -> list[Regrouping]:
        """Return what people said of an incident's clusters, oldest first, what was undone included."""
        rows = self._session.exec(
            select(RegroupingRow)
            .where(RegroupingRow.incident_id == incident_id, col(RegroupingRow.id) > after)
            .order_by(col(RegroupingRow.id))
            .limit(most)
        )
        return [_regrouping(row) for row in rows]

    def about(self, incident_id: int, post_ids: Sequence[int]) -> list[Regrouping]:
        """Return what stands of what people said of these posts' clusters, newest first."""
        post, other = col(RegroupingRow.post_id), col(RegroupingRow.other_id)
        rows = self._session.exec(
            select(RegroupingRow)
            .where(RegroupingRow.incident_id == incident_id)
            .where(col(RegroupingRow.undone_at).is_(None))
            .where(post.in_(post_ids) | other.in_(post_ids))
            .order_by(col(RegroupingRow.id).desc())
        )
        return [_regrouping(row) for row in rows]

    def _regroup(
        self,
        incident_id: int,
        did: Did,
        posts: tuple[int, int | None],
        moves: dict[int, int],
        by: str,
        now: datetime,
    ) -> int:
        row = RegroupingRow(
            incident_id=incident_id, did=did, post_id=posts[0], other_id=posts[1], by=by, at=now
        )
        self._session.add(row)
        self._session.flush()
        number = row.id or 0
        rows = [(number, near, cluster) for near, cluster in sorted(moves.items())]
        dialect.many(self._session.connection(), _MOVE, rows)
        self._settle(incident_id, moves)
        return number

    def _settle(self, incident_id: int, nears: Iterable[int]) -> None:
        """Put texts, and those found copies of them, where they now belong, and their items too."""
        connection, of = self._session.connection(), (incident_id,)
        keys = sorted(nears)
        found = {near: near for near in keys}
        for sql in (_FOUND, _FOLLOW):
            found |= dict(map(tuple, dialect.within(connection, sql, of, keys)))
        before = self._standing(incident_id, sorted(found))
        clusters = Copies(self._session).settle(incident_id, found)
        items = dialect.within(connection, _ITEMS, of, sorted(set(before.values())))
        moved = [
            (clusters[near], incident_id, post_id)
            for post_id, near, old in items
            if near in clusters and clusters[near] != old
        ]
        dialect.many(connection, _PLACE, moved)

    def _standing(self, incident_id: int, nears: list[int]) -> dict[int, int]:
        known = "SELECT near, cluster FROM copied WHERE incident_id = ? AND near = {KEYS}"
        found = dialect.within(self._session.connection(), known, (incident_id,), nears)
        return {near: near for near in nears} | dict(map(tuple, found))

    def _text(self, incident_id: int, post_id: int) -> tuple[int, int]:
        """Return the fingerprint of a post's words and its cluster; SetupError if it is no item."""
        self._alone()
        found = dialect.rows(self._session.connection(), _TEXT, (incident_id, post_id))
        if not found:
            message = f"this incident has no post {post_id} to work on"
            raise SetupError(message, "the queue lists those it has")
        return found[0][0], found[0][1]

    def _members(self, incident_id: int, cluster: int) -> dict[int, int]:
        """Return the texts of a cluster, each with the original it was found a copy of."""
        found = dialect.rows(self._session.connection(), _MEMBERS, (incident_id, cluster))
        members: dict[int, int] = dict(map(tuple, found))
        # The text that gave the name has no row unless it was moved.
        if self._standing(incident_id, [cluster])[cluster] == cluster:
            members.setdefault(cluster, cluster)
        return members

    def _free(self, incident_id: int, near: int, members: Sequence[int]) -> int:
        """Return a name for a cluster of these texts: the fingerprint of one, if nobody else has it."""
        while self._members(incident_id, near).keys() - set(members):
            near += 1
        return near

    def _alone(self) -> None:
        # Neither may a new text join them meanwhile, nor an item be put where they stood before.
        for table in ("original", "regrouping"):
            dialect.alone(self._session.connection(), table)


def _regrouping(row: RegroupingRow) -> Regrouping:
    return msgspec.convert(row.model_dump(exclude={"incident_id"}), Regrouping)
