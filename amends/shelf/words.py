"""The shelf in words: where a proposal stands among the precedents, and what they don't tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from amends.digest.words import length, several
from amends.shelf.near import Proposal
from amends.shelf.value import MONTH, PRO_RATA, Precedent, Scale, rough, scale, scale_of


def standing(proposal: Proposal, shelf: Sequence[Precedent]) -> list[str]:
    """Say where each offer stands on the one scale, and what the middle precedent would come to."""
    offers = {str(one): scale_of((one,), proposal.hours) for one in proposal.percents}
    if PRO_RATA in proposal.offers:
        offers[PRO_RATA] = scale_of((), None, pro_rata=True)
    if not offers:
        return []
    if not proposal.hours and proposal.percents:
        return ["Say for how many hours it was down, and the offer can be put on one scale."]
    times = [found for one in shelf if (found := scale(one).times) is not None]
    return [
        *(_stands(name, one, proposal.hours, times) for name, one in offers.items()),
        *([_middle(times, proposal.hours)] if times and proposal.hours else []),
    ]


def _stands(name: str, one: Scale, hours: float | None, times: Sequence[float]) -> str:
    mine = one.times or 0.0
    head = f"Pro rata is {mine:g} times the time lost"
    if one.per_hour is not None:
        head = (f"{float(name):g} % for {hours:g} h is {one.per_hour:.2g} % for each hour down, "
                f"{mine:g} times the time lost")  # fmt: skip
    if not times:
        return f"{head}. No precedent is on this scale."
    more, less = (sum(each > mine for each in times), sum(each < mine for each in times))
    alike = len(times) - more - less
    return (f"{head}. Of {several(len(times), 'precedent', 'precedents')} on this scale {more} gave "
            f"more and {less} less" + (f", {alike} as much." if alike else "."))  # fmt: skip


def _middle(times: Sequence[float], hours: float) -> str:
    middle = median(times)
    return (f"The middle of them gave {rough(middle)} times the time lost; for {hours:g} h that is "
            f"{rough(middle * hours / MONTH * 100)} %.")  # fmt: skip


def told(one: Precedent) -> str:
    """Say what the public said of a precedent, and where that was read."""
    head = f"{one.title} ({', '.join(filter(None, (one.company, one.began)))})"
    where = f"Read at {one.source}" if one.kind != "measured" and one.source else ""
    body = " ".join(f"{part.rstrip('.')}." for part in (one.claim, one.said, where) if part)
    return f"{head}: {body}" if body else ""


def notes(shelf: Sequence[Precedent]) -> list[str]:
    """Say what the shelf doesn't tell."""
    said = ["Once the time lost: an hour is 1/720 of a month's bill."]
    if any(one.kind == "public record" for one in shelf):
        said.append("The public record is a handful of cases others wrote down, most of one company; "
                    "none of it was measured here.")  # fmt: skip
    said.append(
        "A precedent says what was done and what people said then, not what will come of it."
    )
    return said


def minutes(count: int | None) -> str:
    """Return so many minutes as people say them; a dash if that isn't known."""
    return "–" if count is None else length(timedelta(minutes=count))
