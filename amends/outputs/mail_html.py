"""
The HTML part of a mail: one simple column that old and dark mail programs can show.

Every style that counts for reading stands in the one sheet above; nothing is fetched, the only picture
comes with the mail (`cid:`), and whatever strangers wrote is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from amends.digest.section import Cited, Section, Table
from amends.digest.sheet import foot, sections
from amends.outputs.escapes import web
from amends.outputs.event import Event, Sheet
from amends.outputs.message import Message, Part, changes_part, message_of

_STYLE = Path(__file__).parent / "mail.css"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def mail_html(event: Event, chart: str) -> str:
    """Return the HTML of an event; `chart` is the content id of the picture, or nothing."""
    message = message_of(event)
    value = event.value
    if isinstance(value, Sheet):
        changed = changes_part(value)
        body = [*(_part(changed) if changed else ()), *_digest(value, chart)]
    else:
        body = [line for part in message.parts for line in _part(part)]
    return "\n".join([*_head(message, value), *body, *_foot(message)]) + "\n"


def _head(message: Message, value: object) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield '<meta name="supported-color-schemes" content="light dark">'
    yield f"<title>{escape(message.title)}</title>"
    yield f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style></head>"
    yield '<body><div class="sheet">'
    if message.about:
        yield f'<p class="soft">{escape(message.about)}</p>'
    yield f"<h1>{escape(message.title)}</h1>"
    if message.text:
        yield f'<p class="lede">{escape(message.text)}</p>'
    if message.figures:
        tints = [label.colour for label in value.digest.labels] if isinstance(value, Sheet) else []
        yield _figures(message, ["", "", *tints])


def _figures(message: Message, tints: list[str]) -> str:
    boxes = []
    for one, tint in zip(message.figures, tints, strict=False):
        style = f' style="border-top-color: {tint}"' if _COLOUR.fullmatch(tint) else ""
        words, _, figure = one.value.rpartition(" ")
        least = f'<span class="soft">{escape(words)}</span> ' if words else ""
        changed = f'<br><span class="soft">{escape(one.changed)}</span>'
        boxes.append(
            f'<div class="figure"{style}><span class="soft">{escape(one.name)}</span><br>{least}'
            f"<b>{escape(figure)}</b>{changed if one.changed not in {'', '0'} else ''}</div>"
        )
    return f"<div>\n{chr(10).join(boxes)}\n</div>"


def _digest(value: Sheet, chart: str) -> Iterator[str]:
    for section in sections(value.digest):
        yield from _section(section, chart)
    yield f'<p class="soft">{escape(foot(value.digest))}</p>'


def _section(section: Section, chart: str) -> Iterator[str]:
    if section.chart and not chart:
        return
    yield f"<h2>{escape(section.heading)}</h2>"
    if section.sentence:
        yield f"<p>{escape(section.sentence)}</p>"
    if section.items:
        items = "\n".join(
            f'<li dir="auto">{escape(one.text)}{_link("open", one.url)}</li>'
            for one in section.items
        )
        yield f"<ul>\n{items}\n</ul>"
    if section.chart:
        alt = "Chart of the posts per hour by label; the text part of this mail has the numbers"
        yield f'<img class="chart" src="cid:{escape(chart)}" width="620" alt="{alt}">'
    elif section.table is not None:
        yield _table(section.table)
    yield from map(_quote, section.quotes)


def _part(part: Part) -> Iterator[str]:
    if part.heading:
        yield f"<h2>{escape(part.heading)}</h2>"
    if part.sentence:
        yield f"<p>{escape(part.sentence)}</p>"
    items = "\n".join(f'<li dir="auto">{escape(one.text)}</li>' for one in part.items)
    if items:
        yield f"<ul>\n{items}\n</ul>"
    yield from map(_quote, part.quotes)


def _quote(cited: Cited) -> str:
    post = cited.quote
    labels = f"<b>{escape(', '.join(post.labels))}</b> · " if post.labels else ""
    return (
        f'<div class="quote"><p dir="auto">{escape(post.text)}</p>\n<p class="soft">{labels}'
        f"<bdi>{escape(cited.about)}</bdi>{_link(f'open at {post.host}', post.url)}</p></div>"
    )


def _link(name: str, url: str | None) -> str:
    to = web(url)
    return "" if to is None else f' <a href="{escape(to)}" rel="noreferrer">{escape(name)}</a>'


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in table.rows
    )
    return f'<table class="numbers"><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table>'


def _foot(message: Message) -> Iterator[str]:
    for link in message.links:
        yield f"<p>{_link(link.name, link.url).strip()}</p>"
    yield f'<p class="soft">{escape(message.foot)}</p>'
    yield "</div></body></html>"
