"""
The themes of a day, found behind the back of who looks, and kept for all.

Finding them takes seconds in a busy day. A page that wants them waits a moment and no longer; until they
are found it says so, and later it shows those found last while newer ones are looked for.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from datetime import date, datetime, timedelta
from threading import Event, Lock, Thread
from time import monotonic

import msgspec
from fastapi import Request

from amends.board.place import Place
from amends.pulse.themes import Themes, themes_of
from amends.truth.symptoms import Symptoms, symptoms
from models.day import day_window
from models.errors import AmendsError
from models.incident import IncidentRow
from models.store.changes import Moment

MOMENT = 0.25
"""Seconds for which a page waits."""

LONGEST = 60.0
"""Seconds for which somebody waits who asks for nothing else."""

FRESH, PATIENCE = timedelta(minutes=1), 20
"""Themes are looked for anew after a minute, or after so many times as long as it took, if something happened."""

MOST = 32
"""Days that are kept."""

_LOG = logging.getLogger(__name__)


class _Kept(msgspec.Struct):
    found: Themes | None = None
    failing: Symptoms = Symptoms()
    read_at: datetime | None = None
    mark: tuple[Moment, datetime] | None = None
    until: float = 0.0
    wanted: Event | None = None


class Memory:
    """Themes by incident and day, as last found. One day is looked at by one thread at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, date], _Kept] = OrderedDict()

    def of(self, place: Place, row: IncidentRow, day: date, patience: float = MOMENT) -> Themes:
        """Return the themes of a day; not `ready` if that takes longer than `patience` in seconds."""
        key, now = (row.id or 0, day), place.now()
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
            wanted = kept.wanted
            if wanted is None and not _fresh(kept, now):
                wanted = kept.wanted = Event()
                Thread(target=self._find, args=(place, row.slug, day, kept), daemon=True).start()
        if wanted is not None and (kept.found is None or patience > MOMENT):
            wanted.wait(patience)
        return kept.found or Themes(ready=False)

    def failing(self, row: IncidentRow, day: date) -> Symptoms:
        """Return what fails on a day, as it was last looked for together with its themes."""
        with self._lock:
            kept = self._kept.get((row.id or 0, day))
        return kept.failing if kept else Symptoms()

    def _find(self, place: Place, slug: str, day: date, kept: _Kept) -> None:
        begun, now = monotonic(), place.now()
        try:
            with place.store.read() as tx:
                row = tx.incidents.find(slug)
                # Themes are found anew on the quarters of an hour, whether or not somebody has spoken.
                quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
                mark = tx.happenings.moment(row.id or 0), quarter
                if kept.mark != mark:
                    window = day_window(day, row.tz)
                    kept.failing = symptoms(tx, row, place.truth, now, window)
                    kept.found = themes_of(tx, row, window, now)
                    kept.mark = mark
        except AmendsError as error:
            _LOG.warning("the themes of %s can't be found: %s", slug, error)
        finally:
            with self._lock:
                kept.read_at = now
                kept.until = monotonic() + PATIENCE * (monotonic() - begun)
                wanted, kept.wanted = kept.wanted, None
            if wanted is not None:
                wanted.set()


def _fresh(kept: _Kept, now: datetime) -> bool:
    young = kept.read_at is not None and abs(now - kept.read_at) < FRESH
    return kept.found is not None and (young or monotonic() < kept.until)


def memory_of(request: Request) -> Memory:
    """Return the memory of an application."""
    state = request.app.state
    if not hasattr(state, "themes"):
        state.themes = Memory()
    found: Memory = state.themes
    return found
