"""The shelf in words: where a proposal stands among the precedents, and what they don't tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from amends.digest.words import length, several
from amends.shelf.near import Proposal
from amends.shelf.value import Precedent, scale


def standing(proposal: Proposal, shelf: Sequence[Precedent]) -> str:
    """Say where an offer stands on the one scale; nothing if it has no place there."""
    mine = proposal.scale
    if mine.times is None:
        if proposal.offers and not proposal.hours:
            return "Say for how many hours it was down, and the offer can be put on one scale."
        return ""
    what = " or ".join(proposal.offers)
    head = f"{what} is {mine.times:g} times the time lost"
    if mine.per_hour is not None:
        head = (f"{what} for {proposal.hours:g} h is {mine.per_hour:g} % for each hour down, "
                f"{mine.times:g} times the time lost")  # fmt: skip
    times = [found for one in shelf if (found := scale(one).times) is not None]
    if not times:
        return f"{head}. No precedent is on this scale."
    more, less = (sum(each > mine.times for each in times), sum(each < mine.times for each in times))
    alike = len(times) - more - less
    return (f"{head}. Of {several(len(times), 'precedent', 'precedents')} on this scale {more} gave "
            f"more and {less} less" + (f", {alike} as much." if alike else "."))  # fmt: skip


def notes(shelf: Sequence[Precedent]) -> list[str]:
    """Say what the shelf doesn't tell."""
    said = ["Once the time lost: an hour is 1/720 of a month's bill."]
    if any(one.kind == "public record" for one in shelf):
        said.append("The public record is a handful of cases others wrote down, most of one company; "
                    "none of it was measured here.")  # fmt: skip
    said.append("A precedent says what was done and what people said then, not what will come of it.")
    return said


def minutes(count: int | None) -> str:
    """Return so many minutes as people say them; a dash if that isn't known."""
    return "–" if count is None else length(timedelta(minutes=count))
