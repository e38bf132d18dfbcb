"""`amends monitor`: services that watch ours, and open an incident by calling us when it is down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As

app = typer.Typer(
    help="Let monitors open incidents by calling us.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = ("name", "kind", "company", "watches", "heard")
ALERT_COLUMNS = ("at", "monitor", "state", "title", "incident")
URL = "http://127.0.0.1:8323"

Name = Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")]
Kind = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="alertmanager, alertra, grafana, json, pagerduty, statuspage or uptimerobot.",
    ),
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the kind.")
]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    kind: Kind,
    company: Annotated[str, typer.Option(help="Whose service it watches.")],
    terms: Annotated[
        list[str] | None, typer.Option(help="What a new incident listens for; the company's name.")
    ] = None,
    watch: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE[=ADDRESS]", help="A source a new incident listens to."),
    ] = None,
    tz: Annotated[str, typer.Option(help="The time zone of a new incident.")] = "UTC",
    settings: Sets = None,
    url: Annotated[
        str | None, typer.Option(help="Where the board is reached (or AMENDS_URL).")
    ] = None,
) -> None:
    """
    Let a monitor call, and print the address for it, once: whoever knows it can open an incident.

    Example: amends monitor add status statuspage --company Reelpost --watch x
    """
    from amends import hooks
    from amends.outage import listening
    from amends.wanted import split_terms
    from models.incident import IncidentRow

    desk: Desk = context.obj
    chosen, now = hooks.find(kind), desk.now()
    words = split_terms(terms)
    tried = IncidentRow(slug="", title="", company=company, terms=words or [company], began=now,
                        opened_at=now)  # fmt: skip
    for wanted in watch or ():
        listening(wanted, tried, desk.sources, now)
    with desk.open_store() as store, store.begin() as tx:
        row, secret = tx.monitors.add(
            name, chosen.name, company=company, tz=tz, terms=words, watches=watch or (),
            settings=hooks.settings_of(chosen, settings or ()), now=now,
        )  # fmt: skip
        tx.audit.note("added", f"monitor:{row.id}", by=desk.me, now=now, detail={"kind": kind})
    base = (url or desk.environment.get("AMENDS_URL") or URL).rstrip("/")
    signed = chosen.signs == "always"
    typer.echo(f"{base}/hooks/{name}" + ("" if signed else f"/{secret}"))
    desk.say(f"{chosen.title}: {chosen.hint}")
    key = hooks.signing(name)
    if signed and key not in desk.secrets:
        desk.say(f"put the signing secret into secrets.env in the home, as {key}=…")
    elif chosen.signs == "if asked":
        desk.say(f"if it signs its calls, put the secret into secrets.env in the home, as {key}=…")
    if not signed:
        desk.say("the address isn't shown again")
    if not watch:
        desk.say("its incidents listen to nothing by themselves: name sources with --watch")
    desk.next("amends monitor alerts", "what it said, once it calls")


@app.command("list")
def list_(
    context: typer.Context,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:
    """
    List monitors, and when each was last heard.

    Example: amends monitor list
    """
    from amends.when import iso

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        rows: list[dict[str, Any]] = [
            {"name": one.name, "kind": one.kind, "company": one.company, "tz": one.tz,
             "terms": one.terms, "watches": one.watches, "settings": one.settings,
             "created": iso(one.created_at), "heard": iso(one.heard_at)}
            for one in tx.monitors.every()
        ]  # fmt: skip
    desk.show(COLUMNS, rows, as_)
    if not rows:
        desk.next("amends monitor add NAME KIND --company COMPANY", "the first one")


@app.command()
def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """
    Let a monitor call no more; what it said stays.

    Example: amends monitor remove status --yes
    """
    desk: Desk = context.obj
    with desk.open_store() as store:
        with store.read() as tx:
            tx.monitors.named(name)
        if not desk.agrees(f"{name} may open no more incidents.", yes=yes):
            return
        with store.begin() as tx:
            row = tx.monitors.remove(name, desk.now())
            tx.audit.note("removed", f"monitor:{row.id}", by=desk.me, now=desk.now())
    desk.say(f"{name} is removed")


@app.command()
def alerts(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this one's.")] = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:
    """
    List what monitors said, newest first: what was down, what was up, and what couldn't be read.

    Example: amends monitor alerts --as jsonl
    """
    from amends.when import iso

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        only = tx.monitors.named(name).id if name else None
        slugs = {one.id: one.slug for one in tx.incidents.every()}
        rows: list[dict[str, Any]] = [
            {"at": iso(one.at), "monitor": monitor, "state": one.state, "title": one.title,
             "incident": slugs.get(one.incident_id), "key": one.key, "event": one.event,
             "url": one.url, "heard": iso(one.heard_at)}
            for one, monitor in tx.alerts.newest(count, only)
        ]  # fmt: skip
    desk.show(ALERT_COLUMNS, rows, as_)


@app.command("try")
def try_(
    context: typer.Context,
    kind: Kind,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A call's body, as it was sent.")],
    settings: Sets = None,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Show how a call would be read; nothing is kept.

    Example: amends monitor try json call.json --set key=check.id --set state=check.state
    """
    from amends import hooks
    from amends.hooks.kind import Call, Unread
    from amends.when import iso
    from models.errors import SetupError

    desk: Desk = context.obj
    chosen = hooks.find(kind)
    try:
        body = file.read_bytes()
    except OSError as error:
        message = f"{file} can't be read: {error.strerror or error}"
        raise SetupError(message, "name a file with the body of one call") from error
    try:
        found = chosen.read(Call(body=body, settings=hooks.settings_of(chosen, settings or ())))
    except Unread as why:
        message = f"{file}: {why}"
        raise SetupError(message, "it would be kept as a note; mend the settings") from why
    rows: list[dict[str, Any]] = [
        {"at": iso(one.at), "state": one.state, "title": one.title, "key": one.key,
         "event": one.event, "url": one.url}
        for one in found
    ]  # fmt: skip
    desk.show(("at", "state", "title", "key", "event"), rows, as_)
