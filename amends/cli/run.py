"""`amends run`: collect and tag, once or again and again."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk

if TYPE_CHECKING:
    from amends.round import Report


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
    from amends.round import one_round
    from models.errors import SetupError

    desk: Desk = context.obj
    pause = _seconds(every)
    classifier = desk.classifier
    with desk.open_store() as store, desk.open_asker() as asker:
        while True:
            started = time.monotonic()
            with store.read() as tx:
                row = tx.incidents.find(incident)
                watches = len(tx.watches.of(row.id or 0))
            if row.closed_at is not None:
                message = f"{row.slug} is closed"
                raise SetupError(message, f"amends incident reopen {row.slug}")
            if not watches:
                message = f"{row.slug} listens nowhere yet"
                raise SetupError(message, f"amends watch add {row.slug} SOURCE")
            report = one_round(store, row.id or 0, desk.sources, asker, classifier, desk.now)
            _tell(desk, report)
            if once:
                break
            time.sleep(max(pause - (time.monotonic() - started), 0.0))
    desk.next(f"amends digest show {row.slug}", "the day on one sheet")
    if report.failed:
        raise typer.Exit(1)


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
    waiting = f", {report.waiting} waiting or paused" if report.waiting else ""
    desk.say(
        f"{desk.now():%H:%M:%S} UTC: {len(report.heard)} asked{waiting}, "
        f"{report.new:,} new posts, {report.tagged:,} looked at by the classifier"
    )
