"""The jobs: each looks whose turn it is, and calls what `amends run` calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from amends.backfill import Sofar, Stretch, ours
from amends.backfill import bring as bring_stretch
from amends.outputs.dispatch import Dispatch
from amends.round import Report, bring, tag
from amends.rounds import UPKEEP, Besides, collecting, heard_lines, standing_by
from amends.workers.line import FIRST, OUTPUTS, QUEUE, Again, GoesOn, put
from classify.classifier import Classifier
from ingest.collector import by_place
from ingest.registry import find
from ingest.source import Source
from ingest.walk import Asker
from models.errors import AmendsError, FencedOut, SourceBusy
from models.incident import IncidentRow
from models.lease import Lease, me
from models.store import Store
from models.store.posts import Kept
from models.store.sharing import STRETCH

WORKERS = "a worker"
"""Who holds an incident's lease: all workers together, so that an `amends run` stands by."""

PIECE = 20.0
"""Seconds of a backfill in one job; then others have their turn, and it goes on."""

_TELLING = ("incident_id", "place", "stretch", "watch_id")

BUSY = 60.0
"""Seconds after which a backfill asks again if its source doesn't say when."""

REMINDED = 10 * 60.0
"""Seconds after which the same trouble is said again."""


class Hands(msgspec.Struct, kw_only=True):
    """What a worker works with: where to keep, whom to ask, who tags, and what time it is."""

    store: Store
    sources: Mapping[str, Source]
    asker: Asker
    classifier: Classifier
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    besides: Besides
    dispatch: Dispatch
    rejects: Path
    labels: frozenset[str]
    goes_on: Callable[[], bool] = lambda: True


