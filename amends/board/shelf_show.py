"""The shelf: past incidents on one scale, and those nearest to what is thought of."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from amends.board.door import Door, Here
from amends.board.render import render
from models.campaign import HOWS
from models.errors import SetupError
from models.home import Home
from models.incident import zone

door = Door()


@door.page("/i/{slug}/shelf", "viewer")
def show(
    request: Request, place: Here, slug: str,
    like: Annotated[str, Query(max_length=200)] = "",
    hours: Annotated[str, Query(max_length=20)] = "",
    how: Annotated[str, Query(max_length=20)] = "",
) -> Response:  # fmt: skip
    """Show the shelf, and the precedents nearest to a wish or to what the incident offers."""
    from amends.board.shelf_kept import memory_of
    from amends.shelf.ask import Shelf, Wish, shelf
    from amends.shelf.value import scale
    from amends.shelf.words import minutes, notes

    wrong = ""
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        file, memory = Home(place.home).shelf, memory_of(place.store)
        try:
            wish = Wish(like=like, hours=_hours(hours), how=how)
            found: Shelf = shelf(tx, file, place.now(), wish, incident, memory)
        except SetupError as error:
            wrong = f"{error.message}: {error.remedy}"
            found = shelf(tx, file, place.now(), Wish(), incident, memory)
    return render(
        request, "shelf_show.html", status=400 if wrong else 200, incident=incident,
        slug=incident.slug, zone=zone(incident.tz), shelf=found, notes=notes(found.precedents),
        scale=scale, minutes=minutes, hows=HOWS, wrong=wrong,
        said={"like": like, "hours": hours, "how": how},
    )  # fmt: skip


def _hours(text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) if text.strip() else None
    except ValueError:
        message = f"“{text}” isn't a number of hours"
        raise SetupError(message, "write 6 or 2.5") from None
