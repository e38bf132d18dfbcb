"""Listen to another source: first a preview of what it says now, then the watch is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who
from amends.board.place import Place
from amends.board.render import render
from amends.wanted import limited, preview, settings_of, split_terms, watch_row
from ingest.registry import find
from ingest.source import Source
from models.errors import SetupError, SourceError
from models.incident import IncidentRow, WatchRow
from models.post import Post

door = Door()

HERE_ONLY = frozenset(["file"])
"""Sources that read this machine's own disk: whoever may look at the board may not look there."""


class Said(msgspec.Struct, frozen=True):
    """The form as somebody filled it in."""

    source: str = ""
    address: str = ""
    terms: str = ""
    settings: str = ""
    canary: str = ""
    requests_a_day: str = ""
    reads_a_day: str = ""


@door.page("/i/{slug}/watches/add", "lead")
def ask(request: Request, place: Here, slug: str) -> Response:
    """Show the form."""
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
    return _form(request, place, row, Said(terms="\n".join(row.terms)))


@door.act("/i/{slug}/watches/add", "lead")
def take(
    request: Request,
    place: Here,
    who: Who,
    slug: str,
    do: Annotated[str, Form(max_length=20)] = "preview",
    source: Annotated[str, Form(max_length=100)] = "",
    address: Annotated[str, Form(max_length=2000)] = "",
    terms: Annotated[str, Form(max_length=20_000)] = "",
    settings: Annotated[str, Form(max_length=5000)] = "",
    canary: Annotated[str, Form(max_length=200)] = "",
    requests_a_day: Annotated[str, Form(max_length=20)] = "",
    reads_a_day: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Ask the source once and show three posts, or keep the watch."""
    said = Said(source, address, terms, settings, canary, requests_a_day, reads_a_day)
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
    try:
        wanted, limits = _wanted(place, row, said)
        if do != "save":
            with place.asker() as asker:
                posts = preview(offered(place)[wanted.source], wanted.as_watch(), asker, place.now)
            return _form(request, place, row, said, posts=posts)
    except (SetupError, SourceError) as error:
        wrong = f"{error.message}: {error.remedy}" if error.remedy else error.message
        return _form(request, place, row, said, wrong=wrong)
    with place.store.begin() as tx:
        saved, new = tx.watches.add(wanted)
        detail: dict[str, Any] = {"source": wanted.source, "new": new}
        tx.audit.note("added", f"watch:{saved.id}", by=who.name, now=place.now(),
                      incident_id=row.id, detail=detail | wanted.settings | limits)  # fmt: skip
    return RedirectResponse(f"/i/{row.slug}#sources", 303)


def offered(place: Place) -> Mapping[str, Source]:
    """Return the sources that may be listened to from here."""
    return {name: one for name, one in place.sources.items() if name not in HERE_ONLY}


def number(said: str, what: str) -> int | None:
    """Return a number somebody typed, None for nothing; SetupError if it is none."""
    said = said.strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        message = f"“{said}” is no number of {what}"
        raise SetupError(message, "write a whole number, or leave it empty")
    return int(said)


def _wanted(place: Place, row: IncidentRow, said: Said) -> tuple[WatchRow, dict[str, str | int]]:
    source = find(offered(place), said.source)
    takes = source.takes
    wanted = watch_row(
        source, incident_id=row.id or 0, now=place.now(),
        address=said.address.strip() or None if "address" in takes else None,
        terms=split_terms(said.terms.splitlines()) or row.terms,
        settings=settings_of(source, [line.strip() for line in said.settings.splitlines() if line.strip()]),
    )  # fmt: skip
    limits = limited(
        wanted, source, canary=said.canary.strip() or None,
        requests_a_day=number(said.requests_a_day, "requests"),
        reads_a_day=number(said.reads_a_day, "paid reads"),
    )  # fmt: skip
    return wanted, limits


def _form(
    request: Request,
    place: Place,
    row: IncidentRow,
    said: Said,
    *,
    posts: Sequence[Post] | None = None,
    wrong: str = "",
) -> Response:
    return render(
        request, "watch_add.html", status=400 if wrong else 200, row=row, said=said, posts=posts,
        wrong=wrong, sources=offered(place),
    )  # fmt: skip
