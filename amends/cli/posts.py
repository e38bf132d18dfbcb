"""`amends posts`: list, search and export posts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from models.store.views import PostLine

COLUMNS = ("id", "posted_at", "source", "author", "labels", "text")
SCREENFUL = 50


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("posts")(posts)


def posts(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    label: Annotated[str | None, typer.Option(help="Only posts that carry this label.")] = None,
    source: Annotated[str | None, typer.Option(help="Only posts from this source.")] = None,
    search: Annotated[
        str | None,
        typer.Option(
            help='Words in the text or the author\'s name: credit "no discs" deliver* -praise.'
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only from this time on; leaves the undated out.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only before this time; leaves the undated out.")
    ] = None,
    undated: Annotated[
        bool, typer.Option("--undated", help="Only posts whose time isn't known.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"At most so many (a table: {SCREENFUL}).")
    ] = None,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:
    """
    List an incident's posts with their tags, the newest first and the undated last.

    Example: amends posts discs-late --label credit_request --as csv > requests.csv
    """
    from amends.when import moment
    from ingest.registry import find
    from models.store.views import Wanted

    desk: Desk = context.obj
    if label is not None:
        desk.labels.find(label)
    now = desk.now()
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        if source is not None and source not in tx.views.source_counts(row.id or 0):
            find(desk.sources, source)
        wanted = Wanted(
            label=label, source=source, search=search, undated=undated,
            since=None if since is None else moment(since, now, row.tz), until=None if until is None else moment(until, now, row.tz),
        )  # fmt: skip
        most = limit or (SCREENFUL if as_ is As.table else None)
        shown = show(COLUMNS, _lines(tx.views.posts(row.id or 0, wanted, most), row.tz, as_), as_)
        if as_ is As.table:
            whole = tx.views.count(row.id or 0, wanted)
            desk.say(f"{shown:,} of {whole:,} posts")
    desk.next(f"amends digest show {row.slug}", "the day on one sheet")


def _lines(found: Iterator[PostLine], tz: str, as_: As) -> Iterator[dict[str, Any]]:
    import msgspec

    from amends.when import iso, local

    for post in found:
        line = msgspec.to_builtins(post, builtin_types=())
        line["posted_at"] = local(post.posted_at, tz) if as_ is As.table else iso(post.posted_at)
        line["first_seen"] = iso(post.first_seen)
        if as_ is As.csv:
            line["labels"] = ",".join(post.labels)
        yield line
