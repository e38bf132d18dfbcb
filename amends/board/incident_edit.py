"""Change what an incident is: its title, terms and times, its clocks, and the update it promised."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who
from amends.board.render import render
from amends.course import edited, mark, unchanged
from amends.wanted import split_terms
from models.errors import SetupError
from models.incident import IncidentRow, zone

door = Door()


@door.page("/i/{slug}/edit", "lead")
def ask(request: Request, place: Here, slug: str) -> Response:
    """Show the form with what holds."""
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
    return _form(request, row, _said(row), mark(row), "", 200)


@door.act("/i/{slug}/edit", "lead")
def take(
    request: Request,
    place: Here,
    who: Who,
    slug: str,
    seen: Annotated[str, Form(max_length=100)],
    title: Annotated[str, Form(max_length=1000)] = "",
    company: Annotated[str, Form(max_length=1000)] = "",
    terms: Annotated[str, Form(max_length=20_000)] = "",
    tz: Annotated[str, Form(max_length=100)] = "",
    began: Annotated[str, Form(max_length=100)] = "",
    look_within: Annotated[int, Form()] = 30,
    answer_within: Annotated[int, Form()] = 120,
    hours: Annotated[str, Form(max_length=1000)] = "",
    next_update_at: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """
    Keep the changes; Conflict if somebody changed it since the form was shown.

    What was left as the form showed it stays exact, to the second.
    """
    said = {
        "title": title, "company": company, "terms": terms, "tz": tz.strip(), "began": began,
        "look_within": look_within, "answer_within": answer_within, "hours": hours,
        "next_update_at": next_update_at,
    }  # fmt: skip
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
    shown = _said(row)
    try:
        with place.store.begin() as tx:
            mine = tx.incidents.find(slug)
            unchanged(tx, mine, seen)
            changes: dict[str, Any] = {
                name: value for name, value in said.items() if value != shown[name]
            }
            if "terms" in changes:
                changes["terms"] = split_terms(terms.splitlines())
            edited(tx, mine, changes, by=who.name, now=place.now())
    except SetupError as error:
        wrong = f"{error.message}: {error.remedy}"
        return _form(request, row, said, seen, wrong, 400)
    return RedirectResponse(f"/i/{row.slug}", 303)


def _form(
    request: Request, row: IncidentRow, said: dict[str, Any], seen: str, wrong: str, status: int
) -> Response:
    return render(
        request, "incident_edit.html", status=status, row=row, said=said, seen=seen, wrong=wrong
    )


def _said(row: IncidentRow) -> dict[str, Any]:
    """Return what holds as the form says it: times local, without seconds."""

    def local(when: datetime | None) -> str:
        return "" if when is None else f"{when.astimezone(zone(row.tz)):%Y-%m-%dT%H:%M}"

    return {
        "title": row.title, "company": row.company, "terms": "\n".join(row.terms), "tz": row.tz,
        "began": local(row.began), "look_within": row.look_within,
        "answer_within": row.answer_within, "hours": row.hours,
        "next_update_at": local(row.next_update_at),
    }  # fmt: skip
