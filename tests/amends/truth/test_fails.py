"""What fails: symptom, component and device, found in people's words; and what the status page says of it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.truth.fails import MOST, fails
from amends.truth.page import EVERY, StatusPage
from amends.truth.vocabulary import vocabulary
from amends.truth.where import place
from models.store.status_words import Said
from tests.amends.truth.texts import cases, failure, lines
from tests.battery import Record, tell
from tests.factories import NOW

KNOWN = vocabulary()
HOUR = timedelta(hours=1)


def found(text: str) -> list[tuple[str, str, str]]:
    """Return what fails as plain values."""
    return [tuple(one) for one in fails(text, KNOWN)]


@pytest.mark.parametrize(("text", "what", "where"), cases("fails"))
def test_what_fails_is_found(text: str, what: str, where: str) -> None:
    """With the place, where one is named."""
    assert failure(what) in found(text)
    assert not where or place(text, KNOWN) == where


def test_where_nothing_fails_none_is_found(record_property: Record) -> None:
    """All but a few figures of speech."""
    texts, others = cases("fails"), lines("fine")
    false = [text for text in others if found(text)]
    tell(record_property, f"symptoms: {len(texts)} texts found, {len(false)} of {len(others)} others "
                          "taken for one")  # fmt: skip
    assert len(texts) >= 60 and len(others) >= 60 and len(false) <= 2, false


def test_how_many_are_right_of_texts_the_rules_were_not_made_for(record_property: Record) -> None:
    """Of what fails little is missed, and some figures of speech are taken for it."""
    texts, others = cases("fails_later"), lines("fine_later")
    right = sum(failure(what) in found(text) for text, what, _ in texts)
    false = sum(bool(found(text)) for text in others)
    tell(record_property, f"symptoms: of {len(texts)} texts written later {right} found, "
                          f"{false} of {len(others)} others taken for one")  # fmt: skip
    assert right / len(texts) > 0.9 and false <= 3


def test_another_company_is_no_symptom_unless_it_is_ours() -> None:
    """Netflix is somebody else, but not at Netflix."""
    assert fails("netflix is down", KNOWN) == []
    assert len(fails("netflix is down", KNOWN, frozenset(["netflix"]))) == 1


@given(st.text(max_size=5_000))
def test_whatever_strangers_write(text: str) -> None:
    """It is read, and little is kept of it."""
    assert len(fails(text, KNOWN)) <= MOST


@pytest.mark.parametrize("piece", ["can't ", "error code ", "app on the ", "no sound ", "x"])
def test_security_a_text_takes_no_long_time(piece: str) -> None:
    """Ten thousand copies of a phrase in a hundredth of a second, and some patience."""
    begun = time.perf_counter()
    fails(piece * 10_000, KNOWN)
    assert time.perf_counter() - begun < 0.5


def page(*said: tuple[int, str] | tuple[int, str, bool]) -> StatusPage:
    """Return what was said so many hours from now."""
    return StatusPage([Said(NOW + one[0] * HOUR, *one[1:]) for one in said], KNOWN)


@pytest.mark.parametrize(
    ("text", "component", "state"),
    [
        ("The TV app works again.", "tv_app", "operational"),
        ("Login is back to normal, shipping is still delayed.", "login", "operational"),
        ("Login is back to normal, shipping is still delayed.", "shipping", "degraded"),
        ("Login will be back up at 14:40.", "login", ""),
        ("We are investigating problems with payments.", "payments", "looked_into"),
        ("The issue with payments is resolved.", "payments", "operational"),
        ("Payments aren't working normally yet.", "payments", "outage"),
        ("Roku app: major outage", "tv_app", "outage"),
        ("All systems operational", "search", "operational"),
    ],
)  # fmt: skip
def test_a_status_update_is_read_clause_by_clause(text: str, component: str, state: str) -> None:
    """What will be well isn't yet; all systems are any."""
    word = page((0, text)).at(component, NOW)
    assert word is not None and word.state == state


def test_the_newest_word_of_a_component_stands_until_the_next() -> None:
    """And a component nobody spoke of has none."""
    said = page(
        (0, "Login: major outage", True),
        (2, "Login: operational", True),
        (1, "All systems operational"),
    )
    states = [
        word and word.state for word in (said.at("login", NOW + n * HOUR) for n in (-1, 0, 1, 2))
    ]
    assert states == [None, "outage", "operational", "operational"]
    assert said.at("payments", NOW) is None and said.at(EVERY, NOW) is None


def test_a_components_own_state_wins_over_a_title_of_the_same_moment() -> None:
    """A resolved incident may leave a component down."""
    said = page((0, "Shipping: major outage", True), (0, "Discs are late (resolved)"))
    word = said.at("shipping", NOW)
    assert word is not None and word.state == "outage"
