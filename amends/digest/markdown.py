"""The digest as Markdown, in which what strangers wrote can't become markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from amends.digest.section import Section, Table
from amends.digest.sheet import about, foot, sections, title
from amends.digest.value import Digest

_GAP = "\u200b"
_MARKS = re.compile(r"[\\`*_{}\[\]|~$^&@#]")
_FIRST = re.compile(r"^(?:[-+=:]|\d+(?=[.)]))")
# Names, numbers and bare addresses become links after Markdown is read, so a backslash doesn't
# keep them from it; a gap of no width does.
_LURES = re.compile(r"(?<=[@#])|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)


def escaped(text: str) -> str:
    """Return text on one line whose every mark is only itself."""
    parts = _LURES.sub(_GAP, text)
    parts = _MARKS.sub(lambda found: "\\" + found[0], parts)
    parts = parts.replace("<", "&lt;").replace(">", "&gt;")
    return _FIRST.sub(_first, parts)


def _first(found: re.Match[str]) -> str:
    # At the beginning of a line these would make a list, a table's rule or a heading.
    mark = found[0]
    return f"\\{mark}" if not mark.isdigit() else f"{mark}\\"


def as_markdown(digest: Digest) -> str:
    """Return the digest as Markdown with tables, as GitHub and most others read it."""
    lines = [f"# {escaped(title(digest))}", "", escaped(about(digest)), ""]
    lines += [" ".join(map(escaped, digest.lede)), ""]
    for section in sections(digest):
        lines += [*_section(section), ""]
    return "\n".join([*lines, "---", "", escaped(foot(digest))]) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.heading)}"
    yield ""
    if section.sentence:
        yield escaped(section.sentence)
    for item in section.items:
        yield f"- {escaped(item.text)}{_link('open', item.url)}"
    if section.table is not None:
        if section.sentence or section.items:
            yield ""
        yield from _table(section.table)
    for number, cited in enumerate(section.quotes, 1):
        post = cited.quote
        labels = f"**{escaped(', '.join(post.labels))}** · " if post.labels else ""
        link = _link(f"open at {post.host}", post.url)
        yield ""
        place = f"{number}. "
        yield f"{place}{labels}{escaped(cited.about)}{link}"
        yield ""
        yield f"{' ' * len(place)}> {escaped(post.text)}"


def _link(name: str, url: str | None) -> str:
    # Whatever could end the address or begin something new is written as %xx.
    return f" [{escaped(name)}](<{quote(url, safe=':/?&=#%+,;@~')}>)" if url else ""


def _table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(map(escaped, table.heads)) + " |"
    yield "| --- |" + " ---: |" * (len(table.heads) - 1)
    for row in table.rows:
        yield "| " + " | ".join(map(escaped, row)) + " |"
