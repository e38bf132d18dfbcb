"""
Mentions: what a post says somebody was offered, or asks for. Pure; linear in the text.

A percentage, money, a free day or a bare number is a mention only beside words of credit, or where
somebody scoffs at it; battery levels, prices, grades and crowds are none. Built for precision.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID
from models.cues import (
    CARD,
    CREDIT,
    CREDIT_OF,
    CROWD,
    FOR,
    GAVE,
    HAD,
    ITS,
    MANY,
    NEAR,
    NOISE,
    NOT_FREE,
    PAID,
    PAID_BACK,
    PERIOD,
    SCORN,
    SPAN,
    STOPS,
    TOLD,
    WHO_GIVES,
    WISH,
    worth_a_look,
)
from models.worth import (
    CENTS,
    LONGEST,
    MONEY,
    PERCENT,
    PLAIN,
    SIGNS,
    THINGS,
    Quantity,
    Worth,
    percent_behind,
    quantities,
    tokens,
    worth,
)

_MAY_COUNT = frozenset(("a", "an", "another", "free", "extra", "half"))

MOST = 8
"""Mentions that are kept of one post."""


class Mention(NamedTuple):
    """What is mentioned; `asked` if the post wishes for it, and says nothing of having been offered it."""

    worth: Worth
    asked: bool


class MentionRow(SQLModel, table=True):
    """A kept mention, the `place`th of its post; `amount` is a decimal in its normal form."""

    __tablename__ = "mention"

    post_id: int = Field(
        sa_type=BIG_ID, primary_key=True,
        sa_column_args=[ForeignKey("post.id", ondelete="CASCADE")],
        sa_column_kwargs={"autoincrement": False},
    )  # fmt: skip
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    unit: str
    amount: str
    asked: bool


def mentions(text: str) -> list[Mention]:
    """Return what a text says was offered or asks for, each worth once, up to `MOST`."""
    if not worth_a_look(text[:LONGEST].casefold()):
        return []
    said = tokens(text)
    found: dict[Worth, bool] = {}
    for one, start, end in _found(said):
        wished = _asked(said, start, end)
        found[one] = found.get(one, True) and wished
    return [Mention(one, asked) for one, asked in list(found.items())[:MOST]]


class _Seen(NamedTuple):
    worth: Worth
    start: int
    end: int


def _found(said: list[str]) -> Iterator[_Seen]:
    for number in quantities(said):
        seen = (_percent(said, number) or _money(said, number) or _thing(said, number)
                or _plain(said, number))  # fmt: skip
        if seen is not None:
            yield seen
    for at, word in enumerate(said):
        if word in _MAY_COUNT:
            seen = _a_thing(said, at)
            if seen is not None:
                yield seen


def _at(said: list[str], at: int) -> str:
    return said[at] if 0 <= at < len(said) else "."


def _has(said: list[str], since: int, until: int, words: frozenset[str]) -> bool:
    return not words.isdisjoint(said[max(since, 0) : max(until, 0)])


def _offered(said: list[str], start: int, end: int) -> bool:
    """Whether words of credit stand around, or somebody scoffs at it and says no more."""
    if _has(said, start - SPAN, start, CREDIT) or _has(said, end, end + SPAN, CREDIT):
        return True
    if _has(said, start - NEAR, start, GAVE):
        return True
    bare = _at(said, end) in ".!?,;:" or not _at(said, end)[0].isalnum()
    return bare and _has(said, start - 2, start, SCORN)


def _torn(said: list[str], number: Quantity) -> bool:
    """Whether a number is part of a time, a date or a ratio."""
    joins = "/:"
    return (_at(said, number.start - 1) in joins and _at(said, number.start - 2)[0].isdigit()) or (
        _at(said, number.end) in joins and _at(said, number.end + 1)[0].isdigit()
    )


def _percent(said: list[str], number: Quantity) -> _Seen | None:
    value, start, end = number
    behind = percent_behind(said, end)
    if not behind or not 0 < value <= 100:
        return None
    if _has(said, start - NEAR, start, NOISE) or _has(said, behind, behind + NEAR, NOISE):
        return None
    if _at(said, behind) == "of" and _has(said, behind, behind + 4, CROWD):
        return None
    if _at(said, start - 1) in ("at", "by", "up", "down"):
        return None
    if value > 90 and not _has(said, behind, behind + 3, CREDIT):
        return None
    return _Seen(worth(value, PERCENT), start, behind) if _offered(said, start, behind) else None


def _money(said: list[str], number: Quantity) -> _Seen | None:
    value, start, end = number
    unit = SIGNS.get(_at(said, start - 1), "")
    if unit:
        start -= 1
    else:
        unit = SIGNS.get(_at(said, end), "") or MONEY.get(_at(said, end), "")
        end += 1
    # In “30p” and “24c” the letter belongs to the number; in “3 p m” it doesn't.
    if not unit or value <= 0 or _at(said, end) in MANY or _at(said, end) == "'":
        return None
    if unit == CENTS and value == 2 and "my" in said[max(start - 2, 0) : start]:
        return None  # an opinion
    if _has(said, start - NEAR, start, PAID) or _at(said, start - 1) in ("-", "/"):
        return None
    rate = (
        _at(said, end) in ("a", "per", "each", "every", "an", "/") and _at(said, end + 1) in PERIOD
    )
    if rate and _at(said, end + 2) not in ("off", "credit", "discount"):
        return None
    seen = _Seen(worth(value, unit), start, end)
    return seen if _offered(said, start, end) else None


def _thing(said: list[str], number: Quantity) -> _Seen | None:
    """Return “two free weeks”, “3 days' worth”, “one month free”, “credit for 3 days”."""
    value, start, end = number
    free = _at(said, end) == "free"
    return _counted(said, value, start, end + free, free=free)


