"""A worker at work: job after job until it is told to stop, and whatever becomes of the database."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

import msgspec
import psycopg
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ProcrastinateException

from amends.workers.jobs import Hands, Jobs
from amends.workers.line import OUTPUTS, QUEUE, here, line
from amends.workers.tables import make_ready
from models.errors import StoreError
from models.store.sharing import words_of

WAIT = 5.0
"""Seconds to wait for a connection before the database counts as gone."""

AGAIN = 1.0
"""Seconds from one look whether the database is back to the next."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """
    How often a worker gives a sign of life, how long one without counts as there, and how often is looked.

    In seconds. What a killed worker had in hand goes on after `gone` and `tick` at the latest.
    """

    beat: float = 5.0
    gone: float = 20.0
    tick: int = 10
    poll: float = 2.0


class Worker:
    """Does jobs on behalf of one process, `jobs` at a time."""

    def __init__(
        self, hands: Hands, machine: str, jobs: int, *, outputs: bool, pace: Pace | None = None
    ) -> None:
        self._told = self._away = False
        self._hands = msgspec.structs.replace(hands, goes_on=lambda: not self._told)
        self._queues = [QUEUE, here(machine)] + [OUTPUTS] * outputs
        self._jobs, self._pace = jobs, pace or Pace()

    def run(self) -> None:
        """Go on until SIGTERM or Ctrl-C; then what is in hand is brought to an end, and at a second one not."""
        for name in ("procrastinate", "psycopg.pool"):
            # What matters of it is said in our own words.
            logging.getLogger(name).setLevel(logging.CRITICAL)
        make_ready(self._hands.store)
        asyncio.run(self._on_and_on())

    async def _on_and_on(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._unheard)
        working: asyncio.Task[None] | None = None

        def end(number: int) -> None:
            if self._told:
                # What was kept is kept, and what was in hand goes on elsewhere.
                os._exit(128 + number)
            self._told = True
            self._hands.say("ends with what is in hand; a second time ends it at once")
            if working is not None:
                working.cancel()

        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, end, one)
        while not self._told:
            working = asyncio.create_task(self._while_it_lasts())
            try:
                await working
            except asyncio.CancelledError:
                return
            except (StoreError, ProcrastinateException, psycopg.Error) as error:
                self._gone(error)
            await asyncio.sleep(AGAIN)

    async def _while_it_lasts(self) -> None:
        """Work for as long as the database is there."""
        await asyncio.to_thread(self._look)
        connector = PsycopgConnector(
            kwargs=words_of(self._hands.store.engine), min_size=1, max_size=self._jobs + 3,
            timeout=WAIT,
        )  # fmt: skip
        app = line(connector)
        Jobs(app, self._hands, self._pace.gone, self._pace.tick)
        async with app.open_async():
            if self._away:
                self._hands.say("the database is back; going on")
            self._away = False
            await app.run_worker_async(
                queues=self._queues, concurrency=self._jobs, delete_jobs="always",
                install_signal_handlers=False, fetch_job_polling_interval=self._pace.poll,
                update_heartbeat_interval=self._pace.beat, stalled_worker_timeout=self._pace.gone,
            )  # fmt: skip
        # Procrastinate ends by itself when it can't give a sign of life any more.
        message = "no connection"
        raise StoreError(message)

    def _look(self) -> None:
        with self._hands.store.read() as tx:
            tx.gauges.open_incidents()

    def _gone(self, error: Exception) -> None:
        if isinstance(error.__cause__, psycopg.errors.ForeignKeyViolation):
            self._hands.say("gave no sign of life and was taken for gone; begins anew")
        elif not self._away:
            said = error.message if isinstance(error, StoreError) else str(error.__cause__ or error)
            why = said.strip().split("\n")[0]
            self._hands.say(f"trouble: the database is gone ({why}); waiting until it is back")
            self._away = True

    def _unheard(self, _: Any, what: dict[str, Any]) -> None:
        error = what.get("exception")
        if isinstance(error, ProcrastinateException | psycopg.Error | StoreError):
            # The job is found by its worker's silence, and done again.
            return
        self._hands.say(f"trouble: {what.get('message')}: {error}")
