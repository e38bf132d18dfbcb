"""The comments of an HTML page, by whichever reading finds the most of them."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from ingest.sources.thread_page.furniture import claim
from ingest.sources.thread_page.markup import read_markup
from ingest.sources.thread_page.plain import read_plain
from ingest.sources.thread_page.structured import read_structured
from ingest.sources.thread_page.thread import Thread, gather
from ingest.text import host, node_text, parse

_PLACES = (
    "#comments, #respond, #commentform, .comments, .commentlist, .comment-list, .comments-area, "
    "#disqus_thread, .wp-block-comments, form[action*=comment]"
)
_PAGES = (
    "a.page-numbers, .comment-navigation a, .comments-pagination a, .nav-previous a, .nav-next a, "
    "div.navigation a, .pagination a, .pager a, a[rel=next], a[rel=prev], link[rel=next], link[rel=prev]"
)
_ANOTHER = re.compile(r"(?:comment-page-|cpage=|[?&/](?:page|p|start|offset)[=/-]?)\d+", re.IGNORECASE)
_CLAIMS = "#comments, .comments-title, .comment-count, .comments-count, h2, h3, h4"


def read_html(html: bytes | str, url: str, now: datetime, tz: str = "UTC") -> Thread:
    """Return the thread on a page; `url` is where it came from, “” if nobody knows."""
    tree = parse(html)
    marked = gather(read_markup(tree, url), url, now, tz)
    best = marked
    structured = gather(read_structured(tree), url, now, tz)
    if len(structured.posts) > len(best.posts):
        best = structured
    if not best.posts:
        best = _as_said(tree, url, now, tz)
    best.claimed = _claimed(tree) or best.claimed
    best.open = bool(best.posts) or tree.css_first(_PLACES) is not None
    best.further = _further(tree, url)
    return best


def _as_said(tree: LexborHTMLParser, url: str, now: datetime, tz: str) -> Thread:
    """Read the page as a person would copy it: “NAME said: TEXT”, quotations kept apart."""
    body = tree.body
    return Thread() if body is None else read_plain(node_text(body), url, now, tz)


def _claimed(tree: LexborHTMLParser) -> int | None:
    for node in tree.css(_CLAIMS):
        # A place for all comments begins with its heading; the heading is what counts them.
        line = node_text(node)[:300].split("\n")[0]
        number = claim(line)
        if number is not None:
            return number
    return None


def _further(tree: LexborHTMLParser, url: str) -> list[str]:
    """Return the other pages of this thread, on the same host."""
    here = url.partition("#")[0]
    found: dict[str, None] = {}
    for node in tree.css(_PAGES):
        try:
            target = urljoin(here, node.attributes.get("href") or "").partition("#")[0]
        except ValueError:
            continue
        if target != here and host(target) == host(here) and _ANOTHER.search(target):
            found[target] = None
    return list(found)
