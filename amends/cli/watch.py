"""`amends watch`: where an incident listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, plain, show

if TYPE_CHECKING:
    from ingest.source import Source
    from models.hole import HoleRow
    from models.incident import Watch, WatchRow
    from models.store.watches import Standing

app = typer.Typer(
    help="Choose where an incident listens.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = ("id", "source", "aim", "state", "since", "why", "next", "verified")
Canary = Annotated[
    str | None,
    typer.Option(help="A term that always finds something: when it doesn't, the watch is blind."),
]
Requests = Annotated[
    int | None,
    typer.Option("--requests-a-day", min=0, help="Questions it may ask in a day of UTC."),
]
Reads = Annotated[
    int | None,
    typer.Option("--reads-a-day", min=0, help="Posts it may pay for in a day of UTC."),
]
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
    canary: Canary = None,
    requests_a_day: Requests = None,
    reads_a_day: Reads = None,
    yes: Annotated[bool, typer.Option("--yes", help="Save without a preview.")] = False,
) -> None:
    """
    Listen to a source; on a terminal it asks for what is missing and shows a preview first.

    Example: amends watch add discs-late wordpress https://blog.example/2026/03/outage/
    """
    from amends.wanted import limited, settings_of, split_terms, watch_row
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
            terms=split_terms(terms) or row.terms, settings=settings_of(chosen, settings or ()),
        )  # fmt: skip
        limits = limited(wanted, chosen, canary=canary, requests_a_day=requests_a_day,
                         reads_a_day=reads_a_day)  # fmt: skip
        if asks and not _previewed(desk, chosen, wanted.as_watch()):
            return
        with store.begin() as tx:
            saved, new = tx.watches.add(wanted)
            tx.audit.note("added", f"watch:{saved.id}", by=desk.me, now=desk.now(),
                          incident_id=row.id, detail={"source": chosen.name, "new": new}
                          | wanted.settings | limits)  # fmt: skip
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
    from amends.wanted import preview

    secrets_for(desk, source)
    with desk.open_asker() as asker:
        posts = preview(source, watch, asker, desk.now)
    for post in posts:
        desk.say(f"  {post.author or 'somebody'}: {' '.join(post.text.split())[:100]}")
    if not posts:
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

    `verified` is as of when all posts of the source are known to be there still; empty where it can't be
    asked.

    Example: amends watch list discs-late
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        standing = tx.watches.standing(row.id or 0, desk.now())
        lines = [_line(each, desk.sources.get(each.row.source)) for each in standing]
    if show(COLUMNS, lines, as_):
        desk.next(f"amends check {row.slug}", "ask each of them for one post")
    else:
        desk.next(f"amends watch add {row.slug} SOURCE", "it listens nowhere yet")


@app.command()
def change(
    context: typer.Context,
    watch: Id,
    canary: Canary = None,
    requests_a_day: Requests = None,
    reads_a_day: Reads = None,
) -> None:
    """
    Give a watch a canary or a day's budget; an empty canary, or 0, takes it away.

    Example: amends watch change 3 --reads-a-day 5000
    """
    from amends.wanted import limited
    from ingest.registry import find
    from models.errors import SetupError

    desk: Desk = context.obj
    with desk.open_store() as store, store.begin() as tx:
        row = tx.watches.get(watch)
        changes = limited(row, find(desk.sources, row.source), canary=canary,
                          requests_a_day=requests_a_day, reads_a_day=reads_a_day)  # fmt: skip
        if not changes:
            message = "nothing to change"
            raise SetupError(message, "give --canary, --requests-a-day or --reads-a-day")
        if row.trouble_kind == "spent":
            row.trouble = row.trouble_kind = row.trouble_since = row.not_before = None
        tx.watches.save(row)
        tx.audit.note("changed", f"watch:{watch}", by=desk.me, now=desk.now(),
                      incident_id=row.incident_id, detail=changes)  # fmt: skip
    desk.say(f"watch {watch}: " + ", ".join(f"{name} {value}" for name, value in changes.items()))
    desk.next(f"amends watch list {row.incident_id}", "how it stands")


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


def _line(standing: Standing, source: Source | None) -> dict[str, Any]:
    from amends.when import iso
    from ingest.again import AsksAgain

    watch, state = standing.row, standing.state
    verified = standing.verified if isinstance(source, AsksAgain) else None
    return {
        "id": watch.id, "source": watch.source, "aim": plain(watch.as_watch().aim),
        "state": state.state, "since": iso(state.since), "why": plain(state.why),
        "asked_at": iso(watch.asked_at), "next": iso(watch.not_before), "trouble": watch.trouble,
        "verified": iso(verified), "verify_trouble": watch.again_trouble,
        "settings": watch.settings, "bookmark": watch.bookmark, "in_chain": watch.chain is not None,
        "holes": [_hole(hole) for hole in standing.holes],
        "lost": [_hole(hole) for hole in standing.lost], "lost_seconds": standing.lost_seconds,
        "canary": watch.canary, "requests_today": standing.requests,
        "requests_a_day": watch.requests_a_day, "reads_today": standing.reads,
        "reads_a_day": watch.reads_a_day,
    }  # fmt: skip


def _hole(hole: HoleRow) -> dict[str, Any]:
    from amends.when import iso

    return {"since": iso(hole.since), "until": iso(hole.until), "why": plain(hole.why)}
