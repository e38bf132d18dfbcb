"""The spot check: a few posts of a day, drawn by chance, say how far the day's counts are right."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.deed import notice
from amends.board.door import Door, Here, Who
from amends.board.queue_ask import keep, numbers
from amends.board.render import render
from amends.board.shown import setting, shown
from models.day import day_window, local_day
from models.errors import SetupError
from models.spot import corrected

door = Door()

SHOWN = 10
MOST = 1_000


@door.page("/i/{slug}/spot", "agent")
def look(
    request: Request, place: Here, who: Who, slug: str,
    day: Annotated[str, Query(max_length=10)] = "",
) -> Response:  # fmt: skip
    """
    Show the next posts to look at, and what those looked at so far say.

    What the classifier made of a post isn't shown: it would sway whoever looks.
    """
    now = place.now()
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        chosen = _day(day) if day else local_day(now, incident.tz)
        window, key = day_window(chosen, incident.tz), incident.id or 0
        checks = [tx.spots.check(key, window, name) for name in place.labels.main.names]
        waiting = tx.spots.open(key, window, place.labels.main.names, MOST)
        lines = tx.queue.these(key, waiting[:SHOWN])
    found = [(label, check, corrected(check))
             for label, check in zip(place.labels.main, checks, strict=True)]  # fmt: skip
    return render(
        request, "spot_check.html", **setting(place, incident), **notice(request), day=chosen,
        items=shown(place, incident, who, lines), left=len(waiting), found=found,
        labels=list(place.labels.main), before=chosen - timedelta(days=1),
        after=chosen + timedelta(days=1) if chosen < local_day(now, incident.tz) else None,
    )  # fmt: skip


@door.act("/i/{slug}/spot", "agent")
def answer(
    place: Here, who: Who, slug: str,
    post: Annotated[list[str], Form(max_length=SHOWN)],
    day: Annotated[str, Form(max_length=10)],
    carries: Annotated[list[str], Form(max_length=1_000)] = [],  # noqa: B006
) -> Response:  # fmt: skip
    """Keep what somebody saw: every label of a post fits or doesn't."""
    chosen, asked = _day(day), numbers(post)
    with place.store.begin() as tx:
        incident = tx.incidents.find(slug)
        lines = tx.queue.these(incident.id or 0, asked)
        keep(tx, place, who, incident, [line.post_id for line in lines], carries, spot=True)
    done = f"done=correct:{len(lines)}"
    return RedirectResponse(f"/i/{incident.slug}/spot?day={chosen.isoformat()}&{done}", 303)


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        message = f"“{said}” is no day"
        raise SetupError(message, "write it as 2026-03-04") from None
