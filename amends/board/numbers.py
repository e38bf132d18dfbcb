"""
The numbers of an incident's page, kept for a moment for all who look.

Nothing is read again while nothing has happened; where reading takes long, a little longer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock, Thread
from time import monotonic

import msgspec
from fastapi import Request

from amends.board.place import Place
from amends.pulse.numbers import Numbers, numbers
from models.errors import AmendsError
from models.incident import IncidentRow
from models.store import Transaction
from models.store.changes import Moment

SLOW, PATIENCE, LONGEST = 0.25, 20, 15.0
"""What takes so many seconds to read is good for so many times as long, but never for longer than that."""

OLDEST = timedelta(minutes=1)
"""How old numbers may be that are shown while newer ones are read."""

_LOG = logging.getLogger(__name__)


class _Mark(msgspec.Struct, frozen=True):
    """What tells that nothing has happened: as long as it is the same, so are the numbers."""

    moment: Moment
    minute: datetime
    unseen: int
    closed_at: datetime | None
    labels: tuple[str, ...]


class _Kept(msgspec.Struct):
    lock: Lock
    limit: float
    mark: _Mark | None = None
    numbers: Numbers | None = None
    read_at: datetime | None = None
    until: float = 0.0
    slow: bool = False


class Memory:
    """
    Numbers by incident, as last read. Whoever comes while they are read for the first time waits.

    Where that takes long, they are read anew behind the back of who looks, who is shown those of at most
    a minute ago and told so.
    """

    def __init__(self, slow: float = SLOW) -> None:
        self._lock, self._slow = Lock(), slow
        self._kept: dict[int, _Kept] = {}

    def of(self, place: Place, tx: Transaction, incident: IncidentRow, now: datetime) -> Numbers:
        """Return an incident's numbers, read anew if anything has happened."""
        with self._lock:
            kept = self._kept.setdefault(incident.id or 0, _Kept(Lock(), self._slow))
        found = kept.numbers
        if found is not None and _good(kept, incident, now):
            if monotonic() >= kept.until and kept.lock.acquire(blocking=False):
                Thread(target=_behind, args=(place, incident.slug, kept), daemon=True).start()
            return found
        with kept.lock:
            if kept.numbers is not None and _good(kept, incident, now):
                # Somebody else has read them while we waited.
                return kept.numbers
            return _read(kept, tx, incident, place.labels.main.names, now)


def _good(kept: _Kept, incident: IncidentRow, now: datetime) -> bool:
    """Return whether numbers that take long to read may still be shown."""
    if kept.mark is None or kept.read_at is None or not kept.slow:
        return False
    return kept.mark.closed_at == incident.closed_at and now - kept.read_at <= OLDEST


def _behind(place: Place, slug: str, kept: _Kept) -> None:
    try:
        with place.store.read() as tx:
            _read(kept, tx, tx.incidents.find(slug), place.labels.main.names, place.now())
    except AmendsError as error:
        # Whoever comes next reads them, and is told what is wrong.
        kept.slow = False
        _LOG.warning("the numbers of %s can't be read: %s", slug, error)
    finally:
        kept.lock.release()


def _read(
    kept: _Kept, tx: Transaction, incident: IncidentRow, labels: Sequence[str], now: datetime
) -> Numbers:
    begun, key = monotonic(), incident.id or 0
    mark = _Mark(
        tx.happenings.moment(key), now.replace(second=0, microsecond=0),
        tx.pulse.unseen(key), incident.closed_at, tuple(labels),
    )  # fmt: skip
    if kept.numbers is None or kept.mark != mark:
        kept.numbers, kept.mark = numbers(tx, incident, labels, now), mark
        took = monotonic() - begun
        kept.slow = took > kept.limit
        kept.until = monotonic() + min(took * PATIENCE, LONGEST) if kept.slow else 0.0
    kept.read_at = now
    return kept.numbers


def memory_of(request: Request) -> Memory:
    """Return the memory of an application."""
    state = request.app.state
    if not hasattr(state, "numbers"):
        state.numbers = Memory()
    found: Memory = state.numbers
    return found
