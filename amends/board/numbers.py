"""
The numbers of an incident's page, kept for a moment for all who look.

Nothing is read again while nothing has happened; where reading takes long, a little longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from time import monotonic

import msgspec
from fastapi import Request

from amends.pulse.numbers import Numbers, numbers
from models.incident import IncidentRow
from models.store import Transaction
from models.store.changes import Moment

SLOW, PATIENCE, LONGEST = 0.25, 20, 15.0
"""What takes so many seconds to read is good for so many times as long, but never for longer than that."""


class _Mark(msgspec.Struct, frozen=True):
    """What tells that nothing has happened: as long as it is the same, so are the numbers."""

    moment: Moment
    minute: datetime
    unseen: int
    closed_at: datetime | None
    labels: tuple[str, ...]


class _Kept(msgspec.Struct):
    lock: Lock
    mark: _Mark | None = None
    numbers: Numbers | None = None
    until: float = 0.0


class Memory:
    """Numbers by incident, as last read. Whoever comes while they are read waits for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[int, _Kept] = {}

    def of(
        self, tx: Transaction, incident: IncidentRow, labels: Sequence[str], now: datetime
    ) -> Numbers:
        """Return an incident's numbers, read anew if anything has happened."""
        key = incident.id or 0
        mark = _Mark(
            tx.happenings.moment(key), now.replace(second=0, microsecond=0),
            tx.pulse.unseen(key), incident.closed_at, tuple(labels),
        )  # fmt: skip
        with self._lock:
            kept = self._kept.setdefault(key, _Kept(Lock()))
        with kept.lock:
            same = kept.mark == mark or monotonic() < kept.until
            if kept.numbers is None or not same:
                begun = monotonic()
                kept.numbers, kept.mark = numbers(tx, incident, labels, now), mark
                took = monotonic() - begun
                kept.until = monotonic() + min(took * PATIENCE, LONGEST) if took > SLOW else 0.0
            return kept.numbers


def memory_of(request: Request) -> Memory:
    """Return the memory of an application."""
    state = request.app.state
    if not hasattr(state, "numbers"):
        state.numbers = Memory()
    found: Memory = state.numbers
    return found
