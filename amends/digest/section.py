"""The pieces of a sheet, before any medium: sections of words, lists, tables and quotes."""

from __future__ import annotations

import msgspec

from amends.digest.value import Quote


class Table(msgspec.Struct, frozen=True):
    """A caption, the heads of the columns, and rows; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Item(msgspec.Struct, frozen=True):
    """A line of a list, and where it leads."""

    text: str
    url: str | None = None


class Cited(msgspec.Struct, frozen=True):
    """A post to read, and what to know about it."""

    quote: Quote
    about: str


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and what stands below it; `chart` asks for the chart of the day."""

    heading: str
    sentence: str = ""
    items: tuple[Item, ...] = ()
    table: Table | None = None
    quotes: tuple[Cited, ...] = ()
    chart: bool = False
