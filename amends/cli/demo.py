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
    Play a recorded incident: collect, tag, digest. No keys and no network; it stays in the home.

    Example: amends --home /tmp/look demo
    """
    from amends.incident_script import read_script
    from amends.incident_server import IncidentServer
    from amends.round import one_round
    from ingest.disk import Disk
    from ingest.guard import named
    from ingest.http import Web
    from ingest.places import Places
    from ingest.robots import Robots

    desk: Desk = context.obj
    script = read_script(folder())
    classifier = desk.classifier
    with desk.open_store() as store, IncidentServer(folder()) as server:
        incident_id, slug = _opened(desk, store, script, server.url)
        secrets = Secrets({"X_BEARER_TOKEN": "the-demo-server-takes-any"})
        web = Web(secrets, desk.agent, private=named(server.url.removeprefix("http://")))
        disk = Disk()
        try:
            for _ in range(2):
                # The server has its hiccups, as real ones do; the next round goes on from there.
                report = one_round(
                    store, incident_id, desk.sources, Places(Robots(web), disk), classifier,
                    lambda: script.plays_at,
                )  # fmt: skip
                for heard in report.heard.values():
                    desk.say(f"{heard.source}: {heard.posts:,} posts, {heard.new:,} new")
        finally:
            web.close()
            disk.close()
        _finish(desk, store, slug, script)
    _tell(desk, slug, script)


def _opened(desk: Desk, store: Store, script: Script, url: str) -> tuple[int, str]:
    """Open the incident with its watches and acts; a second demo plays the same one again."""
    from amends import course
    from models.campaign import ActRow
    from models.incident import IncidentRow, WatchRow

    now = script.plays_at
    with store.begin() as tx:
        row = next((one for one in tx.incidents.every() if one.slug == script.slug), None)
        if row is None:
            row = tx.incidents.add(IncidentRow(
                slug=script.slug, title=script.title, company=script.company, tz=script.tz,
                terms=list(script.terms), began=script.began, opened_at=script.began,
            ))  # fmt: skip
            for act in script.acts:
                tx.acts.add(ActRow(
                    incident_id=row.id or 0, kind=act.kind, text=act.text, url=act.url, by=act.by,
                    at=act.at, recorded_at=now,
                ))  # fmt: skip
        course.reopened(tx, row, by="the demo", now=now)
        for old in tx.watches.of(row.id or 0):
            old.removed_at = now
        for watch in script.watches:
            settings = {
                name: text.replace("{server}", url) for name, text in watch.settings.items()
            }
            address = watch.address and watch.address.replace("{server}", url)
            tx.watches.add(WatchRow(
                incident_id=row.id or 0, key="", source=watch.source, address=address,
                terms=[] if address else list(script.terms), settings=settings, created_at=now,
            ))  # fmt: skip
        tx.audit.note("played", f"incident:{row.id}", by=desk.me, now=now, incident_id=row.id)
        return row.id or 0, row.slug


def _finish(desk: Desk, store: Store, slug: str, script: Script) -> None:
    """
    Look for alarms, pause the watches, whose server goes away with the demo, and close the incident.

    Closed it is shown as it stood on its last day, not on the day somebody happens to look.
    """
    from amends import course
    from amends.alarms.live import sound

    with store.read() as tx:
        row = tx.incidents.find(slug)
    sound(store, row, desk.alarm_rules, script.plays_at)
    with store.begin() as tx:
        for watch in tx.watches.of(row.id or 0):
            watch.paused_at = desk.now()
        course.closed(tx, tx.incidents.find(slug), by="the demo", now=script.plays_at)


def _tell(desk: Desk, slug: str, script: Script) -> None:
    from amends import digest
    from amends.exported import note

    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(slug)
        posts = tx.views.count(row.id or 0)
        sources = tx.views.source_counts(row.id or 0)
        labels = tx.views.label_counts(row.id or 0)
        day = digest.latest_day(tx, row, script.plays_at)
        facts = digest.snapshot(tx, row, day, script.plays_at, desk.labels)
    page = desk.home.path / f"digest-{slug}-{day}.html"
    page.write_text(digest.as_html(digest.build(facts)), encoding="utf-8")
    note(desk.home, "digest", page, desk.now(), row.id)
    typer.echo(f"{posts:,} posts: " + ", ".join(f"{name} {n:,}" for name, n in sources.items()))
    typer.echo("tags: " + ", ".join(f"{name} {n:,}" for name, n in labels.items()))
    typer.echo(f"the digest of {day} lies in {page}")
    desk.next(
        f"amends --home {desk.home.path} posts {slug} --label credit_request",
        "who asks for a credit",
    )
    board = f"amends --home {desk.home.path} board"
    desk.next(board, f"the same on the board: http://127.0.0.1:{PORT}/i/{slug}")
