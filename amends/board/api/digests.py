"""Digests, for programs: one local day of an incident."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import Path, Request, Response

from amends import digest
from amends.board.api.mirror import mirror
from amends.board.api.shape import Out, Slug, incident_of, open_door
from amends.board.door import Here, Visitor, Who
from amends.board.masked import masked, masked_themes
from amends.board.themed import LONGEST, memory_of

door = open_door("digests")

Day = Annotated[date, Path(ge=date(1990, 1, 1), le=date(2200, 1, 1), description="A local day.")]
Sheet: Any = mirror(digest.Digest)


class Days(Out):
    """The days an incident has digests for: from the one it began on to the newest with posts."""

    first: date
    latest: date


@door.api("GET", "/api/incidents/{slug}/digests", "viewer", response_model=Days)
def days(place: Here, slug: Slug) -> Any:
    """Return for which days there are digests."""
    from models.day import local_day

    with place.store.read() as tx:
        row, _ = incident_of(tx, slug)
        latest = digest.latest_day(tx, row, place.now())
    return Days(first=min(local_day(row.began, row.tz), latest), latest=latest)


@door.api("GET", "/api/incidents/{slug}/digests/{day}", "viewer", response_model=Sheet)
def one(request: Request, place: Here, who: Who, slug: Slug, day: Day) -> Any:
    """Return the digest of one local day, as it stands now."""
    with place.store.read() as tx:
        row, _ = incident_of(tx, slug)
    themes = memory_of(request).of(place, row, day, LONGEST)
    with place.store.read() as tx:
        facts = digest.snapshot(tx, row, day, place.now(), place.labels, themes, truth=place.truth)
    sheet = _masked(digest.build(facts), who)
    return Response(digest.as_json(sheet), media_type="application/json")


def _masked(sheet: digest.Digest, who: Visitor) -> digest.Digest:
    hidden = {
        name: tuple(masked(quote, who) for quote in getattr(sheet, name))
        for name in ("answer", "answer_undated", "praise")
    }
    themes = masked_themes(sheet.themes, who)
    return msgspec.structs.replace(sheet, themes=themes, **hidden)
