"""`amends watch`: where an incident listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, plain, show

if TYPE_CHECKING:
    from datetime import datetime

    from ingest.source import Source
    from models.incident import Watch, WatchRow

app = typer.Typer(
    help="Choose where an incident listens.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = ("id", "source", "aim", "state", "since", "why", "next")
Id = Annotated[
    int, typer.Argument(metavar="WATCH", help="The watch's id, from `amends watch list`.")
]


@app.command()
def add(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="See `amends ingest sources`.")
    ] = None,
    address: Annotated[
        str | None, typer.Argument(help="The address, for sources that have one.")
    ] = None,
    terms: Annotated[
        list[str] | None, typer.Option("--terms", help="Terms other than the incident's.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the source, NAME=VALUE.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Save without a preview.")] = False,
) -> None:
    """
    Listen to a source; on a terminal it asks for what is missing and shows a preview first.

    Example: amends watch add discs-late wordpress https://blog.example/2026/03/outage/
    """
    from amends.cli.incident import _split
    from amends.cli.wanted import settings_of, watch_row
    from ingest.registry import find

    desk: Desk = context.obj
    with desk.open_store() as store:
        with store.read() as tx:
            row = tx.incidents.find(incident)
        asks = desk.on_terminal and not yes
        if source is None and asks:
            source = typer.prompt(f"Source ({', '.join(desk.sources)})", err=True)
        chosen = find(desk.sources, source or "")
        if "address" in chosen.takes and address is None and asks:
            address = typer.prompt("Address", err=True)
        wanted = watch_row(
            chosen, incident_id=row.id or 0, now=desk.now(), address=address,
            terms=_split(terms) or row.terms, settings=settings_of(chosen, settings or ()),
        )  # fmt: skip
        if asks and not _previewed(desk, chosen, wanted.as_watch()):
            return
        with store.begin() as tx:
            saved, new = tx.watches.add(wanted)
            tx.audit.note("added", f"watch:{saved.id}", by=desk.me, now=desk.now(),
                          incident_id=row.id, detail={"source": chosen.name, "new": new})  # fmt: skip
    desk.say(
        f"watch {saved.id}: {chosen.name}, {saved.as_watch().aim}"
        + ("" if new else " (was there already)")
    )
    for name in chosen.needs:
        if name not in desk.secrets:
            desk.say(f"  {name} isn't set yet: export it, or put it into secrets.env in the home")
    desk.next(f"amends run {row.slug} --once", "collect and tag now")


def _previewed(desk: Desk, source: Source, watch: Watch) -> bool:
    """Ask the source once, show what came, and whether the person wants it."""
    from amends.cli.wanted import secrets_for
    from ingest.collector import walk

    secrets_for(desk, source)
    with desk.open_asker() as asker:
        for outcome in walk(watch, source, asker, desk.now, most=3):
            if outcome.answer is None:
                raise outcome.error or AssertionError
            for post in outcome.answer.posts[:3]:
                desk.say(f"  {post.author or 'somebody'}: {' '.join(post.text.split())[:100]}")
            if outcome.answer.posts:
                break
        else:
            desk.say("  nothing there yet")
    return typer.confirm("Listen here?", default=True, err=True)


@app.command("list")
def list_(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    List an incident's watches: live, quiet, throttled, capped, blind or paused, since when and why.

    Example: amends watch list discs-late
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        newest = tx.watches.newest(row.id or 0)
        now = desk.now()
        lines = [
            _line(watch, newest.get(watch.id or 0), now) for watch in tx.watches.of(row.id or 0)
        ]
    if show(COLUMNS, lines, as_):
        desk.next(f"amends check {row.slug}", "ask each of them for one post")
    else:
        desk.next(f"amends watch add {row.slug} SOURCE", "it listens nowhere yet")


@app.command()
def pause(context: typer.Context, watch: Id) -> None:
    """
    Stop asking a watch for a while.

    Example: amends watch pause 3
    """
    desk: Desk = context.obj
    _change(desk, watch, "paused", paused_at=desk.now())
    desk.next(f"amends watch resume {watch}", "when it shall go on")


@app.command()
def resume(context: typer.Context, watch: Id) -> None:
    """
    Ask a paused or refused watch again, from where it stopped.

    Example: amends watch resume 3
    """
    row = _change(
        context.obj, watch, "resumed", paused_at=None, not_before=None, trouble=None,
        trouble_kind=None, trouble_since=None,
    )  # fmt: skip
    context.obj.next(f"amends run {row.incident_id} --once", "collect and tag now")


@app.command()
def remove(
    context: typer.Context,
    watch: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """
    Take a watch away; the posts it brought stay.

    Example: amends watch remove 3 --yes
    """
    desk: Desk = context.obj
    if desk.agrees(f"Remove watch {watch}?", yes=yes):
        row = _change(desk, watch, "removed", removed_at=desk.now())
        desk.next(f"amends watch list {row.incident_id}", "what still listens")


def _change(desk: Desk, watch_id: int, did: str, **values: Any) -> WatchRow:
    with desk.open_store() as store, store.begin() as tx:
        row = tx.watches.get(watch_id)
        for name, value in values.items():
            setattr(row, name, value)
        tx.watches.save(row)
        tx.audit.note(
            did, f"watch:{watch_id}", by=desk.me, now=desk.now(), incident_id=row.incident_id
        )
    desk.say(f"watch {watch_id}: {did}")
    return row


def _line(watch: WatchRow, newest: datetime | None, now: datetime) -> dict[str, Any]:
    from amends.when import iso
    from models.listening import listening

    found = listening(watch, newest, now)
    return {
        "id": watch.id, "source": watch.source, "aim": plain(watch.as_watch().aim),
        "state": found.state, "since": iso(found.since), "why": plain(found.why),
        "asked_at": iso(watch.asked_at), "next": iso(watch.not_before), "trouble": watch.trouble,
        "settings": watch.settings, "bookmark": watch.bookmark, "in_chain": watch.chain is not None,
    }  # fmt: skip
