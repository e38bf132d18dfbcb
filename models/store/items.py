"""Items within one transaction: put into the queue, listed, claimed, decided, and all of it undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.columns import to_micros
from models.errors import Conflict, SetupError
from models.item import POINT, ItemRow, points
from models.store import bulk, dialect, sharing
from models.store.audit import Audit
from models.store.days import REACH
from models.store.tallies import Placed, Tallies, place
from models.tag import Decision, VerdictRow

CLOSING = frozenset(["reply", "dismiss"])
"""Decisions after which nobody need do any more about a post."""

_FACTS = f"""
SELECT DISTINCT sighting.incident_id, post.id, post.source, COALESCE(copied.cluster, post.near),
    post.lang, post.posted_at, COALESCE(post.posted_at, post.first_seen), {REACH}
FROM post JOIN sighting ON sighting.post_id = post.id
LEFT JOIN copied ON copied.incident_id = sighting.incident_id AND copied.near = post.near
WHERE NOT post.official AND post.id = {{KEYS}}
"""  # noqa: S608  (our own words)

_LABELS = "SELECT post_id, label FROM tag WHERE holds AND put AND post_id = {KEYS}"

_COLUMNS = ("incident_id", "post_id", "source", "near", "lang", "posted_at", "labels", "points",
            "urgency", "open", "version")  # fmt: skip
_REFRESHED = """
ON CONFLICT (incident_id, post_id) DO UPDATE SET
    near = excluded.near, lang = excluded.lang, posted_at = excluded.posted_at,
    labels = excluded.labels, points = excluded.points, urgency = excluded.urgency
"""

_NO_ITEM = "DELETE FROM item WHERE incident_id = ? AND post_id = ?"

_MISSING = """
SELECT post.id FROM post WHERE post.scored_by IS NOT NULL AND NOT post.official AND NOT EXISTS
    (SELECT 1 FROM item WHERE item.incident_id = ? AND item.post_id = post.id) AND post.id = {KEYS}
