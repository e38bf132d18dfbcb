"""The queue: what should be worked on next, fifty at a time, by filters that stand in the address."""

from __future__ import annotations

from fastapi import Request, Response

from amends.board import filters
from amends.board.deed import notice
from amends.board.door import Door, Here, Who
from amends.board.render import render
from amends.board.shown import FORMULA, setting, shown
from models.store.queue import LEAF

door = Door()

COUNTED = 1_000
"""Further than this nobody needs to know how many there are."""


@door.page("/i/{slug}/queue", "viewer")
def show(request: Request, place: Here, who: Who, slug: str) -> Response:
    """Show a leaf of it. Looking at it marks nothing as seen."""
    query = dict(request.query_params)
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        chosen = filters.read(query, incident, who, place.labels)
        key, start = incident.id or 0, filters.cursor(query.get("after", ""))
        lines, count = tx.queue.leaf(key, chosen.sought, start, LEAF + 1, COUNTED)
        moment = tx.happenings.moment(key)
        views = tx.saved_views.of(key)
        team = [person.name for person in tx.people.able("agent")]
    more = filters.after(lines[LEAF - 1].cursor) if len(lines) > LEAF else ""
    lines = lines[:LEAF]
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return render(
        request, "queue_show.html", **setting(place, incident), **notice(request),
        items=shown(place, incident, who, lines), back=back, notice="", at=_number(moment),
        asked=chosen.asked, words=chosen.words(place.labels), states=filters.STATES,
        labels=list(place.labels), sources=sorted(place.sources), more=more, start=start,
        count=f"{count.items:,}{'' if count.all and count.items < COUNTED else '+'}", one=count == (1, True),
        views=views, team=team or [who.name], formula=FORMULA,
    )  # fmt: skip


def _number(moment: tuple[int, int]) -> str:
    return f"{moment[0]}.{moment[1]}"
