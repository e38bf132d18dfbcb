"""Quotes: what somebody said is found in our own texts, and phrases that everybody uses are left alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import JSON, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.quote import ERASED, Quotes
from models.store import quotes as said_of
from models.store.schema import metadata
from tests.factories import a_post

CLEO = a_post(
    text="My order AB12345 never came, and the app of Reelpost logs me out each time",
    author="cleo_w", author_id="77123456", external_id="1897777", url="https://x.example/cleo_w/1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("she wrote “the APP of reelpost logs me out” twice", f"she wrote “{ERASED}” twice"),
        ("call back about ab12345 today", f"call back about {ERASED} today"),
        ("see https://x.example/cleo_w/1 please", f"see {ERASED} please"),
        ("@cleo_w waits", f"@{ERASED} waits"),
        ("the app of Reelpost is back", "the app of Reelpost is back"),
        ("it never came back, each time", "it never came back, each time"),
        ("", ""),
    ],
)
def test_what_quotes_or_names_them_is_replaced(text: str, left: str) -> None:
    """Five words in a row, whatever stands around them; telling words; names; addresses."""
    assert Quotes([CLEO], authors=True).without(text) == left


def test_a_short_post_is_a_quote_as_a_whole() -> None:
    """And one of two words isn't one: many say that."""
    short, shorter = a_post(text="Discs never arrive"), a_post(text="still down")
    found = Quotes([short, shorter])

    assert found.without("“discs never arrive”, she says") == f"“{ERASED}”, she says"
    assert not found.found_in("it is still down")


def test_a_name_that_is_a_word_is_only_one_after_an_at() -> None:
    """Whoever calls themselves “me” doesn't take that word out of every note."""
    found = Quotes([], ["me"])

    assert found.without("tell me what @me wants") == f"tell me what @{ERASED} wants"


def test_names_stay_where_only_a_post_goes() -> None:
    """Then its author is somebody the team may still speak of."""
    assert not Quotes([CLEO]).found_in("@cleo_w waits")


def plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the database's own type behind one of SQLModel's or ours."""
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def test_every_column_with_words_says_what_an_erasure_does_to_it() -> None:
    """A column that nobody thought of would keep what was to go."""
    known = [
        (table, column)
        for listed in (said_of.FREED, said_of.NAMED, said_of.GOES, said_of.WORDLESS)
        for table, columns in listed.items()
        for column in columns
    ]
    worded = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(plain(column.type), String | JSON)
    }
    assert len(known) == len(set(known))
    assert set(known) == worded