def _a_thing(said: list[str], at: int) -> _Seen | None:
    """Return “a free month”, “a day's credit”, “half a month off”, “free month”."""
    value, end = Decimal(1), at + 1
    if said[at] == "half":
        value, end = Decimal("0.5"), at + 2
        if _at(said, at + 1) not in ("a", "the"):
            return None
    elif said[at] in ("a", "an") and _at(said, at - 1) == "half":
        return None
    free = said[at] == "free" or _at(said, end) == "free"
    if said[at] == "free":
        before = _at(said, at - 1)
        if (
            before in ("a", "an", "another", "extra", "half")
            or before[0].isdigit()
            or quantities([before])
        ):
            return None
        if before in NOT_FREE or _at(said, end).endswith("s"):
            return None
    elif free:
        end += 1
    return _counted(said, value, at, end, free=free)


def _counted(said: list[str], value: Decimal, start: int, at: int, *, free: bool) -> _Seen | None:
    name, before = _at(said, at), _at(said, start - 1)
    thing = THINGS.get(name.removesuffix("'s"))
    if thing is None or not 0 < value < 1000 or (name == "mo" and not free):
        return None
    end = at + 1 + (_at(said, at + 1) == "'")
    if _at(said, end) in ("trial", "trials", "pass") or before in ("first", "-", "stress"):
        return None
    if free:
        given = before not in NOT_FREE and not _has(said, start - 2, start, HAD)
    else:
        given = _is_given(said, start, end) or _is_for(said, start, end)
    return _Seen(worth(value, thing), start, end) if given else None


def _is_given(said: list[str], start: int, end: int) -> bool:
    """Whether what stands behind so many days says that they are free: “worth of credit”, “on us”."""
    behind, then = _at(said, end), _at(said, end + 1)
    if behind == "free":
        return not _has(said, start - 2, start, HAD) and then not in ("trial", "-")
    if behind == "worth":
        return _at(said, end + 2) in CREDIT_OF if then == "of" else _offered(said, start, end + 1)
    if behind == "off":
        return then in ("my", "the", "your")
    return (
        (behind in ("credit", "refund") and then not in CARD)
        or (behind == "of" and then in ("credit", "credits", "free"))
        or (behind == "on" and then in ("us", "them"))
    )


def _is_for(said: list[str], start: int, end: int) -> bool:
    """Whether so many days are what a credit is for: “credited me for 3 days”."""
    paid = _has(said, start - 4, start, PAID_BACK) and _has(said, start - 2, start, FOR)
    return paid and _at(said, end) not in ("ago", "of")


def _plain(said: list[str], number: Quantity) -> _Seen | None:
    """Return “5 off my bill”, “a credit of 5”."""
    value, start, end = number
    if not 0 < value < 1000 or _torn(said, number) or not said[start][0].isdigit():
        return None
    seen = _Seen(worth(value, PLAIN), start, end)
    before, behind, then = _at(said, start - 1), _at(said, end), _at(said, end + 1)
    if before in ("-", "/", ":", "at", "day", "season", "episode", "version"):
        return None
    if behind == "off" and (then in ITS or not then[0].isalnum()):
        return None if _at(said, end + 2) in ("discs", "wall") else seen
    if (
        behind in ("credit", "refund", "discount")
        and then not in CARD
        and before in ("a", "my", "the")
    ):
        return seen
    if before == "of" and _at(said, start - 2) in ("credit", "refund", "discount"):
        return (
            None
            if behind[0].isalpha() and behind not in ("on", "to", "and", "for", "but")
            else seen
        )
    return None


def _asked(said: list[str], start: int, end: int) -> bool:
    """Whether what stands before it in its sentence, the nearest word first, wishes rather than tells."""
    for at in range(start - 1, max(start - 1 - SPAN, -1), -1):
        word = said[at]
        if word in STOPS:
            break
        if word in TOLD:
            return False
        if word in WISH:
            return True
        if word == "give" and _at(said, at + 1) in ("me", "us"):
            return _at(said, at - 1) not in WHO_GIVES
        if word == "about" and _at(said, at - 1) == "how":
            return True
    return _has(said, end, end + 4, frozenset(("would", "should"))) and not _has(
        said, start - SPAN, start, TOLD
    )
