"""What people were told otherwise, and what fails, for programs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from amends.board.api.mirror import mirror
from amends.board.api.shape import In, Slug, incident_of, open_door
from amends.board.door import Here, Who
from amends.board.masked import masked_found
from amends.digest import latest_day
from amends.truth.contradictions import Contradictions, contradictions
from amends.truth.symptoms import By, Symptoms, symptoms
from models.day import day_window

door = open_door("truth")

Told: Any = mirror(Contradictions)
Failing: Any = mirror(Symptoms)
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 1, 1))]


class Asked(In):
    """Of which local day; of the whole incident if it is left out."""

    day: Day | None = None


class AskedBy(In):
    """Of which local day, of the newest with posts if it is left out; and what a line is of."""

    day: Day | None = None
    by: By = "component"


@door.api("GET", "/api/incidents/{slug}/contradictions", "viewer", response_model=Told)
def told(place: Here, who: Who, slug: Slug, asked: Annotated[Asked, Query()]) -> Any:
    """Return what people were told otherwise than we said in public, by channel and place."""
    with place.store.read() as tx:
        row, _ = incident_of(tx, slug)
        within = day_window(asked.day, row.tz) if asked.day else None
        found = contradictions(tx, row, place.truth, place.now(), within)
    return masked_found(found, who)


@door.api("GET", "/api/incidents/{slug}/symptoms", "viewer", response_model=Failing)
def failing(place: Here, who: Who, slug: Slug, asked: Annotated[AskedBy, Query()]) -> Any:
    """Return what fails by component, against what the status page says of it."""
    now = place.now()
    with place.store.read() as tx:
        row, _ = incident_of(tx, slug)
        day = asked.day or latest_day(tx, row, now)
        found = symptoms(tx, row, place.truth, now, day_window(day, row.tz), asked.by)
    return masked_found(found, who)
