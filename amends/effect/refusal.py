"""When nothing can be said of an act: too short, too deaf, or too few voices. Pure."""

from __future__ import annotations

from amends.alarms.ground import Mask
from amends.effect.record import WASH, Record

LEAST_BEFORE, LEAST_AFTER = 12, 6
"""Known hours that are needed before an act, and after it has been read."""

FEWEST = 30
"""Voices with the label that are needed before, and others on both sides."""

EXPECTED = 15
"""Voices with the label that must be expected after, or nobody could tell that some are missing."""

UNKNOWN = 0.25
"""The share of hours before or after of which too little may be read."""


def refused(record: Record, before: Mask, after: Mask) -> str:
    """Return why nothing can be said; nothing if something can."""
    if not record.sources:
        return "no source was read well enough both before and after it"
    read = WASH if after.any() else 0
    return (
        _short(before, LEAST_BEFORE, "before it are needed")
        or _short(
            after,
            LEAST_AFTER,
            f"after it are needed, of which the first {WASH} are given to it to be read",
            read,
        )
        or _deaf(before & record.known, before, LEAST_BEFORE, "before")
        or _deaf(after & record.known, after, LEAST_AFTER, "after")
        or _quiet(record, before & record.known, after & record.known)
    )


def _short(part: Mask, least: int, needed: str, read: int | None = None) -> str:
    more = 0 if read is None else WASH
    hours = int(part.sum())
    return (
        f"{least + more} hours {needed}, and there are {hours + (read or 0)}"
        if hours < least
        else ""
    )


def _deaf(known: Mask, part: Mask, least: int, side: str) -> str:
    whole, heard = int(part.sum()), int(known.sum())
    if heard >= least and whole - heard <= UNKNOWN * whole:
        return ""
    return f"of the {whole} hours {side} it {whole - heard} weren’t read in full"


def _quiet(record: Record, before: Mask, after: Mask) -> str:
    said, others = float(record.said[before].sum()), float(record.others[before].sum())
    if said < FEWEST:
        return f"{FEWEST} voices before it are needed, and there are {said:.0f}"
    later = float(record.others[after].sum())
    for found, side in ((others, "before"), (later, "after")):
        if found < FEWEST:
            against = f"{FEWEST} other voices {side} it are needed to hold them against"
            return f"{against}, and there are {found:.0f}"
    expected = said / others * later
    if expected < EXPECTED:
        return f"only about {expected:.0f} voices were to be expected after it, and {EXPECTED} are needed"
    return ""
