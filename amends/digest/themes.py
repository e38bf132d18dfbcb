"""What people complain about, and who waits too long, in sentences."""

from __future__ import annotations

from datetime import timedelta
from math import ceil, floor, sqrt
from typing import Any

from amends.digest.section import Table
from amends.digest.value import Digest, Quote, Themed
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
from models.sample import Estimate

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
        said += f"; all of a sample: {_part(found)}"
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
        said.append(
            f"All of it, quotes too, comes from a sample: {_part(found)}, drawn by chance and always the same."
            " How many distinct complaints there are in all lies between the two numbers in 95 of 100 cases."
        )
    said.append("A theme is named by its most telling words, in the words of those who complain.")
    return " ".join(said), tuple(quote for one in found.themes for quote in one.examples[:QUOTED])


def table(digest: Digest) -> Table | None:
    """Return the themes one by one; of a sample with how many complaints there are likely to be in all."""
    found, tz = digest.themes, digest.incident.tz
    part = found.read < found.among
    rows = tuple(
        (
            one.name,
            number(one.posts),
            number(one.voices),
            number(one.complaints),
            *([" to ".join(map(number, in_all(found, one.complaints)))] if part else []),
            f"since {clock(one.since, tz)}" if one.since else "–",
        )
        for one in found.themes
    )
    heads = ("Theme", "Posts", "Voices", "Complaints", *(["In all"] if part else []), "New")
    caption = "Themes by their most telling words, with posts, voices and distinct complaints"
    if part:
        caption += " of the sample, and distinct complaints in all"
    return Table(caption, heads, rows) if rows else None


def in_all(found: Themed, complaints: int) -> tuple[int, int]:
    """Return the fewest and the most there are likely to be in all, if a sample has so many complaints of a theme."""
    share = found.read / found.among
    # Two more of either kind: what all that were read have in common, the others may lack.
    doubted = (complaints + 2) / (found.read + 4)
    error = found.among * sqrt((1 - share) * doubted * (1 - doubted) / found.read)
    about = Estimate(complaints / share, error)
    low = max(floor(about.posts - about.margin), complaints)
    high = min(ceil(about.posts + about.margin), found.among - found.read + complaints)
    return low, high


def _part(found: Themed | Themes) -> str:
    return f"{number(found.read)} of {number(found.among)} distinct complaints"


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
