"""`amends digest`: the day of an incident on one sheet."""

from __future__ import annotations

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk

if TYPE_CHECKING:
    from models.incident import IncidentRow

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
    from amends.exported import note
    from amends.when import day as day_of

    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        # A closed incident is shown as it stood then.
        now = min(now, row.closed_at or now)
        which = day_of(day, now, row.tz) if day else digest.latest_day(tx, row, now)
        facts = digest.snapshot(tx, row, which, now, desk.labels, worked=True, truth=desk.truth)
    render = {
        Form.md: digest.as_markdown, Form.html: digest.as_html,
        Form.json: digest.as_json, Form.text: digest.as_text,
    }[as_]  # fmt: skip
    _put(render(digest.build(facts)), out)
    if out is not None:
        note(desk.home, "digest", out, now, row.id)
        desk.say(f"the digest of {which} lies in {out}")
    desk.next(f"amends posts {row.slug} --label credit_request", "who waits for an answer")


@app.command("diff")
def diff(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    day: Annotated[
        str, typer.Option(help="2026-03-03, today or yesterday; else the day that ended.")
    ] = "",
) -> None:
    """
    Say what has changed since the digest of a day was sent, version by version.

    Example: amends digest diff discs-late --day 2026-03-04
    """
    from amends.digest.diff import changes
    from amends.digest.words import moment
    from amends.outputs.digests import built, facts_in

    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        which = _ended(day, row, now)
        versions = tx.digests.of(row.id or 0, which.isoformat())
        fresh = built(tx, row, which, now, desk.labels)
    if not versions:
        desk.say(f"no digest of {which} was sent yet")
        desk.next(f"amends digest send {row.slug} --day {which}", "send it")
        return
    told = [facts_in(version) for version in versions]
    for version, before, after in zip(versions[1:], told, told[1:], strict=False):
        made = moment(version.made_at, row.tz)
        print(f"Version {version.version}, made {made}:")
        print("\n".join(f"- {one}" for one in changes(before, after)) or "- the same numbers")
    last = versions[-1]
    print(f"Now, against version {last.version} of {moment(last.made_at, row.tz)}:")
    print("\n".join(f"- {one}" for one in changes(told[-1], fresh.facts)) or "- the same numbers")


@app.command("send")
def send_(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    day: Annotated[
        str, typer.Option(help="2026-03-03, today or yesterday; else the day that ended.")
    ] = "",
    to: Annotated[
        list[str] | None, typer.Option(help="An output's name; else those of outputs.toml.")
    ] = None,
) -> None:
    """
    Send the digest of a day, once: again only if its numbers have changed (for cron, or by hand).

    Example: amends digest send discs-late --to team-mail
    """
    from amends.outputs.digests import send
    from amends.outputs.settings import read
    from models.errors import SetupError

    desk: Desk = context.obj
    outputs, now = read(desk.home.path), desk.now()
    with desk.open_store() as store:
        with store.read() as tx:
            row = tx.incidents.find(incident)
        plan = outputs.plan_for(row.slug)
        names = to or (plan.to if plan else ())
        if not names:
            message = "nothing says where to send it"
            raise SetupError(message, 'add --to NAME, or [digest] to = ["NAME"] to outputs.toml')
        for name in names:
            outputs.get(name)
        made = send(store, row, _ended(day, row, now), now, desk.labels, outputs, names,
                    truth=desk.truth, by=desk.me)  # fmt: skip
        if made is None or not made.to:
            desk.say("it was sent there already, and no number has changed")
        dispatch = desk.dispatch(store)
        failed = [one for one in dispatch.once() if one.state != "sent"]
    if failed:
        desk.next("amends outbox list", "what waits, and why")
        raise typer.Exit(1)


def _ended(day: str, row: IncidentRow, now: datetime) -> date:
    """Return the day meant; without one the last local day that is over."""
    from amends.when import day as day_of
    from models.day import day_before, local_day

    return day_of(day, now, row.tz) if day else day_before(local_day(now, row.tz), row.tz)


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
