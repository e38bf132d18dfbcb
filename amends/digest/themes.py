"""What people complain about, and who waits too long, in sentences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from amends.digest.value import Digest, Quote
from amends.digest.words import (
    LONGEST_NAME,
    clock,
    joined,
    length,
    moment,
    number,
    plain,
    several,
)
from amends.pulse.themes import Theme as Found
from amends.pulse.themes import Themes
from amends.when import iso

QUOTED = 1
"""Posts quoted of each theme."""


def line_of(theme: Found) -> dict[str, Any]:
    """Return a theme as a line of a list, with its post that says it best."""
    first = next(iter(theme.examples), None)
    return {
        "name": plain(theme.name, LONGEST_NAME), "posts": theme.posts, "voices": theme.voices,
        "complaints": theme.complaints, "since": iso(theme.since),
        "example": plain(first.text) if first else "",
        "post_ids": [post.post_id for post in theme.examples],
    }  # fmt: skip


def said_of(found: Themes) -> str:
    """Return in a few words how many themes there are, and of how much."""
    said = several(len(found.themes), "theme", "themes")
    said += (
        f", {several(found.other, 'distinct complaint', 'distinct complaints')} of something else"
    )
    if found.read < found.among:
        said += f"; from {number(found.read)} of {number(found.among)} distinct complaints"
    return said


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
    wait = several(
        late.posts, "complaint or credit request has", "complaints and credit requests have"
    )
    allowed = length(timedelta(minutes=late.minutes))
    when = f"{allowed} of {late.hours}" if late.hours else allowed
    since = moment(late.oldest, digest.incident.tz)
    unseen = f", {number(late.unseen)} of them not even looked at" if late.unseen else ""
    return f"{wait} waited longer than the {when} allowed for an answer{unseen}; the oldest since {since}."
