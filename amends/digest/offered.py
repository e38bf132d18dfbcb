"""What was offered, in the words of a digest: texts on one line each, and titles for names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from amends.digest.offers import Offers
from amends.digest.words import LONGEST_NAME, clock, joined, moment, number, plain, several
from models.campaign import Batch
from models.day import local_day
from models.offer import TITLES as FINDING_TITLES
from models.origin import Origin
from models.phase import TITLES as PHASE_TITLES

LONGEST = 160
_ORDINALS = {1: "first", 2: "second", 3: "third"}


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
        if one.batches:
            mails = joined([_mailed(each, tz) for each in one.batches])
            yield f"Mails of the day: {mails}."
    for finding in dict.fromkeys(one.finding for one in found.told):
        each = [one for one in found.told if one.finding == finding]
        alone = [one for one in each if one.voices == 1 and one.origin is None]
        alone = alone if len(alone) > 1 else []
        for said in each:
            if said not in alone:
                yield (
                    f"{finding}: {said.worth}, in {several(said.posts, 'post', 'posts')} by "
                    f"{several(said.voices, 'voice', 'voices')}, first {clock(said.first_at, tz)}"
                    f"{came(said.origin, said.first_at, tz)}."
                )
        if alone:
            yield f"{finding}, each by one voice: {joined([said.worth for said in alone])}."


def came(origin: Origin | None, first_at: datetime, tz: str) -> str:
    """Return which batch of mails it comes from and when that was set right, to be put behind; empty if unknown."""
    if origin is None:
        return ""
    same = local_day(origin.at, tz) == local_day(first_at, tz)
    at = clock(origin.at, tz) if same else moment(origin.at, tz)
    batch = f"{_ORDINALS.get(origin.batch, f'{origin.batch}th')} batch of mails ({at})"
    said = f"the {batch} said so" if origin.named else f"it came up after the {batch}"
    if origin.righted_at is None:
        return f"; {said}; nothing of ours has set it right yet"
    near = local_day(origin.righted_at, tz) == local_day(first_at, tz)
    righted = clock(origin.righted_at, tz) if near else moment(origin.righted_at, tz)
    return f"; {said}; set right {righted}"


def _mailed(batch: Batch, tz: str) -> str:
    mails = "" if batch.mails is None else f" ({number(batch.mails)})"
    return f"{clock(batch.at, tz)}{mails}"


def wanted(found: Offers) -> Iterator[str]:
    """Yield what these requests ask, those of most voices first."""
    for one in found.wanted:
        yield f"{one.title}: {several(one.posts, 'post', 'posts')} by {several(one.voices, 'voice', 'voices')}."


def rows(found: Offers) -> tuple[tuple[str, ...], ...]:
    """Return the open requests by phase as rows of cells."""
    return tuple((one.phase, number(one.posts), number(one.voices)) for one in found.asked)
