"""
The comment lists of blogs: classic, html5 and block markup, anchored on id="comment-N".

Themes change everything but that id. Each part of a comment belongs to the nearest comment around
it, so a reply's words never count as its parent's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.sources.thread_page.headers import header
from ingest.sources.thread_page.thread import Comment
from ingest.text import DEEPEST, host, node_text

_ID = re.compile(r"(?:li-|div-)?comment[-_]?(\d+)")
_ROOTS = '[id^="comment"], [id^="li-comment"], [id^="div-comment"]'
_AUTHORS = (
    ".comment-author .fn, cite.fn, b.fn",
    ".comment-author-name, .wp-block-comment-author-name, .comment_author, .commentauthor, .fn",
    ".comment-author, .comment-meta cite, cite, .author, .username",
)
_TIMES = (
    "time[datetime]",
    ".commentmetadata a, .comment-metadata a, .comment-date, .comment-time, .commentdate, "
    ".wp-block-comment-date, .comment-meta a, .comment-permalink",
    ".commentmetadata, .comment-metadata, .comment-meta, small, .date, .time",
)
_BODIES = (
    ".comment-content, .wp-block-comment-content, .comment-text, .commenttext, .comment_text, "
    ".comment-entry",
    "div.comment-body",
)
_NOT_WORDS = (
    ".children, .comment-author, .comment-meta, .commentmetadata, .comment-metadata, .reply, "
    ".comment-reply, .comment-reply-link, .comment-edit-link, .says, .avatar, .comment-footer, "
    ".comment-awaiting-moderation, .comment-respond, #respond, .screen-reader-text, cite.fn, b.fn, "
    ".sharedaddy, .comment-likes, .comment-actions, .comment-date, .comment-time, .vcard"
)


def comments_in(document: LexborHTMLParser, url: str) -> list[Comment]:
    """Return the comments of a list whose items carry an id, in the page's order."""
    roots = _roots(document)
    if not roots:
        return []
    order = {root.mem_id: (number, root) for number, root in roots.items()}
    authors, times = _parts(document, _AUTHORS, order), _parts(document, _TIMES, order)
    bodies = _parts(document, _BODIES, order)
    links = _permalinks(document, order, url)
    unapproved = _owned(document, ".comment-awaiting-moderation", order)
    skip = frozenset(order) | {node.mem_id for node in document.css(_NOT_WORDS)}
    quotes = {n.mem_id for n in document.css('[class*="quote"]')} - set(order)
    comments: list[Comment] = []
    places: dict[str, int] = {}
    site = host(url)
    for number, root in roots.items():
        classes = (root.attributes.get("class") or "").split()
        if number in unapproved or {"pingback", "trackback"} & set(classes):
            continue
        body = bodies.get(number)
        text = node_text(body if body is not None else root, skip=skip | quotes)
        author, stamp, text = _attribution(authors.get(number), times.get(number), text)
        above = _owner(root.parent, order)
        places[number] = len(comments)
        comments.append(
            Comment(
                text=text,
                author=author,
                stamp=stamp,
                native=f"{site}#comment-{number}",
                link=links.get(number) or f"{url.partition('#')[0]}#comment-{number}",
                parent=places.get(above) if above else None,
                official="bypostauthor" in classes,
            )
        )
    return comments


def _roots(document: LexborHTMLParser) -> dict[str, LexborNode]:
    roots: dict[str, LexborNode] = {}
    for node in document.css(_ROOTS):
        found = _ID.fullmatch(node.attributes.get("id") or "")
        if found and node.tag not in ("a", "span", "input", "form", "time"):
            roots.setdefault(found[1], node)
    return roots


_Order = Mapping[int, tuple[str, LexborNode]]


def _owner(node: LexborNode | None, order: _Order) -> str | None:
    for _ in range(DEEPEST):
        if node is None:
            return None
        if node.mem_id in order:
            return order[node.mem_id][0]
        node = node.parent
    return None


def _owned(document: LexborHTMLParser, selector: str, order: _Order) -> dict[str, LexborNode]:
    owned: dict[str, LexborNode] = {}
    for node in document.css(selector):
        number = _owner(node, order)
        if number is not None:
            owned.setdefault(number, node)
    return owned


def _parts(
    document: LexborHTMLParser, selectors: tuple[str, ...], order: _Order
) -> dict[str, LexborNode]:
    # The surest selector first; a weaker one is asked only for comments still without this part.
    parts: dict[str, LexborNode] = {}
    for selector in selectors:
        if len(parts) < len(order):
            parts = _owned(document, selector, order) | parts
    return parts


def _permalinks(document: LexborHTMLParser, order: _Order, url: str) -> dict[str, str]:
    links: dict[str, str] = {}
    for node in document.css('a[href*="#comment-"], a[href*="#li-comment-"]'):
        address = node.attributes.get("href") or ""
        number = _owner(node, order)
        if number and address.endswith(f"comment-{number}") and number not in links:
            try:
                links[number] = urljoin(url, address)
            except ValueError:
                continue
    return links


def _attribution(
    author: LexborNode | None, time: LexborNode | None, text: str
) -> tuple[str | None, str, str]:
    name = node_text(author).partition("\n")[0] if author is not None else None
    stamp = ""
    if time is not None:
        stamp = time.attributes.get("datetime") or node_text(time)
    if name:
        return name, stamp, text
    # A theme of its own making: the words themselves may begin with “Cleo says:”.
    lines = text.split("\n")
    said = header(lines, 0) if lines[0] else None
    if said is None:
        return None, stamp, text
    words = ([said.rest] if said.rest else []) + lines[said.body :]
    return said.name, stamp or said.stamp, "\n".join(words)