"""


class Seen(NamedTuple):
    """An item a person saw, as they saw it."""

    post_id: int
    version: int


class Verdict(NamedTuple):
    """What a person decides: what to do, why, and for a reply where it was sent."""

    decision: Decision
    note: str | None = None
    url: str | None = None


class Items:
    """Items within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def refresh(self, post_ids: Sequence[int]) -> None:
        """Bring items in line with their posts' tags, in every incident that saw them."""
        connection = self._session.connection()
        # Whoever moves clusters moves their items with them, and sees no others.
        sharing.beside_others(connection, "regrouping")
        tallies = Tallies(self._session)
        # Held before their labels are read, or somebody may just be changing those.
        were = tallies.were(post_ids)
        labels: dict[int, list[str]] = {}
        for post_id, label in dialect.within(connection, _LABELS, (), post_ids):
            labels.setdefault(post_id, []).append(label)
        now = self._put(post_ids, labels)
        # What turned out to be the company's own is no item.
        dialect.many(connection, _NO_ITEM, were.keys() - now.keys())
        tallies.changed(were.values(), now.values())

    def add(self, labels: Mapping[int, Sequence[str]]) -> None:
        """Put posts into the queue that nobody else has seen yet; `labels` hold of them, by post."""
        sharing.beside_others(self._session.connection(), "regrouping")
        placed = self._put(list(labels), labels)
        Tallies(self._session).changed((), placed.values())

    def _put(self, post_ids: Sequence[int], labels: Mapping[int, Sequence[str]]) -> Placed:
        """Write the items of these posts; return where they are counted now."""
        connection, now = self._session.connection(), {}
        hour = POINT.seconds * 1_000_000
        rows = []
        for *facts, at, reach in dialect.within(connection, _FACTS, (), post_ids):
            held = sorted(labels.get(facts[1], ()))
            weight = points(held, reach or 0)
            names = "".join(f",{label}" for label in held) + ","
            rows.append((*facts, names, weight, at - weight * hour, True, 0))
            now[facts[0], facts[1]] = place(facts[0], facts[5], facts[2], names)
        bulk.upsert(connection, "item", _COLUMNS, rows, _REFRESHED, _COLUMNS[:2])
        return now

    def missing(self, incident_id: int, post_ids: Sequence[int]) -> list[int]:
        """Return those of the tagged posts that have no item in an incident."""
        connection = self._session.connection()
        found = dialect.within(connection, _MISSING, (incident_id,), post_ids)
        return [row[0] for row in found]

    def get(self, incident_id: int, post_id: int) -> ItemRow:
        """Return one item; SetupError if the incident has no such post."""
        row = self._session.get(ItemRow, (incident_id, post_id))
        if row is None:
            message = f"this incident has no post {post_id} to work on"
            raise SetupError(message, "the queue lists those it has")
        return row

    def claim(
        self,
        incident_id: int,
        seen: Sequence[Seen],
        by: str,
        holder: str | None,
        now: datetime,
        *,
        anybodys: bool = False,
    ) -> None:
        """
        Put items into somebody's hand, or with None back; Conflict if anybody was there first.

        With `anybodys` out of anybody's hand, which is for those who lead.
        """
        for row in self._theirs(incident_id, seen, by, anybodys=anybodys):
            row.holder, row.held_at = holder, None if holder is None else now
            self._touch(row, now)
        self._session.flush()

    def decide(
        self, incident_id: int, seen: Sequence[Seen], verdict: Verdict, by: str, now: datetime
    ) -> list[int]:
        """
        Decide on items; Conflict if anybody was there first. Returns the ids of the verdicts.

        To follow or escalate an item keeps it open; a reply or a dismissal closes it.
        """
        verdicts = []
        for row in self._theirs(incident_id, seen, by):
            said = VerdictRow(
                incident_id=incident_id, post_id=row.post_id, decision=verdict.decision, by=by,
                note=verdict.note, url=verdict.url, at=now,
            )  # fmt: skip
            self._session.add(said)
            verdicts.append(said)
            row.decision, row.open = verdict.decision, verdict.decision not in CLOSING
            if row.holder is None:
                row.holder, row.held_at = by, now
            self._touch(row, now)
        self._session.flush()
        return [row.id or 0 for row in verdicts]

    def undo(self, incident_id: int, seen: Seen, by: str, now: datetime) -> str:
        """
        Take back the last decision on an item, whoever made it; returns which it was.

        SetupError if there is none; Conflict if anybody was there first.
        """
        (row,) = self._theirs(incident_id, [seen], by)
        standing = self._standing(incident_id, row.post_id)
        if not standing:
            message = f"nothing is decided on post {row.post_id}"
            raise SetupError(message, "there is nothing to take back")
        standing[0].undone_at = now
        row.decision = standing[1].decision if len(standing) > 1 else None
        row.open = row.decision not in CLOSING
        self._touch(row, now)
        self._session.flush()
        return standing[0].decision

    def correct(self, incident_id: int, seen: Sequence[Seen], by: str, now: datetime) -> None:
        """
        Note that somebody says what these posts are, whoever has them; Conflict if they have changed.

        What they say of them is put beside it as Tags.
        """
        for row in self._theirs(incident_id, seen, by, anybodys=True):
            self._touch(row, now)
        self._session.flush()

    def look(self, incident_id: int, post_ids: Sequence[int], now: datetime) -> None:
        """Note that somebody has looked at these posts; the first look counts."""
        at = to_micros(now)
        dialect.many(
            self._session.connection(),
            "UPDATE item SET seen_at = ? WHERE incident_id = ? AND post_id = ? AND seen_at IS NULL",
            [(at, incident_id, post_id) for post_id in post_ids],
        )

    def history(self, incident_id: int, post_id: int) -> list[VerdictRow]:
        """Return all that was decided on a post, newest first, what was taken back included."""
        return list(
            self._session.exec(
                select(VerdictRow)
                .where(VerdictRow.incident_id == incident_id)
                .where(VerdictRow.post_id == post_id)
                .order_by(col(VerdictRow.id).desc())
            )
        )

    def _standing(self, incident_id: int, post_id: int) -> list[VerdictRow]:
        return [row for row in self.history(incident_id, post_id) if row.undone_at is None]

    def _touch(self, row: ItemRow, now: datetime) -> None:
        row.seen_at = row.seen_at or now
        row.version += 1

    def _theirs(
        self, incident_id: int, seen: Sequence[Seen], by: str, *, anybodys: bool = False
    ) -> list[ItemRow]:
        """
        Return the items a person may change: as they saw them, and in nobody else's hand.

        With `anybodys` those in somebody else's hand too.
        """
        versions = {one.post_id: one.version for one in seen}
        rows = {row.post_id: row for row in self._locked(incident_id, versions)}
        for post_id, version in versions.items():
            row = rows.get(post_id) or self.get(incident_id, post_id)
            free = anybodys or row.holder in (None, by)
            if row.version != version or not free:
                raise self._conflict(row, version)
        return [rows[post_id] for post_id in versions]

    def _locked(self, incident_id: int, post_ids: Iterable[int]) -> list[ItemRow]:
        # In the order of their keys, so that two people who take the same ones never wait in a ring.
        return list(
            self._session.exec(
                select(ItemRow)
                .where(ItemRow.incident_id == incident_id)
                .where(col(ItemRow.post_id).in_(list(post_ids)))
                .order_by(col(ItemRow.post_id))
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        )

    def _conflict(self, row: ItemRow, seen: int) -> Conflict:
        """Return who was there first: who changed it last, or else who has it."""
        last = Audit(self._session).about(row.incident_id, f"post:{row.post_id}")[:1]
        who, at = row.holder or "somebody", row.held_at
        if last and (row.version != seen or row.holder is None):
            who, at = last[0].by, last[0].at
        when = f" at {at:%H:%M:%S} UTC" if at else ""
        message = f"{who} was faster on post {row.post_id}{when}"
        return Conflict(message, "look at it again", by=who, at=at)
