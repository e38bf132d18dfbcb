"""What people complain about, for programs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from amends import digest
from amends.board.api.mirror import mirror
from amends.board.api.shape import In, Slug, incident_of, open_door
from amends.board.door import Here, Who
from amends.board.masked import masked_themes
from amends.board.themed import LONGEST, memory_of
from amends.digest.build import themed
from amends.digest.value import Themed

door = open_door("themes")

Shown: Any = mirror(Themed)


class Asked(In):
    """Of which local day; of the newest with posts if it is left out."""

    day: Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 1, 1))] | None = None


@door.api("GET", "/api/incidents/{slug}/themes", "viewer", response_model=Shown)
def found(
    request: Request, place: Here, who: Who, slug: Slug, asked: Annotated[Asked, Query()]
) -> Any:
    """Return the themes of a day's complaints; that may take some seconds when nobody has asked before."""
    with place.store.read() as tx:
        row, _ = incident_of(tx, slug)
        day = asked.day or digest.latest_day(tx, row, place.now())
    themes = memory_of(request).of(place, row, day, LONGEST)
    titles = {label.name: label.title for label in place.labels}
    return masked_themes(themed(themes, titles), who)
