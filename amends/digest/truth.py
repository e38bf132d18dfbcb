"""A day's contradictions and symptoms in a line each, where there is something to tell."""

from __future__ import annotations

from amends.digest.words import clock, joined, number, several
from amends.truth.contradictions import Contradictions
from amends.truth.day import Truth
from amends.truth.page import OPERATIONAL
from amends.truth.symptoms import Symptom, Symptoms

FEWEST_TOLD, FEWEST_FAIL = 2, 5
"""Voices from which a contradiction, and a symptom, is news."""

MOST = 3


def lines(found: Truth, tz: str) -> tuple[str, ...]:
    """Return what there is to say of a day; nothing where there is nothing."""
    said = [line for line in (told(found.told), failing(found.fails, tz)) if line]
    fails = found.fails
    if said and fails.cut:
        since = f", back to {clock(fails.since, tz)}" if fails.since else ""
        said.append(f"Read from the {number(fails.read)} newest distinct complaints{since}.")
    return tuple(said)


def told(found: Contradictions) -> str:
    """Return what people were told otherwise, most voices first; empty if too few say so."""
    news = [one for one in found.found if one.against != "nothing" and one.voices >= FEWEST_TOLD]
    if not news:
        return ""
    parts = [
        f"{one.channel_title}{f', {one.place}' if one.place else ''}: “{one.says_title}”"
        f" ({several(one.voices, 'voice', 'voices')})"
        for one in news[:MOST]
    ]  # fmt: skip
    return f"Told otherwise than we said: {joined(parts)}."


def failing(found: Symptoms, tz: str) -> str:
    """Return what fails though the status page doesn't say so; empty if too few say so."""
    news = [one for one in found.found if one.component and _unsaid(one) >= FEWEST_FAIL]
    return f"Fails: {'; '.join(_failing(one, tz) for one in news[:MOST])}." if news else ""


def _unsaid(one: Symptom) -> int:
    """Return the voices whom the status page contradicts, or says nothing to."""
    return one.voices if not one.page else one.against


def _failing(one: Symptom, tz: str) -> str:
    where = ", ".join(f"{place.name} {number(place.voices)}" for place in one.places[:MOST])
    return (
        f"{one.component_title}, {several(_unsaid(one), 'voice', 'voices')}"
        f"{f' ({where})' if where else ''}: {page_says(one, tz)}"
    )


def page_says(one: Symptom, tz: str) -> str:
    """Return what the status page says of a component, and since when."""
    if not one.page or one.page_at is None:
        return "page says nothing of it"
    said = f"page says {one.page} since {clock(one.page_at, tz)}"
    if one.against and one.page != OPERATIONAL:
        said += f", and said {OPERATIONAL} to {several(one.against, 'voice', 'voices')}"
    return said
