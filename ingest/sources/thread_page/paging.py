"""Further pages of one thread: the same address but for the part that numbers its pages."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

_PATH = re.compile(r"/(?:comment-page|page)[-/](\d{1,5})(?=/?$)")
_PAGE = frozenset(["page", "cpage", "start", "offset", "pg", "commentpage", "comments_page"])
_NOISE = frozenset(["sid", "replytocom", "share", "utm_source", "utm_medium", "utm_campaign"])
_HINT = re.compile(r"page|start=|offset=|pg=", re.IGNORECASE)


def split(url: str) -> tuple[str, int]:
    """Return a thread's address without its numbering, and the number (0 where there is none)."""
    parts = urlsplit(url)
    number = 0
    found = _PATH.search(parts.path)
    path = parts.path
    if found:
        path, number = path[: found.start()] + path[found.end() :], int(found[1])
    query = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name.lower() in _PAGE and value.isdecimal() and len(value) < 9:
            number = int(value)
        elif name.lower() not in _NOISE:
            query.append((name, value))
    bare = (parts.scheme, parts.netloc.lower(), path.rstrip("/") or "/", urlencode(query), "")
    return urlunsplit(bare), number


def further_pages(document: LexborHTMLParser, url: str) -> list[str]:
    """Return the addresses of the thread's other pages that this one links to, oldest number first."""
    try:
        base, current = split(url)
    except ValueError:
        return []
    found: dict[int, str] = {}
    for node in document.css("a[href], link[href]"):
        address = node.attributes.get("href") or ""
        if not _HINT.search(address):
            continue
        try:
            whole = urljoin(url, address.strip()).partition("#")[0]
            there, number = split(whole)
        except ValueError:
            continue
        if there == base and number != current and len(whole) < 2_000:
            found.setdefault(number, whole)
    return [found[number] for number in sorted(found)]