class Jobs:
    """All jobs of a worker, known to an app."""

    def __init__(self, app: App, hands: Hands, gone: float, tick: int) -> None:
        self._app, self._hands, self._gone = app, hands, gone
        self._quiet: dict[str, float] = {}
        for each in (self.collect, self.tag, self.alarms, self.upkeep, self.outputs):
            app.task(name=f"amends.{each.__name__}")(self._told(each))
        app.task(name="amends.backfill", retry=Again())(self._told(self.backfill))
        # Without a lock: one whose worker was killed must not keep the next from finding it.
        often = f"* * * * * */{tick}"
        self._by_the_clock(self.stalled, often)
        self._by_the_clock(self._told(self.look), often)
        self._by_the_clock(self._told(self.round), "* * * * *")

    def _by_the_clock(self, work: Callable[..., Any], cron: str) -> None:
        name = work.__name__
        task = self._app.task(name=f"amends.{name}")(work)
        self._app.periodic(cron=cron, queue=QUEUE, queueing_lock=name, priority=FIRST[name])(task)

    async def stalled(self, timestamp: int) -> None:  # noqa: ARG002
        """Put back into the line what workers that are gone had in hand."""
        jobs = self._app.job_manager
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=self._gone):
            self._hands.say(f"a worker is gone; what it had in hand goes on: {_named(job)}")
            await jobs.retry_job(job)

    def round(self, timestamp: int) -> None:  # noqa: ARG002
        """Begin a round: put into the line what is due for every open incident."""
        hands = self._hands
        with hands.store.read() as tx:
            listens = [row for row in tx.gauges.open_incidents() if tx.watches.of(row.id or 0)]
        for row in listens:
            if self._turn(row) is None:
                continue
            key = row.id or 0
            with hands.store.read() as tx:
                due = tx.watches.due(key, hands.clock())
            for place in by_place(due):
                put(self._app, "collect", f"collect {key} {place}", place, incident_id=key, place=place)  # fmt: skip
            put(self._app, "alarms", f"alarms {key}", incident_id=key)
        put(self._app, "upkeep", "upkeep", "upkeep")

    def look(self, timestamp: int) -> None:  # noqa: ARG002
        """Put into the line what waits: posts to be tagged, and outputs."""
        with self._hands.store.read() as tx:
            waiting = tx.posts.stretches()
        jobs = self._app.job_manager.list_jobs(task="amends.tag", status="todo")
        standing = {job.task_kwargs["stretch"] for job in jobs}
        for stretch in waiting:
            if stretch not in standing:
                self._tag_soon(stretch)
        put(self._app, "outputs", "outputs", queue=OUTPUTS)

    def collect(self, incident_id: int, place: str) -> None:
        """Collect for an incident from the watches that ask the same place, as far as they are due."""
        hands = self._hands
        row = self._open(incident_id)
        lease = None if row is None else self._turn(row, place)
        if row is None or lease is None:
            return
        with hands.store.read() as tx:
            due = by_place(tx.watches.due(incident_id, hands.clock())).get(place, [])
        report = Report()
        for kept in bring(
            report, hands.store, due, hands.sources, hands.asker, hands.clock, lease, hands.goes_on
        ):
            self._soon(kept)
        for said in heard_lines(report):
            hands.say(said)
        put(self._app, "alarms", f"alarms {incident_id}", incident_id=incident_id)

    def tag(self, stretch: int) -> None:
        """Tag what waits in a stretch of posts."""
        report, hands = Report(), self._hands
        tag(report, hands.store, hands.classifier, hands.clock, stretch)
        if report.tagged:
            hands.say(f"{report.tagged:,} posts looked at by the classifier (stretch {stretch})")
        for said in heard_lines(report):
            self._complain(said)

    def alarms(self, incident_id: int) -> None:
        """Bring an incident's alarms up to now."""
        row = self._open(incident_id)
        lease = None if row is None else self._turn(row)
        if row is not None and lease is not None:
            self._hands.besides.ring(row, lease)

    def upkeep(self) -> None:
        """Let go what is due to go, whichever incident it is of."""
        with self._hands.store.begin() as tx:
            held = tx.leases.take(UPKEEP, WORKERS, self._hands.clock())
        if held.holder == WORKERS:
            self._hands.besides.keep_up(self._hands.asker)

    def outputs(self) -> None:
        """Make digests that are due, and send what waits in the outbox."""
        self._hands.dispatch.once()

    def backfill(self, watch_id: int, labels_by: str | None, since: str) -> None:
        """Bring a piece of a stretch of the past; what it brought is tagged by whoever is free."""
        hands = self._hands
        with hands.store.read() as tx:
            row = tx.watches.get(watch_id)
        begun = datetime.fromisoformat(since)
        if row.chain is None and row.asked_at is not None and row.asked_at >= begun:
            # All was kept by one that was killed before it could say so.
            return
        watch = row.as_watch()
        lease = ours(hands.store, watch, hands.clock())
        stretch = Stretch(
            store=hands.store, source=find(hands.sources, row.source), asker=hands.asker,
            classifier=hands.classifier, clock=hands.clock, sleep=time.sleep, rejects=hands.rejects,
            labels=hands.labels, labels_by=labels_by, large=None,
        )  # fmt: skip
        sofar, until = Sofar(), time.monotonic() + PIECE
        try:
            for kept in bring_stretch(
                stretch, watch, sofar, lease,
                lambda: hands.goes_on() and time.monotonic() < until,
            ):  # fmt: skip
                self._soon(kept)
        except SourceBusy as error:
            hands.say(f"{watch.aim}: {error.message}; it is asked again")
            raise GoesOn(error.retry_after or BUSY) from error
        for note in sofar.notes:
            hands.say(f"  {note}")
        hands.say(f"{watch.aim}: {sofar.posts:,} posts, {sofar.new:,} new, {sofar.rejected:,} rejected"
                  + ("; more is to come" if sofar.more else "; that is all"))  # fmt: skip
        if sofar.more:
            raise GoesOn(sofar.wait)

    def _soon(self, kept: Kept) -> None:
        for stretch in sorted({post_id // STRETCH for post_id in kept.ids.values()}):
            self._tag_soon(stretch)

    def _tag_soon(self, stretch: int) -> None:
        put(self._app, "tag", f"tag {stretch}", stretch=stretch)

    def _open(self, incident_id: int) -> IncidentRow | None:
        with self._hands.store.read() as tx:
            row = tx.incidents.find(str(incident_id))
        return row if row.closed_at is None else None

    def _turn(self, incident: IncidentRow, place: str | None = None) -> Lease | None:
        """Return the workers' lease of an incident, at a place ours alone; None if somebody else has it."""
        hands, job = self._hands, collecting(incident)
        with hands.store.begin() as tx:
            held = tx.leases.take(job, WORKERS, hands.clock())
            if held.holder == WORKERS:
                ours = Lease(job=job, token=held.token)
                if place is None:
                    return ours
                # The job's lock says that it is our turn; who had it before may only have slept.
                return tx.leases.take_over(f"{job} at {place}", me(), hands.clock(), ours)
        hands.say(standing_by(held))
        return None

    def _complain(self, said: str) -> None:
        """Say what goes wrong; while the same goes wrong in job after job, now and then."""
        now = time.monotonic()
        self._quiet = {one: until for one, until in self._quiet.items() if until > now}
        if said not in self._quiet:
            self._quiet[said] = now + REMINDED
            self._hands.say(said)

    def _told(self, work: Callable[..., None]) -> Callable[..., None]:
        """Return the work, but what goes wrong in it is said as people read it."""

        @wraps(work)
        def run(**args: Any) -> None:
            try:
                work(**args)
            except GoesOn:
                raise
            except FencedOut as error:
                self._hands.say(error.message)
            except ConnectorException as error:
                why = str(error.__cause__).strip().split("\n")[0]
                self._complain(f"trouble: the database refused: {why}; trying again")
                raise
            except AmendsError as error:
                self._complain(f"trouble: {error.message}: {error.remedy}")
                raise
            except Exception as error:
                self._complain(f"trouble: {type(error).__name__}: {error}")
                raise

        return run


def _named(job: Job) -> str:
    task = job.task_name.removeprefix("amends.")
    said = (f"{name} {value}" for name, value in job.task_kwargs.items() if name in _TELLING)
    return f"{task} {', '.join(said)}".rstrip()
