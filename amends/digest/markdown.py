"""The digest as Markdown, in which what strangers wrote can't become markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote as url_quote

from amends.digest.sheet import Section, Table, foot, sections, title
from amends.digest.value import Digest

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>@:&])")


def escaped(text: str) -> str:
    """Return text whose every mark is only itself."""
    return _MARKS.sub(r"\\\1", text.replace("<", "‹").replace(">", "›"))


def as_markdown(digest: Digest) -> str:
    """Return the digest as Markdown."""
    lines = [f"# {escaped(title(digest))}", "", *(escaped(said) for said in digest.lede), ""]
    for section in sections(digest):
        lines += [*_section(section), ""]
    return "\n".join([*lines, escaped(foot(digest))]) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.heading)}"
    yield ""
    for sentence in section.sentences:
        yield f"- {escaped(sentence)}" if len(section.sentences) > 1 else escaped(sentence)
    if section.table is not None:
        yield from _table(section.table)
    if section.quotes is not None:
        for quote, about in section.quotes.quotes:
            yield ""
            yield f"> {escaped(quote.text)}"
            yield ">"
            link = f" [open]({url_quote(quote.url, safe=':/?&=#%~+,;@')})" if quote.url else ""
            yield f"> {escaped(about)}{link}"


def _table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(map(escaped, table.heads)) + " |"
    yield "|" + " --- |" + " ---: |" * (len(table.heads) - 1)
    for row in table.rows:
        yield "| " + " | ".join(map(escaped, row)) + " |"
