"""`amends voices`: posts, voices and distinct complaints, and which texts say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from datetime import datetime

    from models.coverage import Span
    from models.incident import IncidentRow
    from models.store import Transaction

app = typer.Typer(
    help="Count posts, voices and distinct complaints; say which texts belong together.",
    no_args_is_help=True, rich_markup_mode=None,
)  # fmt: skip

Incident = Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")]
Post = Annotated[int, typer.Argument(metavar="POST", min=1, max=2**63 - 1, help="A post's number.")]
Day = Annotated[
    str | None, typer.Option(help="2026-03-03, today or yesterday; all that is known, if left out.")
]
Form = Annotated[As, typer.Option("--as", help="How to print them.")]

NUMBERS = ("label", "posts", "voices", "complaints")
TEXTS = ("post_id", "posts", "voices", "share", "text")
SAID = ("id", "at", "by", "did", "post_id", "other_id", "undone_at")


@app.command("show")
def show_(
    context: typer.Context, incident: Incident, day: Day = None, as_: Form = As.table
) -> None:
    """
    Count posts, voices (authors, each once a day) and complaints that say different things.

    Example: amends voices show discs-late --day yesterday
    """
    from amends.digest.words import together, widest

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        days = _days(tx, row, day, desk.now())
        found = tx.voices.counted(row.id or 0, days, desk.labels.names, undated=day is None)
    total = {"label": "", "posts": found.posts, "voices": found.voices,
             "complaints": found.complaints}  # fmt: skip
    parts = [{"label": one.label, "posts": one.posts, "voices": one.voices, "complaints": None}
             for one in found.labels]  # fmt: skip
    show(NUMBERS, [total, *parts], as_)
    desk.say(together(found) + (f"; {widest(found.widest)}" if found.widest else ""))
    desk.next(f"amends voices texts {row.slug}", "what was passed on most")


@app.command()
def texts(
    context: typer.Context,
    incident: Incident,
    day: Day = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_: Form = As.table,
) -> None:
    """
    List the texts that were said in most posts, in whatever wording.

    Example: amends voices texts discs-late --limit 5
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        days = _days(tx, row, day, desk.now())
        found = tx.voices.widest(row.id or 0, days, limit, undated=day is None)
        lines = [
            {"post_id": one.post_id, "posts": one.posts, "voices": one.voices,
             "share": round(one.share, 3), "complaint": one.complaint,
             "text": tx.posts.text(one.post_id)}
            for one in found
        ]  # fmt: skip
    show(TEXTS, lines, as_)
    desk.next(f"amends voices split {row.slug} POST", "if a post is no copy of the others")


@app.command()
def split(context: typer.Context, incident: Incident, post: Post) -> None:
    """
    Say that a post is no copy of those it is counted with.

    Example: amends voices split discs-late 4711
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        row = tx.incidents.find(incident)
        number = tx.clusters.split(row.id or 0, post, desk.me, now)
        _note(tx, row, "split", post, desk, regrouping=number)
    desk.say(f"post {post}: set apart")
    desk.next(f"amends voices undo {row.slug} {number}", "takes it back")


@app.command()
def merge(
    context: typer.Context,
    incident: Incident,
    post: Post,
    other: Annotated[
        int, typer.Argument(metavar="OTHER", min=1, max=2**63 - 1, help="The other post.")
    ],
) -> None:
    """
    Say that a post, and all it is counted with, says the same as another.

    Example: amends voices merge discs-late 4711 815
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        row = tx.incidents.find(incident)
        number = tx.clusters.merge(row.id or 0, post, other, desk.me, now)
        _note(tx, row, "merged", post, desk, regrouping=number, other=other)
    desk.say(f"post {post}: put together with post {other}")
    desk.next(f"amends voices undo {row.slug} {number}", "takes it back")


@app.command()
def undo(
    context: typer.Context,
    incident: Incident,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=2**31 - 1,
                                          help="From `amends voices regroupings`.")],
) -> None:  # fmt: skip
    """
    Take a split or a merge back.

    Example: amends voices undo discs-late 3
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        row = tx.incidents.find(incident)
        was = tx.clusters.undo(row.id or 0, number, now)
        _note(tx, row, "regrouped", was.post_id, desk, regrouping=number, was=was.did)
    desk.say(f"{was.did} {number} of post {was.post_id}: taken back")
    desk.next(f"amends voices regroupings {row.slug}", "all of them")


@app.command()
def regroupings(context: typer.Context, incident: Incident, as_: Form = As.table) -> None:
    """
    List what people said of which texts belong together.

    Example: amends voices regroupings discs-late --as json
    """
    import msgspec

    from amends.when import iso

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        found = tx.clusters.regroupings(row.id or 0)
    times = ("at", "undone_at")
    lines = [
        msgspec.structs.asdict(one) | {name: iso(getattr(one, name)) for name in times}
        for one in found
    ]
    show(SAID, lines, as_)
    desk.next(f"amends voices show {row.slug}", "the numbers")


def _days(tx: Transaction, row: IncidentRow, day: str | None, now: datetime) -> list[Span]:
    from amends.when import day as day_of
    from models.day import day_window

    if day is None:
        return tx.voices.days(row.id or 0, row.tz)
    return [day_window(day_of(day, now, row.tz), row.tz)]


def _note(
    tx: Transaction, row: IncidentRow, did: str, post: int, desk: Desk, **detail: Any
) -> None:
    tx.audit.note(did, f"post:{post}", by=desk.me, now=desk.now(), incident_id=row.id,
                  detail=detail)  # fmt: skip
