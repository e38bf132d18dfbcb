"""Offers mentioned in posts: found, normalised, in linear time, whatever strangers write."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import SetupError
from models.mention import MOST, mentions
from models.worth import Worth, worth_of
from tests.battery import Record, tell
from tests.models.offers_said import later, said
from tests.models.offers_unsaid import unsaid


def found(text: str) -> list[str]:
    """Return what a text mentions; a `?` behind it marks a wish."""
    return sorted(f"{one}{'?' if asked else ''}" for one, asked in mentions(text))


@pytest.mark.parametrize(("text", "mentioned"), said())
def test_what_was_offered_is_found(text: str, mentioned: list[str]) -> None:
    """In figures and words, in every currency, with its sign before or behind."""
    assert found(text) == mentioned


@pytest.mark.parametrize("text", unsaid())
def test_what_only_looks_like_an_offer_is_none(text: str) -> None:
    """Batteries, prices, grades, crowds, clocks."""
    assert found(text) == []


def test_how_many_were_right(record_property: Record) -> None:
    """The texts were written for this, so it says how well the rules hold, not how people write."""
    offered, other = said(), unsaid()
    assert len(offered) + len(other) >= 200 and len(other) >= len(offered)
    wrong = sum(bool(found(text)) for text in other)
    right = sum(found(text) == mentioned for text, mentioned in offered)
    tell(record_property, f"offers: {right} of {len(offered)} texts read right, {wrong} of "
                          f"{len(other)} without one taken for one")  # fmt: skip


def test_how_many_are_right_of_texts_the_rules_were_not_made_for(record_property: Record) -> None:
    """Nothing is taken for an offer that is none; some of what is told in a roundabout way is missed."""
    texts = later()
    wanted = sum(len(mentioned) for _, mentioned in texts)
    right = sum(len(set(found(text)) & set(mentioned)) for text, mentioned in texts)
    false = sum(len(set(found(text)) - set(mentioned)) for text, mentioned in texts)
    tell(
        record_property,
        f"offers: of {wanted} in texts written later {right} found, {false} more that are none",
    )
    assert false == 0 and right / wanted > 0.8


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("24 cents", "$0.24", True), ("$0.24", "24 cents", True), ("24 cents", "€0.24", True),
        ("$5", "€5", False), ("3 %", "3 days", False), ("£0.30", "30p", True),
        ("$5", "5.00 dollars", True), ("1 month", "a month", True), ("three per cent", "3%", True),
    ],
)  # fmt: skip
def test_the_same_in_other_words(one: str, other: str, same: bool) -> None:
    """Cents are of whatever currency they are held against."""
    assert worth_of(one).equals(worth_of(other)) is same
    assert worth_of(other).equals(worth_of(one)) is same


@pytest.mark.parametrize(
    "text", ["", "nothing", "3", "101 %", "0 %", "3 % 4 %", "%", "$", "1/2 %", "\x00"]
)
def test_what_is_no_offer_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(SetupError, match="isn't an offer"):
        worth_of(text)


@given(
    st.decimals(Decimal("0.01"), 100, places=2),
    st.sampled_from(["%", "USD", "EUR", "GBP", "day", "month", "cent"]),
)
def test_what_is_printed_is_read_back(amount: Decimal, unit: str) -> None:
    """So the database, the page and the command line mean the same."""
    one = worth_of({"%": f"{amount} %", "USD": f"${amount}", "EUR": f"€{amount}", "GBP": f"£{amount}"}
                   .get(unit, f"{amount} {unit}"))  # fmt: skip
    assert one == Worth(one.amount, unit) == worth_of(str(one))


@given(st.text(alphabet="0123456789.,%$€£¢ -'’/:\u2044٪٣½acfr\n\u202e\x00", max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    """However torn, and never more than is kept."""
    assert len(mentions(f"{text} free credit {text} off")) <= MOST
    assert len(mentions(text)) <= MOST


HOSTILE = {
    "figures": "1" * 1_000_000, "points": "1." * 500_000, "signs": "$%" * 500_000,
    "numbers": "3% off " * 150_000, "words": "twenty-" * 140_000, "free": "free a " * 150_000,
    "wishes": "want credit for a 3 days " * 40_000, "quotes": "a'" * 500_000,
    "links": "http://" * 140_000, "ats": "@#" * 500_000, "wide": "\ufdfa" * 300_000 + "% free",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_costs_no_more_than_its_length(name: str) -> None:
    """A million characters made to be slow are read no further than people write; this would hang else."""
    assert len(mentions(HOSTILE[name])) <= MOST
