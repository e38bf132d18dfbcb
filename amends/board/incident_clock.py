"""The clock of an incident: who spoke first, how long each took, and who came back."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request, Response

from amends.board.door import Door, Here
from amends.board.render import render
from amends.digest.words import length
from models.incident import zone

door = Door()


@door.page("/i/{slug}/clock", "viewer")
def show(request: Request, place: Here, slug: str) -> Response:
    """Show it as a table."""
    from amends.effect.clock import clock_of

    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        hands = clock_of(tx, incident, place.now())
    took = [
        None if one.minutes is None else length(timedelta(minutes=one.minutes)) for one in hands
    ]
    return render(
        request, "incident_clock.html", incident=incident, slug=incident.slug,
        zone=zone(incident.tz), hands=list(zip(hands, took, strict=True)),
    )  # fmt: skip


@door.page("/i/{slug}/recovery", "viewer")
def recovery(request: Request, place: Here, slug: str) -> Response:
    """Show what became of those who complained."""
    from amends.effect.recovery import recovery_of, sentences

    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        found = recovery_of(tx, incident, place.now())
    return render(
        request, "incident_recovery.html", incident=incident, slug=incident.slug, found=found,
        turns=found.turns, said=sentences(found),
    )  # fmt: skip
