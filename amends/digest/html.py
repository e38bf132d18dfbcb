"""The digest as one HTML file: nothing outside it is needed, and it prints well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import escape
from pathlib import Path

from amends import charts
from amends.digest.section import Cited, Section, Table
from amends.digest.sheet import about, foot, sections, title
from amends.digest.value import Digest
from amends.digest.words import change, clock, counted, number

_STYLE = Path(__file__).parent / "sheet.css"
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")
_HOUR = timedelta(hours=1)


def as_html(digest: Digest) -> str:
    """Return the digest as a whole HTML document."""
    style = _STYLE.read_text(encoding="utf-8")
    first, *others = digest.lede
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title(digest))}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>",
        f'<header>\n<p class="about">{escape(about(digest))}</p>',
        f"<h1>{escape(title(digest))}</h1>",
        f'<p class="lede">{escape(first)}</p>',
        *([f"<p>{escape(' '.join(others))}</p>"] if others else []),
        f"</header>\n{_figures(digest)}",
    ]
    for section in sections(digest):
        parts += _section(digest, section)
    parts.append(f"<footer>{escape(foot(digest))}</footer>\n</main>\n</body>\n</html>")
    return "\n".join(parts) + "\n"


def _figures(digest: Digest) -> str:
    floor, said = "at least " if digest.posts.at_least else "", digest.voiced
    figures = [("Posts", counted(digest.posts), change(digest.posts), "")]
    figures += [("Voices", f"{floor}{number(said.voices)}", "", "")]
    figures += [("Distinct complaints", f"{floor}{number(said.complaints)}", "", "")]
    figures += [
        (label.title, counted(label.count), change(label.count), label.colour)
        for label in digest.labels
    ]
    rows = "\n".join(
        f"<div{_tint(colour)}><dt>{escape(name)}</dt><dd><strong>{_big(value)}</strong>"
        + (f" <small>{escape(changed)}</small>" if changed not in {"", "0"} else "")
        + "</dd></div>"
        for name, value, changed, colour in figures
    )
    return f'<dl class="figures">\n{rows}\n</dl>'


def _big(value: str) -> str:
    words, _, figure = value.rpartition(" ")
    return f"<small>{escape(words)}</small> {escape(figure)}" if words else escape(figure)


def _tint(colour: str) -> str:
    return f' style="--tint: {colour}"' if _COLOUR.fullmatch(colour) else ""


def _section(digest: Digest, section: Section) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(section.heading)}</h2>"
    if section.sentence:
        yield f"<p>{escape(section.sentence)}</p>"
    if section.items:
        items = "\n".join(
            f'<li dir="auto">{escape(item.text)}{_link("open", item.url)}</li>'
            for item in section.items
        )
        yield f"<ul>\n{items}\n</ul>"
    if section.table is not None and section.chart:
        yield f"<figure>\n{_chart(digest)}\n</figure>"
        summary = "<summary>The same numbers as a table</summary>"
        yield f"<details>{summary}\n{_table(section.table)}\n</details>"
    elif section.table is not None:
        yield _table(section.table)
    if section.quotes:
        colours = {label.title: label.colour for label in digest.labels}
        quotes = "\n".join(_quote(cited, colours) for cited in section.quotes)
        yield f'<ol class="quotes">\n{quotes}\n</ol>'
    yield "</section>"


def _quote(cited: Cited, colours: dict[str, str]) -> str:
    post = cited.quote
    labels = "".join(
        f'<span class="label"{_tint(colours.get(name, ""))}>{escape(name)}</span> '
        for name in post.labels
    )
    return (
        f'<li>\n<blockquote dir="auto">{escape(post.text)}</blockquote>\n'
        f"<p>{labels}<bdi>{escape(cited.about)}</bdi>"
        f"{_link(f'open at {post.host}', post.url)}</p>\n</li>"
    )


def _link(name: str, url: str | None) -> str:
    if url is None:
        return ""
    return f' <a href="{escape(url)}" rel="nofollow noopener noreferrer">{escape(name)}</a>'


def _chart(digest: Digest) -> str:
    alt = "Chart of the posts per hour by label; the table below it has the numbers"
    return charts.hours(alt, *drawing(digest))


def drawing(
    digest: Digest,
) -> tuple[list[str], list[int], list[charts.Series], list[tuple[float, float]]]:
    """Return what the chart of the hours is drawn from."""
    since = digest.window.since
    return (
        [clock(one.span.since, digest.incident.tz, named=False) for one in digest.hours],
        [one.posts for one in digest.hours],
        [
            charts.Series(
                label.title, label.colour, tuple(one.labels[place] for one in digest.hours)
            )
            for place, label in enumerate(digest.labels)
            if _COLOUR.fullmatch(label.colour)
        ],
        [((gap.since - since) / _HOUR, (gap.until - since) / _HOUR) for gap in digest.gaps],
    )


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    return (
        f'<div class="wide"><table>{caption}\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>"
    )
