"""What people were told otherwise: found in their words, and nothing else taken for it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.truth.text import LONGEST
from amends.truth.told import MOST, told
from amends.truth.vocabulary import vocabulary
from amends.truth.where import place
from tests.amends.truth.texts import cases, lines
from tests.battery import Record, tell

KNOWN = vocabulary()


def found(text: str) -> list[str]:
    """Return what a text says, each as `channel says`."""
    return [f"{one.channel} {one.says}" for one in told(text, KNOWN)]


def test_what_was_told_otherwise_is_found(record_property: Record) -> None:
    """With its channel; all but a few that say it in a roundabout way."""
    texts, others = cases("told"), lines("not_told")
    missed = [text for text, said, _ in texts if said not in found(text)]
    tell(record_property, f"contradictions: {len(texts) - len(missed)} of {len(texts)} texts found, "
                          f"{len(others)} others")  # fmt: skip
    assert len(texts) >= 60 and len(others) >= 60 and len(missed) <= 4, missed


@pytest.mark.parametrize("text", lines("not_told"))
def test_what_only_looks_like_it_is_none(text: str) -> None:
    """Questions, fears, friends, other companies, thanks, and pages that say what is so."""
    assert found(text) == []


def test_how_many_are_right_of_texts_the_rules_were_not_made_for(record_property: Record) -> None:
    """Nothing false; of what is told some is missed."""
    texts, others = cases("told_later"), lines("not_told_later")
    right = sum(said in found(text) for text, said, _ in texts)
    false = [text for text in others if found(text)]
    tell(record_property, f"contradictions: of {len(texts)} texts written later {right} found, "
                          f"{len(false)} of {len(others)} others taken for one")  # fmt: skip
    assert right / len(texts) > 0.9 and not false


@pytest.mark.parametrize(
    ("text", "where"),
    [(text, where) for text, _, where in cases("told") + cases("told_later") if where],
)
def test_the_place_is_the_one_named(text: str, where: str) -> None:
    """A town, a state or a country."""
    assert place(text, KNOWN) == where


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("in the UK nothing works", "United Kingdom"), ("nothing loads in nyc", "New York"),
        ("I'm in Reading", "Reading"), ("Reading the news", ""), ("nice one", ""),
        ("down in Washington DC", "Washington DC"), ("Spain vs Italy keeps buffering", ""),
        ("the Spain game is frozen", ""), ("St. Louis is out", "Saint Louis"), ("no place", ""),
        ("moved from Chad to Leeds", "Chad"), ("#Spain", ""), ("phoenix rises", ""), ("Peru", "Peru"),
        ("TURKEY IS DRY", ""), ("ALL OF IT IN SPAIN", "Spain"), ("in Sao Paulo", "São Paulo"),
    ],
)  # fmt: skip
def test_places(text: str, where: str) -> None:
    """Names that are words as well count only behind “in” and the like."""
    assert place(text, KNOWN) == where


def test_two_channels_that_name_two_numbers() -> None:
    """Both are told, who speaks as a person first."""
    (one,) = told("mail says 7 days, the phone rep said 2 weeks", KNOWN)
    assert one[:2] == ("phone", "differs")
    assert (one.values, one.elsewhere) == ("Phone: 2 weeks; Mail: 7 days", "mail")
    assert told("mail says 7 days, the phone rep said 7 days", KNOWN) == []
    assert told("mail says 7 days, the phone rep said 3%", KNOWN) == []


def test_another_channel_that_said_there_is_one() -> None:
    """The mail promised what chat denies."""
    (one,) = told("the mail says I will be credited, chat says there is no credit", KNOWN)
    assert one[:2] == ("chat", "no_credit") and one.elsewhere == "mail"


@given(st.text(max_size=3 * LONGEST))
def test_whatever_strangers_write(text: str) -> None:
    """It is read, and little is kept of it."""
    assert len(told(text, KNOWN)) <= MOST
    assert isinstance(place(text, KNOWN), str)


@pytest.mark.parametrize(
    "piece",
    ["status page says ", "chat told me no credit ", "app says nothing on the phone but ", "a ",
     "no ", "can't give any credit of ", "in the ", "7 days "],
)  # fmt: skip
def test_security_a_text_takes_no_long_time(piece: str) -> None:
    """Ten thousand copies of a phrase in a hundredth of a second, and some patience."""
    begun = time.perf_counter()
    told(piece * 10_000, KNOWN)
    assert time.perf_counter() - begun < 0.5
