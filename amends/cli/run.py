"""`amends run`: collect and tag, once or again and again."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk

if TYPE_CHECKING:
    from amends.round import Report
    from amends.rounds import Turn
    from classify.classifier import Classifier
    from ingest.walk import Asker
    from models.incident import IncidentRow
    from models.store import Store


LIMIT = 5.0
"""Seconds in which what is being sent may still get away when we are told to stop."""

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
    Collect from every watch that is due and tag what is new, until Ctrl-C; send digests that are due.

    Example: amends run discs-late --every 60s
    """
    from amends.rounds import Turn

    desk: Desk = context.obj
    pause = seconds(every)
    classifier = desk.classifier
    with (
        desk.open_store() as store,
        desk.open_asker() as asker,
        Turn(store, desk.sources, desk.now, desk.say, desk.alarm_rules, desk.upkeep(store)) as turn,
    ):
        dispatch = desk.dispatch(store)
        if not once:
            sending = dispatch.start()
            with suppress(KeyboardInterrupt):
                _on_and_on(desk, store, turn, incident, asker, classifier, pause)
            dispatch.stop.set()
            # What is being handed over just now would otherwise go out twice.
            sending.join(LIMIT)
            desk.say("stopped; what came in is kept")
            return
        try:
            row, report = _round(store, turn, incident, asker, classifier)
        finally:
            # Also of an incident that is closed: its last digest is due the morning after.
            dispatch.once()
    desk.next(f"amends digest show {row.slug}", "the day on one sheet")
    if report is not None and report.failed:
        raise typer.Exit(1)


def _on_and_on(
    desk: Desk,
    store: Store,
    turn: Turn,
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
    store: Store, turn: Turn, incident: str, asker: Asker, classifier: Classifier
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
    report = turn.round(row, asker, classifier)
    turn.keep_up(asker)
    return row, report


def seconds(text: str) -> float:
    """Return the seconds meant by 60s, 5m or 1h."""
    from models.errors import SetupError

    found = re.fullmatch(r"(\d{1,6})\s*(s|m|h)?", text.strip())
    if not found or not int(found[1]):
        message = f"“{text}” is no length of time"
        raise SetupError(message, "write 60s, 5m or 1h")
    return int(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2] or "s"]
