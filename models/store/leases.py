"""Leases within one transaction: taken, renewed, given back."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from models.columns import to_micros
from models.errors import FencedOut
from models.lease import LASTS, Lease, LeaseRow
from models.store import dialect

_FREE = """
INSERT INTO lease (job, holder, token, until) VALUES (?, ?, ?, ?) ON CONFLICT (job) DO NOTHING
"""


class Leases:
    """Leases within one transaction, which is durable: who works must be true for everybody."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, job: str, holder: str, now: datetime) -> LeaseRow:
        """
        Return the lease of a job: ours if it was free or ours already, else as somebody holds it.

        A free one gets a new token, which fences out whoever had it before. Tokens come from the
        clock, so that a database put back from a backup doesn't give out one a second time.
        """
        row = self._made(job, now)
        if row.holder == holder:
            row.until = now + LASTS
        elif row.until <= now:
            self._change(row, holder, now)
        self._session.flush()
        return row

    def take_over(self, job: str, holder: str, now: datetime, under: Lease | None = None) -> Lease:
        """
        Return the lease of a job, from now on ours whoever had it; it may stand `under` one that is ours.

        For whoever knows by other means that it is their turn: who had it is fenced out.
        """
        row = self._made(job, now)
        self._change(row, holder, now)
        self._session.flush()
        return Lease(job=job, token=row.token, under=under)

    def _made(self, job: str, now: datetime) -> LeaseRow:
        row = self._find(job)
        if row is None:
            # Two of us may be first at once.
            free = [(job, "", 0, to_micros(now))]
            dialect.many(self._session.connection(), _FREE, free)
            row = self._find(job)
        assert row is not None  # noqa: S101  it was put there
        return row

    def _change(self, row: LeaseRow, holder: str, now: datetime) -> None:
        row.holder, row.token = holder, max(row.token + 1, to_micros(now))
        row.until = now + LASTS

    def renew(self, lease: Lease, now: datetime) -> None:
        """Hold a lease longer, and the one it stands under; FencedOut if somebody has taken it over."""
        if lease.under is not None:
            self.renew(lease.under, now)
        row = self._find(lease.job)
        if row is None or row.token != lease.token:
            by = "" if row is None else f" ({row.holder})"
            message = f"another Amends{by} has taken over {lease.job}"
            raise FencedOut(message, "nothing is lost: it goes on there")
        row.until = max(row.until, now + LASTS)
        self._session.flush()

    def give_back(self, lease: Lease, now: datetime) -> None:
        """Let others have it at once; nothing happens if they have it already."""
        row = self._find(lease.job)
        if row is not None and row.token == lease.token:
            row.until = now
            self._session.flush()

    def _find(self, job: str) -> LeaseRow | None:
        return self._session.exec(
            select(LeaseRow).where(LeaseRow.job == job).with_for_update()
        ).first()
