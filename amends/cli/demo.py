"""`amends demo`: the recorded incident, played through the real corridor from a server of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

import amends
from amends.cli.board import PORT
from amends.cli.desk import Desk
from models.home import Secrets

if TYPE_CHECKING:
    from amends.incident_script import Script
    from amends.incident_server import IncidentServer
    from ingest.walk import Asker
    from models.store import Store

NAME = "discs-down"


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("demo")(demo)


def folder() -> Path:
    """Return where recorded incidents lie: inside the wheel, or beside the checkout's rooms."""
    package = Path(amends.__file__).parent
    inside = package / "incidents"
    return (inside if inside.is_dir() else package.parent / "fixtures" / "incidents") / NAME


def demo(context: typer.Context) -> None:
    """
    Play a recorded incident: collect, tag, alarms, digest. No keys and no network; it stays in the home.

    Example: amends --home /tmp/look demo
    """
    from amends.incident_script import read_script
    from amends.incident_server import IncidentServer
    from ingest.disk import Disk
    from ingest.guard import named
    from ingest.http import Web
    from ingest.places import Places
    from ingest.robots import Robots

    desk: Desk = context.obj
    script = read_script(folder())
    with desk.open_store() as store, IncidentServer(folder()) as server:
        secrets = Secrets({"X_BEARER_TOKEN": "the-demo-server-takes-any"})
        web = Web(secrets, desk.agent, private=named(server.url.removeprefix("http://")))
        disk = Disk()
        try:
            _play(desk, store, server, Places(Robots(web), disk))
        finally:
            web.close()
            disk.close()
        _finish(desk, store, script)
    _tell(desk, script)


def _play(desk: Desk, store: Store, server: IncidentServer, asker: Asker) -> None:
    """Listen to it round by round; what was done meanwhile is written down before each."""
    from itertools import repeat

    from amends import incident_play as play
    from amends.alarms.live import sound
    from amends.round import one_round
    from models.coverage import Span
    from models.day import local_day

    script, classifier = server.script, desk.classifier
    with store.begin() as tx:
        row, new = play.opened(tx, script, by=desk.me)
    since, heard, told = script.began, 0, set[str]()
    sources = play.unhurried(desk.sources)
    for at in play.moments(script):
        span = Span(since, at)
        server.play(at)
        with store.begin() as tx:
            if new:
                play.noted(tx, row, script, span)
            play.listened(tx, row, script, server.url, span)
        # The server has its hiccups, as real ones do; the next round goes on from there.
        report = one_round(store, row.id or 0, sources, asker, classifier, repeat(at).__next__)
        heard += report.new
        for line in sound(store, row, desk.alarm_rules, at):
            if line not in told:
                desk.say(line)
            told.add(line)
        if play.is_evening(at, script.tz):
            desk.say(f"{local_day(at, script.tz)}: {heard:,} new posts")
            heard = 0
        since = at


def _finish(desk: Desk, store: Store, script: Script) -> None:
    """
    Pause the watches, whose server goes away with the demo, and close the incident.

    Closed it is shown as it stood on its last day, not on the day somebody happens to look.
    """
    from amends import course

    with store.begin() as tx:
        row = tx.incidents.find(script.slug)
        for watch in tx.watches.of(row.id or 0):
            watch.paused_at = desk.now()
        course.closed(tx, row, by="the demo", now=script.plays_at)


def _tell(desk: Desk, script: Script) -> None:
    from amends import digest
    from amends.exported import note
    from amends.incident_play import days_of
    from models.day import day_window

    slug = script.slug
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(slug)
        posts = tx.views.count(row.id or 0)
        sources = tx.views.source_counts(row.id or 0)
        labels = tx.views.label_counts(row.id or 0)
        days = {day: day_window(day, script.tz) for day in days_of(script)}
        heard = {day: tx.days.tally(row.id or 0, span).volumes for day, span in days.items()}
        loudest = max(days, key=lambda day: sum(one.posts for one in heard[day]))
        facts = digest.snapshot(tx, row, loudest, script.plays_at, desk.labels, truth=desk.truth)
    page = desk.home.path / f"digest-{slug}-{loudest}.html"
    page.write_text(digest.as_html(digest.build(facts)), encoding="utf-8")
    note(desk.home, "digest", page, desk.now(), row.id)
    typer.echo(f"{posts:,} posts: " + ", ".join(f"{name} {n:,}" for name, n in sources.items()))
    typer.echo(
        "tags: " + ", ".join(f"{name} {labels.get(name, 0):,}" for name in desk.labels.main.names)
    )
    typer.echo(f"the digest of {loudest}, the loudest day, lies in {page}")
    desk.next(
        f"amends --home {desk.home.path} posts {slug} --label credit_request",
        "who asks for a credit",
    )
    board = f"amends --home {desk.home.path} board"
    desk.next(board, f"the same on the board: http://127.0.0.1:{PORT}/i/{slug}")
