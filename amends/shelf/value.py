"""A precedent as a value, and the one scale on which precedents stand."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from models.errors import SetupError
from models.worth import CENTS, PERCENT, SIGNS, Worth, worth_of

Kind = Literal["measured", "brought in", "public record"]
KINDS: tuple[Kind, ...] = ("measured", "brought in", "public record")
NOT_MEASURED = "from the public record, not measured here"
BROUGHT_IN = "brought in from a file, not measured here"

PRO_RATA = "pro rata"
"""An offer of exactly the time that was lost."""

_BETWEEN = re.compile(r";|,\s| or ")

MONTH = 720.0
"""Hours of a month of 30 days, which is what a bill is for."""


class Precedent(msgspec.Struct, frozen=True, kw_only=True):
    """
    A past incident: how long it was down, what was offered and how it was claimed, what came of it.

    `began` is as much of an ISO date as is known. `hours` is None if nobody said, and `about` says that it
    is no more than a guess. `claim` is what else was to be known to claim it. From `first_word` on: minutes
    from its beginning to our first word; of 1,000 voices those that complained in the three busiest hours,
    and that ever asked for a credit; minutes until complaints halved, and were back in their band; voices
    that named an offer other than ours, and that said theirs never came. None where that isn't known.
    """

    name: str
    title: str
    company: str = ""
    began: str = ""
    kind: Kind
    down: str = ""
    hours: Annotated[float, msgspec.Meta(gt=0)] | None = None
    about: bool = False
    offers: tuple[str, ...] = ()
    how: str = ""
    days: int | None = None
    claim: str = ""
    said: str = ""
    source: str = ""
    first_word: int | None = None
    peak: float | None = None
    requests: float | None = None
    half: int | None = None
    tail: int | None = None
    conflicts: int | None = None
    missed: int | None = None

    @property
    def worths(self) -> tuple[Worth, ...]:
        """What was offered that has a number."""
        return tuple(worth_of(one) for one in self.offers if one != PRO_RATA)

    @property
    def percents(self) -> tuple[float, ...]:
        """Per cents that were offered; what is pro rata is as many as the time that was lost."""
        found = {float(one.amount) for one in self.worths if one.unit == PERCENT}
        if PRO_RATA in self.offers and self.hours:
            found.add(round(self.hours / MONTH * 100, 2))
        return tuple(sorted(found))

    @property
    def note(self) -> str:
        """Where it is from, for people."""
        return {"public record": NOT_MEASURED, "brought in": BROUGHT_IN}.get(self.kind, "")


class Scale(msgspec.Struct, frozen=True):
    """
    The highest per cent on offer, for each hour down, and as times of the time lost.

    An hour is 1/720 of a month's bill, so 5 % for 11 hours is 3.3 times what was lost.
    """

    per_hour: float | None = None
    times: float | None = None


def scale_of(percents: tuple[float, ...], hours: float | None, *, pro_rata: bool = False) -> Scale:
    """Return where an offer stands; what is pro rata is once the time lost, however long that was."""
    if not percents or not hours:
        return Scale(None, 1.0 if pro_rata else None)
    most = max(percents)
    return Scale(round(most / hours, 3), round(most * MONTH / 100 / hours, 1))


def scale(one: Precedent) -> Scale:
    """Return where a precedent stands."""
    return scale_of(one.percents, one.hours, pro_rata=PRO_RATA in one.offers)


def offers_of(text: str) -> tuple[str, ...]:
    """Return the worths of “3 %; 24 cents”, or of “pro rata”, in their normal form; SetupError if unclear."""
    parts = filter(None, map(str.strip, _BETWEEN.split(text)))
    found = [PRO_RATA if one.casefold() == PRO_RATA else str(worth_of(one)) for one in parts]
    if len(found) > 10:
        message = "these are more than ten offers"
        raise SetupError(message, "name those that most people got")
    return tuple(dict.fromkeys(found))


def rough(number: float) -> str:
    """Return a number no finer than it is known: 0.66, 2.4, 151."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def ratio(one: Worth, other: Worth) -> float | None:
    """Return how many times the other an offer is; None if the two can't be compared."""
    money = set(SIGNS.values())
    first, second = _minor(one), _minor(other)
    if one.unit == other.unit:
        return float(one.amount / other.amount)
    # Cents are of any currency.
    if CENTS in (one.unit, other.unit) and {one.unit, other.unit} <= money:
        return float(first / second)
    return None


def _minor(one: Worth) -> Decimal:
    return one.amount if one.unit == CENTS else one.amount * 100
