"""The digest as plain text, for a terminal or a mail."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from amends.digest.section import Section, Table
from amends.digest.sheet import about, foot, hour, sections, title
from amends.digest.value import Digest
from amends.digest.words import number

WIDTH = 88
_BAR = 40


def as_text(digest: Digest) -> str:
    """Return the digest as text of at most 88 columns, tables and addresses aside."""
    lines = wrap(title(digest), WIDTH)
    lines += ["=" * max(map(len, lines)), *wrap(about(digest), WIDTH), ""]
    lines += wrap(" ".join(digest.lede), WIDTH)
    for section in sections(digest):
        lines += ["", section.heading, "-" * len(section.heading)]
        lines += _bars(digest) if section.chart else _section(section)
    return "\n".join([*lines, "", *wrap(foot(digest), WIDTH)]) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield from wrap(section.sentence, WIDTH)
    for item in section.items:
        yield from wrap(item.text, WIDTH, initial_indent="- ", subsequent_indent="  ")
        if item.url:
            yield f"  {item.url}"
    if section.table is not None:
        if section.sentence or section.items:
            yield ""
        yield from _table(section.table)
    for place, cited in enumerate(section.quotes, 1):
        margin = " " * 4
        labels = f"[{', '.join(cited.quote.labels)}] " if cited.quote.labels else ""
        yield ""
        yield from wrap(
            labels + cited.about, WIDTH, initial_indent=f"{place:>2}. ", subsequent_indent=margin
        )
        yield from wrap(
            f"“{cited.quote.text}”", WIDTH, initial_indent=margin, subsequent_indent=margin
        )
        if cited.quote.url:
            yield margin + cited.quote.url


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
    most = max(one.posts for one in digest.hours) or 1
    names = [hour(digest, one) for one in digest.hours]
    width = max(map(len, names))
    for name, one in zip(names, digest.hours, strict=True):
        bar = "#" * -(-_BAR * one.posts // most)
        said = f"{'at least ' if one.at_least else ''}{number(one.posts)}"
        yield f"{name.ljust(width)}  {bar} {said}" if bar else f"{name.ljust(width)}  {said}"
