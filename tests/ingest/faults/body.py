"""Spoiling a good body in the same ways whatever format it is in."""

from __future__ import annotations

import re
from itertools import cycle
from typing import Protocol

from tests.ingest.faults.good import Good

MANY = 10_000
APART = 1_009
"""By how much the ids of many posts differ: no recorded ones lie as far apart."""

LONG = "and again " * 100_000
"""A megabyte of text."""

DEEP = 100_000
DIGITS = "7" * 5_000
BEYOND = 2**64 + 1

_YEAR = re.compile(rb"(?<![/\d-])20\d\d(?=-\d\d-\d\d)|(?<=[ ,])20\d\d(?= )")
_SECOND = re.compile(rb"(?<=[ :])1[67]\d{8}(?=\s*[,}\]])")


class Body(Protocol):
    """A body that can be spoilt; where one post is meant, it is the first, with the ids `first`."""

    first: frozenset[str]

    def insert(self, words: str) -> bytes:
        """Put words into its text."""
        ...

    def nan(self) -> bytes:
        """Make one of its numbers NaN."""
        ...

    def nested(self) -> bytes:
        """Put a hundred thousand levels into it."""
        ...

    def long_number(self) -> bytes:
        """Give one of its numbers five thousand digits."""
        ...

    def doubled(self) -> bytes:
        """Say its id and its text twice, differently."""
        ...

    def half_a_pair(self) -> bytes:
        """Put half a surrogate pair into its text."""
        ...

    def nul(self) -> bytes:
        """Put a NUL into its text."""
        ...

    def without_data(self) -> bytes:
        """Leave out where the posts are."""
        ...

    def with_error(self) -> bytes:
        """Tell of an error beside the posts."""
        ...

    def another_kind(self) -> bytes:
        """Put something of another kind where the posts are."""
        ...

    def emptied(self) -> bytes:
        """Leave out the posts, but not what leads on."""
        ...

    def out_of_order(self) -> bytes:
        """Put the posts into another order."""
        ...

    def beyond_64_bits(self) -> bytes:
        """Give it an id that no database takes as a number."""
        ...

    def dated(self) -> bytes:
        """Date the posts in the years 9999, 1 and 2036 in turn."""
        ...

    def long_text(self) -> bytes:
        """Give it a megabyte of text."""
        ...

    def many(self) -> bytes:
        """Put ten thousand others before it."""
        ...


def body_of(good: Good) -> Body:
    """Return the body of an answer by its format."""
    from tests.ingest.faults.json_body import JsonBody
    from tests.ingest.faults.marked_body import HtmlBody, XmlBody

    return {"json": JsonBody, "xml": XmlBody, "html": HtmlBody}[good.kind](good)


def dated(body: bytes) -> bytes:
    """Change the years of all dates in a text, but not those in addresses."""
    years = cycle([b"9999", b"0001", b"2036"])
    seconds = cycle([b"253402300799", b"-62135596800", b"2088000000"])
    return _SECOND.sub(lambda _: next(seconds), _YEAR.sub(lambda _: next(years), body))
