"""Monitors within one transaction: who may call, and by which secret."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.errors import SetupError
from models.incident import zone
from models.monitor import MonitorRow
from models.post import LONGEST_NAME, clean
from models.store.people import digest_of

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Monitors:
    """Monitors within one transaction, which is durable."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        name: str,
        kind: str,
        *,
        company: str,
        tz: str,
        terms: Sequence[str],
        watches: Sequence[str],
        settings: Mapping[str, str],
        now: datetime,
    ) -> tuple[MonitorRow, str]:
        """Return a new monitor and the secret for its address, which is kept nowhere."""
        if not _NAME.fullmatch(name):
            message = f"“{name[:60]}” is no name for a monitor"
            raise SetupError(message, "use up to 40 lower-case letters, digits and hyphens")
        if self._find(name) is not None:
            message = f"there is a monitor {name} already"
            raise SetupError(message, "amends monitor list shows them; names are used once")
        company = " ".join(clean(company, LONGEST_NAME).split())
        if not company:
            message = "the company is empty"
            raise SetupError(message, "say whose service it watches: --company NAME")
        zone(tz)
        secret = secrets.token_urlsafe(24)
        row = MonitorRow(name=name, kind=kind, company=company, tz=tz, terms=list(terms),
                         watches=list(watches), settings=dict(settings), digest=digest_of(secret),
                         created_at=now)  # fmt: skip
        self._session.add(row)
        self._session.flush()
        return row, secret

    def every(self) -> list[MonitorRow]:
        """Return all that may call, by name."""
        query = select(MonitorRow).where(col(MonitorRow.removed_at).is_(None))
        return list(self._session.exec(query.order_by(MonitorRow.name)))

    def named(self, name: str) -> MonitorRow:
        """Return the monitor of that name; SetupError if there is none that may call."""
        row = self._find(name)
        if row is None or row.removed_at is not None:
            message = f"there is no monitor {name[:60]}"
            raise SetupError(message, "amends monitor list shows them")
        return row

    def caller(self, name: str) -> MonitorRow | None:
        """Return the monitor that calls under a name; None if there is none, or not any more."""
        row = self._find(name)
        return None if row is None or row.removed_at is not None else row

    def remove(self, name: str, now: datetime) -> MonitorRow:
        """Let a monitor call no more; what it told us stays."""
        row = self.named(name)
        row.removed_at = now
        self._session.flush()
        return row

    def _find(self, name: str) -> MonitorRow | None:
        return self._session.exec(select(MonitorRow).where(MonitorRow.name == name)).first()


def fits(row: MonitorRow, secret: str) -> bool:
    """Return whether a secret is the one of a monitor's address, in the same time whatever it is."""
    return hmac.compare_digest(digest_of(secret), row.digest)
