"""Open an incident from the board."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who
from amends.board.render import render
from amends.course import opened
from amends.wanted import split_terms
from models.errors import SetupError

door = Door()

EMPTY = {"title": "", "company": "", "terms": "", "tz": "UTC", "began": "now"}


@door.page("/incidents/open", "lead")
def ask(request: Request) -> Response:
    """Show the form."""
    return render(request, "incident_open.html", said=EMPTY, wrong="")


@door.act("/incidents/open", "lead")
def take(
    request: Request,
    place: Here,
    who: Who,
    title: Annotated[str, Form(max_length=1000)] = "",
    company: Annotated[str, Form(max_length=1000)] = "",
    terms: Annotated[str, Form(max_length=20_000)] = "",
    tz: Annotated[str, Form(max_length=100)] = "UTC",
    began: Annotated[str, Form(max_length=100)] = "now",
) -> Response:
    """Open it, or show the form again with what has to be mended."""
    said = {"title": title, "company": company, "terms": terms, "tz": tz, "began": began}
    try:
        with place.store.begin() as tx:
            row = opened(
                tx, title=title, company=company, terms=split_terms(terms.splitlines()),
                tz=tz.strip() or "UTC", began=began.strip() or "now", by=who.name, now=place.now(),
            )  # fmt: skip
    except SetupError as error:
        wrong = f"{error.message}: {error.remedy}"
        return render(request, "incident_open.html", status=400, said=said, wrong=wrong)
    return RedirectResponse(f"/i/{row.slug}/watches/add", 303)
