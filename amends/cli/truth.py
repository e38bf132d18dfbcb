"""`amends contradictions` and `amends symptoms`: what people were told otherwise, and what fails."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from amends.truth.contradictions import Contradictions
    from amends.truth.symptoms import Symptoms

TOLD = ("channel", "says", "place", "voices", "posts", "against", "first_at", "example")
FAILS = (
    "component",
    "voices",
    "posts",
    "against",
    "page",
    "symptoms",
    "devices",
    "places",
    "example",
)
FAILS_BY = ("component", "part", "voices", "posts", "against", "page", "example")
Incident = Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")]
How = Annotated[As, typer.Option("--as", help="How to print them.")]


class By(StrEnum):
    """What a line is of, besides its component."""

    component = "component"
    symptom = "symptom"
    device = "device"
    place = "place"


def add_to(app: typer.Typer) -> None:
    """Put the commands on the root."""
    app.command("contradictions")(contradictions)
    app.command("symptoms")(symptoms)


def contradictions(
    context: typer.Context,
    incident: Incident,
    day: Annotated[
        str | None, typer.Option(help="2026-03-03, today or yesterday; else the whole incident.")
    ] = None,
    as_: How = As.table,
) -> None:
    """
    Show what people were told otherwise than we said in public, by channel and place.

    Example: amends contradictions discs-late --as csv
    """
    from amends.digest.words import plain, several
    from amends.truth.contradictions import contradictions as told
    from amends.when import day as day_of
    from amends.when import iso
    from models.day import day_window

    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        within = day_window(day_of(day, now, row.tz), row.tz) if day else None
        found = told(tx, row, desk.truth, now, within)
    show(TOLD, ({"channel": one.channel, "says": one.says, "place": one.place, "voices": one.voices,
                 "posts": one.posts, "against": one.against, "public": plain(one.public),
                 "values": plain(one.values), "first_at": iso(one.first_at), "first": one.first,
                 "post_ids": list(one.post_ids), "example": _example(one)}
                for one in found.found), as_)  # fmt: skip
    desk.say(f"{several(found.voices, 'voice', 'voices')} in {several(found.posts, 'post', 'posts')}"
             f"; {_read(found)}")  # fmt: skip
    desk.next(f"amends campaign said {row.slug}", "what people say was offered")


def symptoms(
    context: typer.Context,
    incident: Incident,
    day: Annotated[
        str | None,
        typer.Option(help="2026-03-03, today or yesterday; else the newest day with posts."),
    ] = None,
    by: Annotated[By, typer.Option(help="A line for each component, or for each of its parts.")] = By.component,
    as_: How = As.table,
) -> None:  # fmt: skip
    """
    Show what fails for how many voices, by component, against what the status page says of it.

    Example: amends symptoms discs-late --by place --as json
    """
    from amends.digest import latest_day
    from amends.digest.truth import page_says
    from amends.digest.words import plain, several
    from amends.truth.symptoms import symptoms as fails
    from amends.when import day as day_of
    from amends.when import iso
    from models.day import day_window

    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        which = day_of(day, now, row.tz) if day else latest_day(tx, row, now)
        found = fails(tx, row, desk.truth, now, day_window(which, row.tz), by.value)
    show(FAILS if by is By.component else FAILS_BY, (
        {"component": one.component, "part": one.part, "voices": one.voices, "posts": one.posts,
         "against": one.against, "page": page_says(one, row.tz), "page_at": iso(one.page_at),
         "page_words": plain(one.page_words), "symptoms": _counts(one.symptoms),
         "devices": _counts(one.devices), "places": _counts(one.places),
         "first_at": iso(one.first_at), "first": one.first, "post_ids": list(one.post_ids),
         "example": _example(one)} for one in found.found), as_)  # fmt: skip
    desk.say(f"{which}: {several(found.voices, 'voice', 'voices')} in"
             f" {several(found.posts, 'post', 'posts')}; {_read(found)}")  # fmt: skip
    desk.next(f"amends themes {row.slug} --day {which}", "what they complain about, in their words")


def _counts(named: Any) -> dict[str, int]:
    return {one.name: one.voices for one in named}


def _example(one: Any) -> str:
    from amends.digest.words import plain

    return plain(one.examples[0].text) if one.examples else ""


def _read(found: Contradictions | Symptoms) -> str:
    """Return how much was looked at; where it isn't all, back to when."""
    from amends.digest.words import several
    from amends.when import iso

    complaints = several(found.read, "distinct complaint", "distinct complaints")
    return f"from the {complaints} since {iso(found.since)}, older ones weren't read" if found.cut else (
        f"from all {complaints}" if found.read != 1 else f"from {complaints}"
    )  # fmt: skip
