"""The audit trail within one transaction: written with the change it speaks of, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.audit import FIELDS, AuditRow, as_kept, as_sealed, is_plain
from models.columns import to_micros
from models.seal import Head, Seal
from models.store import dialect
from models.store.differences import Differences

RESTORED = "restored"
"""What is done to the trail when a backup is put back; it begins an era."""

_HEAD = "SELECT era, last, seal FROM audit_head WHERE id = 1"
_FIRST = "INSERT INTO audit_head (id, era, last, seal) VALUES (1, 0, 0, '') ON CONFLICT DO NOTHING"
_ON = "UPDATE audit_head SET era = ?, last = ?, seal = ? WHERE id = 1"

_NAMES = ", ".join(f'"{name}"' for name in (*FIELDS, "seal"))
_ADD = f"INSERT INTO audit ({_NAMES}) VALUES ({', '.join('?' * (len(FIELDS) + 1))})"  # noqa: S608

_Notes = list[AuditRow]


class Audit:
    """
    Audit entries within one transaction.

    They are put in when it ends, as the last thing it does: until then nobody else waits for their turn,
    and whoever holds the head of the trail waits for nobody.
    """

    def __init__(self, session: Session, seal: Seal | None = None) -> None:
        self._session = session
        self._seal = seal or Seal(None)
        self._notes: _Notes = []
        self._differences = None if seal is None else Differences(session)

    def note(
        self,
        did: str,
        about: str,
        *,
        by: str,
        now: datetime,
        incident_id: int | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """
        Write down that `by` did something to a thing; `detail` never holds a post's text.

        What is no plain word in it, such as an address or an @name, is kept as a keyed hash. What the
        transaction changed of the thing is added by itself, before and after.
        """
        self._notes.append(
            AuditRow(
                incident_id=incident_id, by=by, did=did, about=about,
                detail=plainly(detail or {}, self._seal), at=now,
            )
        )  # fmt: skip

    def put_in(self) -> Head | None:
        """Seal what was noted and put it in; return the new head, or None if nothing was noted."""
        if not self._notes:
            return None
        self._session.flush()
        self._say_what_changed()
        connection = self._session.connection()
        suffix = "" if dialect.is_sqlite(connection) else " FOR UPDATE"
        found = dialect.rows(connection, _HEAD + suffix)
        if not found:
            connection.exec_driver_sql(_FIRST)
            found = dialect.rows(connection, _HEAD + suffix)
        head = Head(*found[0])
        rows = []
        for note in self._notes:
            if note.did == RESTORED:
                head = head._replace(era=note.detail["era"])
            row, head = sealed(note, head, self._seal)
            rows.append(row)
        dialect.many(connection, _ADD, rows)
        dialect.many(connection, _ON, [tuple(head)])
        self._notes = []
        return head

    def about(self, incident_id: int, about: str) -> list[AuditRow]:
        """Return what was done to one thing of an incident, newest first."""
        kept = self._session.exec(
            select(AuditRow)
            .where(AuditRow.incident_id == incident_id)
            .where(AuditRow.about == about)
            .order_by(col(AuditRow.id).desc())
        )
        fresh = [one for one in self._notes if (one.incident_id, one.about) == (incident_id, about)]
        return [*reversed(fresh), *kept]

    def of(self, incident_id: int, since: datetime, until: datetime) -> list[AuditRow]:
        """Return what was done to an incident in a stretch, oldest first."""
        return list(
            self._session.exec(
                select(AuditRow)
                .where(AuditRow.incident_id == incident_id)
                .where(col(AuditRow.at) >= since)
                .where(col(AuditRow.at) < until)
                .order_by(col(AuditRow.at), col(AuditRow.id))
            )
        )

    def newest(
        self, most: int, *, incident_id: int | None, since: datetime | None, by: str | None
    ) -> list[AuditRow]:
        """Return the newest rows, `most` of them, in the order they were written."""
        query = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(most)
        if incident_id is not None:
            query = query.where(AuditRow.incident_id == incident_id)
        if since is not None:
            query = query.where(col(AuditRow.at) >= since)
        if by is not None:
            query = query.where(AuditRow.by == by)
        return list(reversed(self._session.exec(query).all()))

    def _say_what_changed(self) -> None:
        """Give each change to the note about that thing, and what nobody spoke of to the last one."""
        if self._differences is None:
            return
        notes = {note.about: note for note in self._notes}
        for about, fields in self._differences.told(self._seal.blind).items():
            note = notes.get(about, self._notes[-1])
            note.changed = note.changed | {about: fields}


def sealed(note: AuditRow, head: Head, seal: Seal) -> tuple[tuple[Any, ...], Head]:
    """Return the values of the row that follows `head`, its seal the last of them, and the new head."""
    values = (
        head.last + 1, note.incident_id, note.by, note.did, note.about, as_kept(note.detail),
        as_kept(note.changed), to_micros(note.at), seal.own,
    )  # fmt: skip
    mark = seal.over(head.seal, as_sealed(values), seal.own)
    return (*values, mark), Head(head.era, head.last + 1, mark)


def plainly(detail: dict[str, Any], seal: Seal) -> dict[str, Any]:
    """Return a detail in which what is no plain word is a keyed hash."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        return value if not isinstance(value, str) or is_plain(value) else seal.blind(value)

    return {name: plain(value) for name, value in detail.items()}
