"""`amends digest`: the day of an incident on one sheet."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from amends.cli.desk import Desk

app = typer.Typer(
    help="The day of an incident on one sheet.", no_args_is_help=True, rich_markup_mode=None
)


class Form(StrEnum):
    """What a digest can be rendered to."""

    md = "md"
    html = "html"
    json = "json"
    text = "text"


@app.callback()
def group() -> None:
    """Show the day of an incident on one sheet."""


@app.command("show")
def show_(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    day: Annotated[
        str | None,
        typer.Option(help="2026-03-03, today or yesterday; else the newest day with posts."),
    ] = None,
    as_: Annotated[Form, typer.Option("--as", help="How to render it.")] = Form.text,
    out: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
) -> None:
    """
    Show one local day of an incident: counts, what to answer first, thanks, coverage.

    Example: amends digest show discs-late --day yesterday --as html --out wednesday.html
    """
    from amends import digest
    from amends.when import day as day_of

    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        which = day_of(day, now, row.tz) if day else digest.latest_day(tx, row, now)
        facts = digest.snapshot(tx, row, which, now, desk.labels)
    render = {
        Form.md: digest.as_markdown, Form.html: digest.as_html,
        Form.json: digest.as_json, Form.text: digest.as_text,
    }[as_]  # fmt: skip
    _put(render(digest.build(facts)), out)
    if out is not None:
        desk.say(f"the digest of {which} lies in {out}")
    desk.next(f"amends posts {row.slug} --label credit_request", "who waits for an answer")


def _put(document: str, out: Path | None) -> None:
    from models.errors import SetupError

    if not document.endswith("\n"):
        document += "\n"
    if out is None:
        sys.stdout.write(document)
        return
    try:
        out.write_text(document, encoding="utf-8")
    except OSError as error:
        message = f"can't write {out}: {error.strerror}"
        raise SetupError(message, "name another file with --out") from error
