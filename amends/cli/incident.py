"""`amends incident`: open, change and show incidents."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

app = typer.Typer(
    help="Open, change and show incidents.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")]
Form = Annotated[As, typer.Option("--as", help="How to print it.")]
Terms = Annotated[
    list[str] | None,
    typer.Option(
        "--terms", help="Words, “phrases”, @handles or #hashtags; again for more, or with commas."
    ),
]
COLUMNS = ("id", "slug", "title", "company", "status", "began", "posts")


@app.command("open")
def open_(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What went wrong, in a few words.")],
    company: Annotated[str, typer.Option(help="The company it is about.")],
    terms: Terms = None,
    began: Annotated[
        str, typer.Option(help="When customers first felt it: 2026-03-03T08:40, 2h.")
    ] = "now",
    tz: Annotated[
        str, typer.Option(help="The time zone of its days, such as America/Chicago.")
    ] = "UTC",
    as_: Form = As.table,
) -> None:
    """
    Open an incident.

    Example: amends incident open "Discs late" --company Reelpost --terms "@reelpost,reelpost"
    """
    from amends.course import opened
    from amends.wanted import split_terms

    desk: Desk = context.obj
    with desk.open_store() as store, store.begin() as tx:
        row = opened(tx, title=title, company=company, terms=split_terms(terms), tz=tz, began=began,
                     by=desk.me, now=desk.now())  # fmt: skip
        show(COLUMNS, [_line(row, 0)], as_)
    desk.next(f"amends watch add {row.slug} SOURCE", "`amends ingest sources` shows them")


@app.command()
def status(
    context: typer.Context,
    incident: Name,
    to: Annotated[
        str | None, typer.Argument(metavar="[investigating|identified|monitoring|resolved]")
    ] = None,
) -> None:
    """
    Show or change how far an incident is.

    Example: amends incident status discs-late monitoring
    """
    from amends.course import moved

    desk: Desk = context.obj
    with desk.open_store() as store, store.begin() as tx:
        row = tx.incidents.find(incident)
        if to is not None:
            moved(tx, row, to, by=desk.me, now=desk.now())
        typer.echo(row.status)
    desk.next(f"amends incident show {row.slug}", "all about it")


@app.command()
def edit(
    context: typer.Context,
    incident: Name,
    title: Annotated[str | None, typer.Option(help="A better title.")] = None,
    company: Annotated[str | None, typer.Option(help="The company.")] = None,
    terms: Terms = None,
    began: Annotated[str | None, typer.Option(help="When customers first felt it.")] = None,
    tz: Annotated[str | None, typer.Option(help="The time zone of its days.")] = None,
) -> None:
    """
    Change an incident.

    Example: amends incident edit discs-late --began 2026-03-03T08:40 --tz America/Chicago
    """
    from amends.course import edited
    from amends.wanted import split_terms

    desk: Desk = context.obj
    said = {"title": title, "company": company, "tz": tz, "began": began,
            "terms": split_terms(terms) or None}  # fmt: skip
    changes = {name: value for name, value in said.items() if value is not None}
    with desk.open_store() as store, store.begin() as tx:
        row = tx.incidents.find(incident)
        changed = edited(tx, row, changes, by=desk.me, now=desk.now())
    desk.say(f"{row.slug}: changed {', '.join(changed) or 'nothing'}")
    desk.next(f"amends incident show {row.slug}", "all about it")


@app.command()
def close(
    context: typer.Context,
    incident: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """
    Close an incident: its watches are no longer asked. `reopen` takes it back.

    Example: amends incident close discs-late --yes
    """
    _set_closed(context.obj, incident, closed=True, yes=yes)


@app.command()
def reopen(context: typer.Context, incident: Name) -> None:
    """
    Open a closed incident again.

    Example: amends incident reopen discs-late
    """
    _set_closed(context.obj, incident, closed=False, yes=True)


def _set_closed(desk: Desk, name: str, *, closed: bool, yes: bool) -> None:
    from amends import course

    with desk.open_store() as store:
        with store.read() as tx:
            slug = tx.incidents.find(name).slug
        if not desk.agrees(f"Close {slug}?", yes=yes):
            return
        with store.begin() as tx:
            change = course.closed if closed else course.reopened
            change(tx, tx.incidents.find(name), by=desk.me, now=desk.now())
    desk.say(f"{slug}: {'closed' if closed else 'reopened'}")
    desk.next(f"amends digest show {slug}", "the day on one sheet")


@app.command("list")
def list_(context: typer.Context, as_: Form = As.table) -> None:
    """
    List all incidents, the newest first.

    Example: amends incident list --as json
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        rows = [_line(row, tx.views.count(row.id or 0)) for row in tx.incidents.every()]
    if not show(COLUMNS, rows, as_):
        desk.next('amends incident open "TITLE" --company NAME', "there is none yet")
    else:
        desk.next(f"amends incident show {rows[0]['slug']}", "all about the newest")


@app.command("show")
def show_(context: typer.Context, incident: Name, as_: Form = As.table) -> None:
    """
    Show all about one incident.

    Example: amends incident show discs-late
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        key = row.id or 0
        line = _line(row, tx.views.count(key)) | {
            "labels": tx.views.label_counts(key),
            "sources": tx.views.source_counts(key),
            "watches": len(tx.watches.of(key)),
            "acts": len(tx.acts.of(key)),
        }
    if as_ is As.table:
        pairs = ({"": name, " ": _counted(value)} for name, value in line.items())
        show(("", " "), pairs, as_)
    else:
        show(COLUMNS, [line], as_)
    desk.next(f"amends posts {row.slug} --label credit_request", "who waits for an answer")


def _counted(value: Any) -> Any:
    if isinstance(value, dict):
        return [f"{name} {number:,}" for name, number in value.items()]
    return value


def _line(row: Any, posts: int) -> dict[str, Any]:
    from amends.when import iso

    return {
        "id": row.id, "slug": row.slug, "title": row.title, "company": row.company,
        "status": row.status, "began": iso(row.began), "closed_at": iso(row.closed_at),
        "tz": row.tz, "terms": row.terms, "posts": posts,
    }  # fmt: skip
