"""The line that jobs stand in: how one is put there, and how its end is marked whatever the database does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from ingest.collector import place_of
from models.errors import FencedOut, StoreError
from models.incident import Watch

QUEUE, OUTPUTS = "amends", "outputs"
"""Jobs that any worker may do, and those of workers whose home says where outputs are."""

FIRST = {"stalled": 9, "look": 8, "round": 7, "collect": 6, "outputs": 5, "alarms": 4, "upkeep": 3,
         "tag": 2, "backfill": 1}  # fmt: skip
"""Which jobs go first: what comes in now before what came in long ago."""

PATIENCE = 30
"""Seconds for which the end of a job is tried to be marked; a worker that can't counts as gone by then."""

SOON = 5
"""Seconds after which a job that the database broke off is tried again."""


class GoesOn(Exception):
    """A job isn't at its end; in so many seconds it goes on, wherever."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(f"goes on in {seconds:.0f} s")
        self.seconds = seconds


class Again(BaseRetryStrategy):
    """Goes on with a job that isn't at its end, and tries again what the database broke off."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        """Return when; None for what a person has to mend."""
        if isinstance(exception, GoesOn):
            return RetryDecision(retry_in={"seconds": round(exception.seconds)})
        broken = isinstance(exception, StoreError | ConnectorException)
        if broken and not isinstance(exception, FencedOut):
            return RetryDecision(retry_in={"seconds": SOON})
        return None


class Patient(JobManager):
    """
    Marks how a job ended also while the database restarts: half marked it would keep its lock.

    One that was taken for gone marks nothing: its job is another's by now, who may still be killed over it.
    """

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Mark a job as done."""
        finish = super().finish_job

        async def mark() -> None:
            if await self._is_theirs(job):
                await finish(job, status, delete_job)

        await _patiently(mark)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back into the line; where the same one stands already, that one will do."""
        retry, at = super().retry_job, retry_at or datetime.now(UTC)

        async def mark() -> None:
            if await self._is_theirs(job):
                await retry(job, at, priority, queue, lock)

        try:
            await _patiently(mark)
        except UniqueViolation:
            await self.finish_job(job, Status.FAILED, delete_job=True)

    async def _is_theirs(self, job: Job) -> bool:
        """Return whether a job is still in the hands of the worker that took it."""
        now = await self.list_jobs_async(id=job.id)
        return any(one.worker_id == job.worker_id for one in now)


async def _patiently(mark: Callable[[], Awaitable[None]]) -> None:
    for _ in range(PATIENCE):
        try:
            return await mark()
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.errors.RaiseException):
                # Taken for gone, somebody else has done it meanwhile.
                return None
            if not isinstance(error.__cause__, psycopg.OperationalError):
                raise
            await asyncio.sleep(1)
    return await mark()


def line(connector: BaseConnector) -> App:
    """Return the line of jobs in a database."""
    app = App(connector=connector)
    app.job_manager = Patient(connector)
    return app


def put(
    app: App, task: str, once: str, lock: str | None = None, queue: str = QUEUE, **args: Any
) -> None:
    """
    Put a job into the line, unless one of the same name `once` stands there already.

    Of jobs with the same `lock`, which is that name unless said otherwise, one is done at a time.
    """
    job = app.configure_task(
        f"amends.{task}", lock=lock or once, queueing_lock=once, queue=queue, priority=FIRST[task]
    )
    with suppress(AlreadyEnqueued):
        job.defer(**args)


def put_backfill(
    app: App, watch: Watch, machine: str, labels_by: str | None, now: datetime
) -> None:
    """Let workers bring a stretch of the past; a file is for those of the machine it lies on."""
    is_file = watch.source == "file"
    name = f"backfill {watch.id}"
    put(app, "backfill", name, name if is_file else place_of(watch), here(machine) if is_file else QUEUE,
        watch_id=watch.id, labels_by=labels_by, since=now.isoformat())  # fmt: skip


def here(machine: str) -> str:
    """Return the queue of jobs that only one machine can do."""
    return f"at {machine}"
