"""What was offered, in the words of a digest: texts on one line each, and titles for names."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from amends.digest.offers import Offers
from amends.digest.words import LONGEST_NAME, clock, moment, number, plain, several
from models.offer import TITLES as FINDING_TITLES
from models.phase import TITLES as PHASE_TITLES

LONGEST = 160


def plainly(found: Offers | None) -> Offers | None:
    """Return it with texts on one line each, and with titles for names."""
    if found is None:
        return None
    return Offers(
        made=tuple(
            msgspec.structs.replace(
                one, offered=plain(one.offered, LONGEST), how=plain(one.how, LONGEST_NAME),
                phase=PHASE_TITLES.get(one.phase, one.phase), text=plain(one.text, LONGEST),
            )
            for one in found.made
        ),
        asked=tuple(
            msgspec.structs.replace(one, phase=PHASE_TITLES.get(one.phase, one.phase))
            for one in found.asked
        ),
        told=tuple(
            msgspec.structs.replace(
                one, finding=FINDING_TITLES.get(one.finding, one.finding),
                worth=plain(one.worth, LONGEST_NAME),
            )
            for one in found.told
        ),
        wanted=tuple(
            msgspec.structs.replace(one, title=plain(one.title, LONGEST_NAME)) for one in found.wanted
        ),
    )  # fmt: skip


def lines(found: Offers, tz: str) -> Iterator[str]:
    """Yield a line for each offer and for each thing that was said and isn't so."""
    for one in found.made:
        how = "comes by itself" if one.how == "automatic" else f"claimed by {one.how}"
        once = ", once" if one.once else ""
        closes = f", to be claimed before {moment(one.closes, tz)}" if one.closes else ""
        bill = f", on the bill by {one.bill_by}" if one.bill_by else ""
        yield (
            f"{one.offered}: {how}{once}, from {moment(one.starts, tz)}{closes}{bill}; "
            f"{one.phase.lower()}: “{one.text}”"
        )
    for said in found.told:
        yield (
            f"{said.finding}: {said.worth}, in {several(said.posts, 'post', 'posts')} by "
            f"{several(said.voices, 'voice', 'voices')}, first {clock(said.first_at, tz)}."
        )


def wanted(found: Offers) -> Iterator[str]:
    """Yield what these requests ask, those of most voices first."""
    for one in found.wanted:
        yield f"{one.title}: {several(one.posts, 'post', 'posts')} by {several(one.voices, 'voice', 'voices')}."


def rows(found: Offers) -> tuple[tuple[str, ...], ...]:
    """Return the open requests by phase as rows of cells."""
    return tuple((one.phase, number(one.posts), number(one.voices)) for one in found.asked)
