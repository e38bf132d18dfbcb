"""
The comment lists of blogs: classic, html5 and block markup, anchored on id="comment-N".

Themes change everything but that id. Each part of a comment belongs to the nearest comment around
it, so a reply's words never count as its parent's.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.sources.thread_page.headers import header
from ingest.sources.thread_page.nesting import Order, owned, owner, parts
from ingest.sources.thread_page.thread import Comment
from ingest.text import host, node_text

_ID = re.compile(r"(?:li-|div-)?comment[-_]?(\d+)")
_ROOTS = '[id^="comment"], [id^="li-comment"], [id^="div-comment"]'
_AUTHORS = (
    ".comment-author .fn, cite.fn, b.fn",
    ".comment-author-name, .wp-block-comment-author-name, .comment_author, .commentauthor, .fn",
    ".comment-author, .comment-meta cite, cite, .author, .username",
)
_TIMES = (
    "time[datetime]",
    (
        ".commentmetadata a, .comment-metadata a, .comment-date, .comment-time, .commentdate, "
        ".wp-block-comment-date, .comment-meta a, .comment-permalink"
    ),
    ".commentmetadata, .comment-metadata, .comment-meta, small, .date, .time",
)
_BODIES = (
    (
        ".comment-content, .wp-block-comment-content, .comment-text, .commenttext, .comment_text, "
        ".comment-entry"
    ),
    "div.comment-body",
)
_NOT_WORDS = (
    ".children, .comment-author, .comment-meta, .commentmetadata, .comment-metadata, .reply, "
    ".comment-reply, .comment-reply-link, .comment-edit-link, .says, .avatar, .comment-footer, "
    ".comment-awaiting-moderation, .comment-respond, #respond, .screen-reader-text, cite.fn, b.fn, "
    '[class*="quote"], .sharedaddy, .comment-likes, .comment-actions, .comment-date, .comment-time, .vcard'
)


def comments_in(document: LexborHTMLParser, url: str) -> list[Comment]:
    """Return the comments of a list whose items carry an id, in the page's order."""
    roots = _roots(document)
    if not roots:
        return []
    order = {node.mem_id: place for place, (_, node) in enumerate(roots)}
    authors, times = parts(document, _AUTHORS, order), parts(document, _TIMES, order)
    bodies = parts(document, _BODIES, order)
    links = _permalinks(document, roots, order, url)
    unapproved = owned(document, ".comment-awaiting-moderation", order)
    skip = frozenset(order) | {node.mem_id for node in document.css(_NOT_WORDS)}
    comments: list[Comment] = []
    kept: dict[int, int] = {}
    site = host(url)
    for place, (number, root) in enumerate(roots):
        classes = (root.attributes.get("class") or "").split()
        if place in unapproved or {"pingback", "trackback"} & set(classes):
            continue
        text = node_text(bodies.get(place, root), skip=skip)
        author, stamp, text = _attribution(authors.get(place), times.get(place), text)
        above = owner(root.parent, order)
        kept[place] = len(comments)
        comments.append(
            Comment(
                text=text,
                author=author,
                stamp=stamp,
                native=f"{site}#comment-{number}",
                link=links.get(place) or f"{url.partition('#')[0]}#comment-{number}",
                parent=None if above is None else kept.get(above),
                official="bypostauthor" in classes,
            )
        )
    return comments


def _roots(document: LexborHTMLParser) -> list[tuple[str, LexborNode]]:
    roots: dict[str, LexborNode] = {}
    for node in document.css(_ROOTS):
        found = _ID.fullmatch(node.attributes.get("id") or "")
        if found and node.tag not in ("a", "span", "input", "form", "time"):
            roots.setdefault(found[1], node)
    return list(roots.items())


def _permalinks(
    document: LexborHTMLParser, roots: list[tuple[str, LexborNode]], order: Order, url: str
) -> dict[int, str]:
    links: dict[int, str] = {}
    for node in document.css('a[href*="#comment-"], a[href*="#li-comment-"]'):
        address = node.attributes.get("href") or ""
        place = owner(node, order)
        if place is not None and place not in links and address.endswith(f"-{roots[place][0]}"):
            try:
                links[place] = urljoin(url, address)
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
