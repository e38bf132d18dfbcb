"""What people complain about, and who waits too long, in sentences."""

from __future__ import annotations

from datetime import timedelta

from amends.digest.value import Digest, Quote
from amends.digest.words import clock, joined, length, moment, number, several

QUOTED = 1
"""Posts quoted of each theme."""


def complained(digest: Digest) -> tuple[str, tuple[Quote, ...]]:
    """Return what there is to say of themes, nothing where there are none, and a post of each."""
    found = digest.themes
    if not found.ready:
        return "It is being worked out; look again in a moment.", ()
    if not found.themes:
        return "", ()
    tz = digest.incident.tz
    fresh = [f"“{one.name}” since {clock(one.since, tz)}" for one in found.themes if one.since]
    said = []
    if fresh:
        said.append(f"New: {joined(fresh)}.")
    if found.other:
        said.append(f"{several(found.other, 'complaint is', 'complaints are')} of something else.")
    if found.read < found.among:
        said.append(f"From {number(found.read)} of {number(found.among)} distinct complaints.")
    said.append("A theme is named by its most telling words, in the words of those who complain.")
    return " ".join(said), tuple(quote for one in found.themes for quote in one.examples[:QUOTED])


def overdue(digest: Digest) -> str:
    """Return the sentence of what should have been answered by now; empty if nothing should."""
    late = digest.overdue
    if late is None:
        return ""
    wait = several(late.posts, "complaint or credit request has", "complaints and credit requests have")
    allowed = length(timedelta(minutes=late.minutes))
    when = f"{allowed} of {late.hours}" if late.hours else allowed
    since = moment(late.oldest, digest.incident.tz)
    unseen = f", {number(late.unseen)} of them not even looked at" if late.unseen else ""
    return f"{wait} waited longer than the {when} allowed for an answer{unseen}; the oldest since {since}."
