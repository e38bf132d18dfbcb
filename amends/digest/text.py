"""The digest as plain text, for a terminal or a mail."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from amends.digest.sheet import Section, Table, foot, sections, title
from amends.digest.value import Digest

WIDTH = 88
_BAR = 40


def as_text(digest: Digest) -> str:
    """Return the digest as text of at most 88 columns, tables aside."""
    headline = title(digest)
    lines = [headline, "=" * min(len(headline), WIDTH), ""]
    for said in digest.lede:
        lines += wrap(said, WIDTH)
    for section in sections(digest):
        lines += ["", section.heading, "-" * len(section.heading)]
        lines += _bars(digest) if section.chart else _section(section)
    return "\n".join([*lines, "", foot(digest)]) + "\n"


def _section(section: Section) -> Iterator[str]:
    for sentence in section.sentences:
        yield from wrap(sentence, WIDTH, subsequent_indent="  ")
    if section.table is not None:
        yield from _table(section.table)
    if section.quotes is not None:
        for quote, about in section.quotes.quotes:
            yield from wrap(f"“{quote.text}”", WIDTH, initial_indent="  ", subsequent_indent="   ")
            yield from wrap(about, WIDTH, initial_indent="    ", subsequent_indent="    ")
            if quote.url:
                yield f"    {quote.url}"


def _table(table: Table) -> Iterator[str]:
    rows = [table.heads, *table.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.heads))]
    for row in rows:
        first, *rest = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([first, *rest]).rstrip()


def _bars(digest: Digest) -> Iterator[str]:
    most = max((hour.posts for hour in digest.hours), default=0)
    rows = sections_table(digest)
    for hour, row in zip(digest.hours, rows, strict=True):
        bar = "█" * round(_BAR * hour.posts / most) if most else ""
        yield f"{row}  {hour.posts:>6,}  {bar}".rstrip()


def sections_table(digest: Digest) -> list[str]:
    """Return the names of the hours, as the table has them."""
    for section in sections(digest):
        if section.chart and section.table is not None:
            width = max((len(row[0]) for row in section.table.rows), default=0)
            return [row[0].ljust(width) for row in section.table.rows]
    return []
