"""Did it work? What an act changed in what people say, on one page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from amends.board.door import Door, Here
from amends.board.render import render
from amends.digest.snapshot import TO_ANSWER
from models.incident import zone

door = Door()


@door.page("/i/{slug}/acts/{act_id:int}/effect", "viewer")
def show(
    request: Request, place: Here, slug: str, act_id: int,
    label: Annotated[str, Query(max_length=80)] = "",
) -> Response:  # fmt: skip
    """Show the verdict, the chart, and the numbers as a table."""
    from amends.board.effect_chart import effect_chart
    from amends.effect.ask import effects
    from amends.effect.words import band, notes

    names = place.labels.names
    # Whether fewer ask for a credit is what an act is mostly for.
    wanted = label or next((name for name in reversed(TO_ANSWER) if name in names), names[0])
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        act = tx.acts.get(act_id, incident.id)
        (found,) = effects(tx, act_id, place.labels, place.now(), [wanted], incident.id)
    where = zone(incident.tz)
    return render(
        request, "act_effect.html", incident=incident, slug=incident.slug, zone=where, row=act,
        effect=found, notes=notes(found), chart=effect_chart(found, where), labels=place.labels.main,
        band=band(found.low, found.high) if found.change is not None else "",
    )  # fmt: skip
