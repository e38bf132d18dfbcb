"""The digest as one HTML file: nothing outside it is needed, and it prints well."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from amends import charts
from amends.digest.sheet import Section, Table, foot, sections, title
from amends.digest.value import Digest
from amends.digest.words import clock

_STYLE = Path(__file__).parent / "sheet.css"


def as_html(digest: Digest) -> str:
    """Return the digest as a whole HTML document."""
    style = _STYLE.read_text(encoding="utf-8")
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title(digest))}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>",
        f"<h1>{escape(title(digest))}</h1>",
        *(f'<p class="lede">{escape(said)}</p>' for said in digest.lede),
    ]
    for section in sections(digest):
        parts += _section(digest, section)
    parts.append(f"<footer>{escape(foot(digest))}</footer>\n</main>\n</body>\n</html>")
    return "\n".join(parts) + "\n"


def _section(digest: Digest, section: Section) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(section.heading)}</h2>"
    if len(section.sentences) > 1:
        items = "".join(f"<li>{escape(said)}</li>" for said in section.sentences)
        yield f"<ul>{items}</ul>"
    else:
        yield from (f"<p>{escape(said)}</p>" for said in section.sentences)
    if section.chart:
        yield f"<figure>{_chart(digest)}</figure>"
    if section.table is not None:
        table = _table(section.table)
        caption = "The same numbers as a table"
        yield f"<details><summary>{caption}</summary>{table}</details>" if section.chart else table
    if section.quotes is not None:
        yield "<ol>"
        for quote, about in section.quotes.quotes:
            link = ""
            if quote.url:
                rel = "nofollow noopener noreferrer"
                link = (
                    f' <a href="{escape(quote.url)}" rel="{rel}">open at {escape(quote.host)}</a>'
                )
            yield (
                f"<li><blockquote>{escape(quote.text)}</blockquote>"
                f"<p>{escape(about)}{link}</p></li>"
            )
        yield "</ol>"
    yield "</section>"


def _chart(digest: Digest) -> str:
    names = [clock(hour.span.since, digest.incident.tz, named=False) for hour in digest.hours]
    series = [
        (label.title, label.colour, [hour.labels[place] for hour in digest.hours])
        for place, label in enumerate(digest.labels)
    ]
    return charts.hours("Posts per hour by label; the table below has the numbers", names, series)


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    return f"<table>{caption}\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table>"
