"""
The audit trail looked through from its first row to its last: whether anything was changed since.

What is proved: no row was changed, taken out, put in or moved, and none was cut off behind the newest
one that the home knows of. Rows of a home whose key isn't here are proved from when they were
restored, by the row that says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlmodel import Session

from models.audit import FIELDS, as_sealed
from models.columns import from_micros
from models.seal import Head, Seal
from models.store import dialect
from models.store.audit import RESTORED, Audit

TRAIL = "audit"
"""What a restore is about, in the trail."""

_JSON = frozenset(["detail", "changed"])
_COLUMNS = ", ".join(
    f'CAST("{name}" AS TEXT)' if name in _JSON else f'"{name}"' for name in (*FIELDS, "seal")
)
_ROWS = f"SELECT {_COLUMNS} FROM audit ORDER BY id"  # noqa: S608  (our own words)
_HEADS = "SELECT era, last, seal FROM audit_head ORDER BY id"
_REMEDY = (
    "keep a copy of the home as it is, and find out who can write the database; "
    "amends restore of a backup from before puts the trail right, and says so in it"
)


class Restore(NamedTuple):
    """A backup that was put back: when and by whom, from when it is, and which rows came after it."""

    at: datetime
    by: str
    made_at: str
    lost: int
    foreign: int


class Broken(NamedTuple):
    """The first place where the trail isn't what was written, what that means, what to do."""

    row: int
    what: str
    remedy: str = _REMEDY


class Proof(NamedTuple):
    """What came of it: rows looked at, the restores among them, and what is broken, if anything is."""

    rows: int
    restores: tuple[Restore, ...]
    broken: Broken | None
    head: Head
    known: Head | None


class _Walk:
    """The walk down the trail."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._all = hashlib.sha256()
        self._known = seal.known()
        self._is_met = self._known is None
        self.head = Head(0, 0, "")
        self.count = 0
        self.unproved = 0
        self.unproved_key = ""
        self.restores: list[Restore] = []

    def step(self, values: tuple[Any, ...]) -> Broken | None:
        """Take one row further; return what is wrong with it."""
        row = dict(zip((*FIELDS, "seal"), values, strict=True))
        number, said = row["id"], as_sealed(values[:-1])
        before = self._all.hexdigest()
        if row["key"] in self._seal.keys:
            if self._seal.over(self.head.seal, said, row["key"]) != row["seal"]:
                return self._off(number)
            if row["did"] == RESTORED and row["about"] == TRAIL:
                wrong = self._restored(number, row, before)
                if wrong:
                    return wrong
        elif not self.unproved:
            self.unproved, self.unproved_key = number, str(row["key"])
        self._all.update(_line(values))
        self.head, self.count = Head(self.head.era, number, row["seal"]), self.count + 1
        self._is_met = self._is_met or self._known == self.head
        return None

    def end(self, heads: list[Any]) -> Broken | None:
        """Return what is wrong at the end: rows that nothing here proves, or rows that were cut off."""
        if self.unproved:
            what = (
                f"from row {self.unproved} on rows are sealed with a key that isn't here "
                f"(“{self.unproved_key}”): they are another home's, or made up"
            )
            remedy = (
                "put that home's audit.key below the line in this home's; if it is lost, amends backup "
                "and amends restore --replace begin anew from what is there, and say so in the trail"
            )
            return Broken(self.unproved, what, remedy)
        if [Head(*one) for one in heads] != ([self.head] if self.count else []):
            what = "the last row isn't the one the database was left with: rows were cut off, or put behind"
            return Broken(self.head.last, what)
        if not self._is_met and self._known is not None:
            what = (
                f"this home knows of row {self._known.last}, which isn't there as it was: rows were cut "
                "off or written anew, or an older database was put in its place without amends restore"
            )
            return Broken(self.head.last, what)
        return None

    def _off(self, number: Any) -> Broken:
        last = self.head.last
        if isinstance(number, int) and number > last + 1:
            gone = f"row {last + 1}" if number == last + 2 else f"rows {last + 1} to {number - 1}"
            return Broken(number, f"before row {number}, {gone} were taken out")
        what = (
            f"row {number} isn't what was written after row {last}: it was changed, put in or moved"
        )
        return Broken(number, what)

    def _restored(self, number: int, row: dict[str, Any], before: str) -> Broken | None:
        """Take in that a backup was put back: all rows up to here are as they were then."""
        detail = json.loads(row["detail"])
        if (detail["digest"], detail["rows"]) != (before, self.count):
            what = f"rows before row {number} aren't those that were restored from a backup"
            return Broken(self.unproved or number, what)
        foreign, self.unproved = (self.count if self.unproved else 0), 0
        self.head = self.head._replace(era=detail["era"])
        # Rows that this home knew of and that the backup was too old for are where the restore says.
        known = detail["known"]
        self._is_met = self._is_met or (known is not None and Head(*known) == self._known)
        lost = max((known[1] if known else 0) - self.count, 0)
        at, by = from_micros(row["at"]), row["by"]
        self.restores.append(Restore(at, by, detail["made_at"], lost, foreign))
        return None


def prove(connection: Connection, seal: Seal) -> Proof:
    """Look through the whole trail: some 60,000 rows a second."""
    walk = _Walk(seal)
    broken = None
    with closing(_rows(connection)) as rows:
        for values in rows:
            broken = walk.step(values)
            if broken is not None:
                break
    if broken is None:
        broken = walk.end(dialect.rows(connection, _HEADS))
    return Proof(walk.count, tuple(walk.restores), broken, walk.head, seal.known())


def note_restore(
    session: Session, seal: Seal, *, by: str, made_at: datetime, now: datetime
) -> Head:
    """
    Write down, in a database that nobody else has open, that it is a backup of `made_at`; return the head.

    The row holds a digest of all rows before it, and the newest row that the home knew until then.
    """
    connection = session.connection()
    digest, count = hashlib.sha256(), 0
    for values in _rows(connection):
        digest.update(_line(values))
        count += 1
    known = seal.known()
    eras = [era for era, _, _ in dialect.rows(connection, _HEADS)]
    audit = Audit(session, seal)
    audit.note(RESTORED, TRAIL, by=by, now=now, detail={
        "digest": digest.hexdigest(), "rows": count, "made_at": made_at.isoformat(),
        "era": max([*eras, known.era if known else 0]) + 1, "known": known and list(known),
    })  # fmt: skip
    head = audit.put_in()
    if head is None:
        raise AssertionError
    return head


def _line(values: tuple[Any, ...]) -> bytes:
    return as_sealed(values[:-1]) + str(values[-1]).encode() + b"\n"


def _rows(connection: Connection) -> Generator[tuple[Any, ...], None, None]:
    options = {"stream_results": True, "max_row_buffer": dialect.BATCH}
    found = connection.exec_driver_sql(_ROWS, execution_options=options)
    try:
        yield from (tuple(row) for row in found)
    finally:
        found.close()
