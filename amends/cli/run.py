"""`amends run`: collect and tag, once or again and again."""

from __future__ import annotations

import os
import platform
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Self

import typer

from amends.cli.desk import Desk

if TYPE_CHECKING:
    from amends.round import Report
    from classify.classifier import Classifier
    from ingest.walk import Asker
    from models.incident import IncidentRow
    from models.lease import Lease
    from models.store import Store


SOON = 5.0
"""Seconds after which a database that refused is tried again at the latest."""


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("run")(run)


def run(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    once: Annotated[bool, typer.Option("--once", help="One round, then end (for cron).")] = False,
    every: Annotated[
        str, typer.Option(help="How long from one round to the next: 60s, 5m, 1h.")
    ] = "60s",
) -> None:
    """
    Collect from every watch that is due and tag what is new, until Ctrl-C.

    Example: amends run discs-late --every 60s
    """
    desk: Desk = context.obj
    pause = _seconds(every)
    classifier = desk.classifier
    with desk.open_store() as store, desk.open_asker() as asker, _Turn(desk, store) as turn:
        if not once:
            with suppress(KeyboardInterrupt):
                _on_and_on(desk, store, turn, incident, asker, classifier, pause)
            desk.say("stopped; what came in is kept")
            return
        row, report = _round(store, turn, incident, asker, classifier)
    desk.next(f"amends digest show {row.slug}", "the day on one sheet")
    if report is not None and report.failed:
        raise typer.Exit(1)


def _on_and_on(
    desk: Desk,
    store: Store,
    turn: _Turn,
    incident: str,
    asker: Asker,
    classifier: Classifier,
    pause: float,
) -> None:
    """Do round after round; a full disk or a database that restarts is no reason to stop for good."""
    from models.errors import FencedOut, StoreError

    while True:
        started, wait = time.monotonic(), pause
        try:
            _round(store, turn, incident, asker, classifier)
        except FencedOut:
            raise
        except StoreError as error:
            desk.say(f"trouble: {error.message}: {error.remedy}; trying again")
            wait = min(pause, SOON)
        time.sleep(max(wait - (time.monotonic() - started), 0.0))


def _round(
    store: Store, turn: _Turn, incident: str, asker: Asker, classifier: Classifier
) -> tuple[IncidentRow, Report | None]:
    """Do a round for an incident as it stands now; SetupError if there is nothing to listen to."""
    from models.errors import SetupError

    with store.read() as tx:
        row = tx.incidents.find(incident)
        watches = len(tx.watches.of(row.id or 0))
    if row.closed_at is not None:
        message = f"{row.slug} is closed"
        raise SetupError(message, f"amends incident reopen {row.slug}")
    if not watches:
        message = f"{row.slug} listens nowhere yet"
        raise SetupError(message, f"amends watch add {row.slug} SOURCE")
    return row, turn.round(row, asker, classifier)


class _Turn:
    """Whose turn it is to collect: ours, or another process's, for whom we stand by."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk, self._store = desk, store
        self._me = f"{platform.node()}, process {os.getpid()}"
        self._lease: Lease | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        from models.errors import StoreError

        if self._lease is not None:
            # With the database gone there is nothing to give back; the lease ends by itself.
            with suppress(StoreError), self._store.begin() as tx:
                tx.leases.give_back(self._lease, self._desk.now())

    def round(self, incident: IncidentRow, asker: Asker, classifier: Classifier) -> Report | None:
        """Do one round and tell of it; None if it isn't our turn."""
        from amends.round import one_round
        from models.lease import Lease

        desk = self._desk
        with self._store.begin() as tx:
            held = tx.leases.take(f"collecting for {incident.slug}", self._me, desk.now())
        if held.holder != self._me:
            desk.say(f"{held.holder} is {held.job}; standing by until {held.until:%H:%M:%S} UTC")
            return None
        self._lease = Lease(job=held.job, token=held.token)
        report = one_round(
            self._store, incident.id or 0, desk.sources, asker, classifier, desk.now, self._lease
        )
        _tell(desk, report)
        return report


def _seconds(text: str) -> float:
    from models.errors import SetupError

    found = re.fullmatch(r"(\d{1,6})\s*(s|m|h)?", text.strip())
    if not found or not int(found[1]):
        message = f"“{text}” is no length of time"
        raise SetupError(message, "write 60s, 5m or 1h")
    return int(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2] or "s"]


def _tell(desk: Desk, report: Report) -> None:
    for watch_id, heard in report.heard.items():
        line = f"watch {watch_id} {heard.source}: {heard.posts:,} posts, {heard.new:,} new"
        if heard.more_waits:
            line += "; more waits for the next round"
        desk.say(line)
        for note in heard.notes:
            desk.say(f"  {note}")
        if heard.trouble:
            desk.say(f"  trouble: {heard.trouble}")
    if report.untagged:
        desk.say(f"trouble: the classifier can't tag ({report.untagged}); posts are kept and wait")
    waiting = f", {report.waiting} waiting or paused" if report.waiting else ""
    desk.say(
        f"{desk.now():%H:%M:%S} UTC: {len(report.heard)} asked{waiting}, "
        f"{report.new:,} new posts, {report.tagged:,} looked at by the classifier"
    )
