"""Rounds again and again: whose turn it is to collect, and all open incidents until told to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from typing import Self

from amends.alarms.rules import Rules
from amends.round import Report, one_round
from amends.upkeep import Upkeep
from classify.classifier import Classifier
from ingest.source import Source
from ingest.walk import Asker
from models.errors import AmendsError, FencedOut, StoreError
from models.incident import IncidentRow
from models.lease import Lease, LeaseRow, me
from models.store import Store

UPKEEP = "keeping up"
"""Under which name the turn to let go what is due is held."""


def collecting(incident: IncidentRow) -> str:
    """Return the job of which there is one lease for each incident."""
    return f"collecting for {incident.slug}"


class Turn:
    """Whose turn it is to collect: ours, or another process's, for whom we stand by."""

    def __init__(
        self,
        store: Store,
        sources: Mapping[str, Source],
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        rules: Rules | None = None,
        upkeep: Upkeep | None = None,
    ) -> None:
        self._store, self._sources, self._clock, self._say = store, sources, clock, say
        self._besides, self._keeps_up = Besides(store, clock, say, rules, upkeep), bool(upkeep)
        self._me = me()
        self._leases: dict[str, Lease] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()

    def give_back(self) -> None:
        """Let others collect at once."""
        # With the database gone there is nothing to give back; a lease ends by itself.
        with suppress(StoreError):
            while self._leases:
                _, lease = self._leases.popitem()
                with self._store.begin(patience=500) as tx:
                    tx.leases.give_back(lease, self._clock())

    def round(
        self,
        incident: IncidentRow,
        asker: Asker,
        classifier: Classifier,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> Report | None:
        """Do one round and tell of it; None if it isn't our turn."""
        job = collecting(incident)
        with self._store.begin() as tx:
            held = tx.leases.take(job, self._me, self._clock())
        if held.holder != self._me:
            self._say(standing_by(held))
            return None
        lease = self._leases[job] = Lease(job=held.job, token=held.token)
        report = one_round(
            self._store, incident.id or 0, self._sources, asker, classifier, self._clock, lease,
            goes_on,
        )  # fmt: skip
        for line in told(report, self._clock()):
            self._say(line)
        self._besides.ring(incident, lease)
        return report

    def keep_up(self, asker: Asker) -> None:
        """Let go what is due, whichever incident it is of, where no other process does so."""
        if not self._keeps_up:
            return
        with self._store.begin() as tx:
            held = tx.leases.take(UPKEEP, self._me, self._clock())
        if held.holder == self._me:
            self._leases[UPKEEP] = Lease(job=held.job, token=held.token)
            self._besides.keep_up(asker)


class Besides:
    """What is done beside collecting: alarms for an incident, and what is due to go."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        rules: Rules | None = None,
        upkeep: Upkeep | None = None,
    ) -> None:
        self._store, self._clock, self._say = store, clock, say
        self._rules, self._upkeep = rules, upkeep

    def keep_up(self, asker: Asker) -> None:
        """Let go what is due; where that breaks, listening must go on all the same."""
        if self._upkeep is None:
            return
        try:
            for line in self._upkeep.round(asker):
                self._say(line)
            if self._rules is not None:
                # numpy takes its time to import, and a round that isn't ours needs none.
                from amends.alarms.late import late_elsewhere

                for line in late_elsewhere(self._store, self._upkeep.ages, self._clock()):
                    self._say(line)
        except (FencedOut, StoreError):
            raise
        except Exception as error:  # noqa: BLE001  it is tried again in the next round
            self._say(f"trouble: what is due to go can't ({type(error).__name__}: {error})")

    def ring(self, incident: IncidentRow, lease: Lease) -> None:
        """Bring alarms up to now; where that breaks, listening must go on all the same."""
        if self._rules is None:
            return
        try:
            # numpy takes its time to import, and a round that isn't ours needs none.
            from amends.alarms.live import sound

            ages = {} if self._upkeep is None else self._upkeep.ages
            for line in sound(self._store, incident, self._rules, self._clock(), lease, ages=ages):
                self._say(line)
        except (FencedOut, StoreError):
            raise
        except Exception as error:  # noqa: BLE001  whatever breaks in it, the posts are kept
            self._say(f"trouble: alarms can't be worked out ({type(error).__name__}: {error})")


class Rounds:
    """Rounds for all open incidents, `pause` seconds from one to the next, until `stop` is set."""

    def __init__(
        self,
        store: Store,
        turn: Turn,
        open_asker: Callable[[], AbstractContextManager[Asker]],
        classifier: Callable[[], Classifier],
        say: Callable[[str], None],
        pause: float,
    ) -> None:
        self._store, self._turn, self._say, self._pause = store, turn, say, pause
        self._open_asker, self._classifier = open_asker, classifier
        self.stop = threading.Event()

    def run(self) -> None:
        """Go on until told to stop; whatever breaks in a round, the next one tries again."""
        while not self.stop.is_set():
            started = time.monotonic()
            try:
                with self._open_asker() as asker:
                    self._all(asker, self._classifier())
            except AmendsError as error:
                self._say(f"trouble: {error.message}: {error.remedy}; trying again")
            except Exception as error:  # noqa: BLE001  the board stays up, and says who is blind
                self._say(f"trouble: {type(error).__name__}: {error}; trying again")
            self.stop.wait(max(self._pause - (time.monotonic() - started), 1.0))

    def _all(self, asker: Asker, classifier: Classifier) -> None:
        with self._store.read() as tx:
            listens = [row for row in tx.gauges.open_incidents() if tx.watches.of(row.id or 0)]
        for row in listens:
            if self.stop.is_set():
                return
            try:
                self._turn.round(row, asker, classifier, lambda: not self.stop.is_set())
            except FencedOut as error:
                self._say(f"{row.slug}: {error.message}")
        if not self.stop.is_set():
            self._turn.keep_up(asker)


def standing_by(held: LeaseRow) -> str:
    """Say who has a lease that isn't ours, and until when."""
    return f"{held.holder} is {held.job}; standing by until {held.until:%H:%M:%S} UTC"


def told(report: Report, now: datetime) -> Iterator[str]:
    """Yield what a round brought, line by line."""
    yield from heard_lines(report)
    waiting = f", {report.waiting} waiting or paused" if report.waiting else ""
    yield (
        f"{now:%H:%M:%S} UTC: {len(report.heard)} asked{waiting}, "
        f"{report.new:,} new posts, {report.tagged:,} looked at by the classifier"
    )


def heard_lines(report: Report) -> Iterator[str]:
    """Yield what each watch brought, and why nothing could be tagged."""
    for watch_id, heard in report.heard.items():
        line = f"watch {watch_id} {heard.source}: {heard.posts:,} posts, {heard.new:,} new"
        yield line + ("; more waits for the next round" if heard.more_waits else "")
        yield from (f"  {note}" for note in heard.notes)
        if heard.trouble:
            yield f"  trouble: {heard.trouble}"
    if report.untagged:
        yield f"trouble: the classifier can't tag ({report.untagged}); posts are kept and wait"
