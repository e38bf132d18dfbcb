"""Leases within one transaction: taken, renewed, given back."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from models.columns import to_micros
from models.errors import FencedOut
from models.lease import LASTS, Lease, LeaseRow


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
        row = self._find(job)
        token = to_micros(now)
        if row is None:
            row = LeaseRow(job=job, holder=holder, token=token, until=now + LASTS)
            self._session.add(row)
        elif row.holder == holder:
            row.until = now + LASTS
        elif row.until <= now:
            row.holder, row.token, row.until = holder, max(row.token + 1, token), now + LASTS
        self._session.flush()
        return row

    def renew(self, lease: Lease, now: datetime) -> None:
        """Hold a lease longer; FencedOut if somebody has taken it over."""
        row = self._find(lease.job)
        if row is None or row.token != lease.token:
            by = "" if row is None else f" ({row.holder})"
            message = f"another Amends{by} has taken over {lease.job} while this one slept"
            raise FencedOut(message, "nothing is lost: it goes on there; stop this one")
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
