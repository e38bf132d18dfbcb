"""
From the markup and dates of strangers to plain text and aware times. Pure.

Blocks become lines, quotations are left out (a quoted complaint must not count twice), scripts
and hidden furniture never get through.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from models.incident import zone

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "svg",
        "iframe",
        "object",
        "select",
        "button",
    ]
)
_QUOTES = frozenset(["blockquote", "q"])
_SPACES = re.compile(r"[ \t\xa0\u200b\u200e\u200f\ufeff]+")
_AT = re.compile(r"\s+(?:at|um|o|à|a las|alle)\s+", re.IGNORECASE)
# Anything looser, such as a trailing pm, the mail parser would drop without a word.
_MAIL = re.compile(
    r"(?:\w{3},\s+)?\d{1,2} \w{3} \d{4} \d\d:\d\d(?::\d\d)?(?: (?:[+-]\d{4}|[A-Z]{1,4}))?"
)
DEEPEST = 200
"""Levels of nested markup read; what lies deeper is not a comment."""


_OPENING = re.compile(
    r"<(/?)(?!(?:p|li|td|tr|th|dt|dd|option|br|hr|img|input|meta|link)\b)[a-z][^<>]*>",
    re.IGNORECASE,
)
_MOST_OPEN = 4_000
"""Levels of markup left open at once; the parser's time grows with their square."""


def parse(html: str | bytes) -> LexborHTMLParser:
    """Return the document of an HTML page or fragment; tags too deep for any comment are left out."""
    text = html if isinstance(html, str) else html.decode("utf-8", "replace")
    return LexborHTMLParser(_shallow(text.replace("\x00", "")))


def _shallow(text: str) -> str:
    if text.count("<") - text.count("</") < _MOST_OPEN:
        return text
    depth = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal depth
        depth += -1 if tag[1] else 1
        return "" if depth > _MOST_OPEN - bool(tag[1]) else tag[0]

    return _OPENING.sub(kept, text)


def node_text(node: LexborNode, *, quotes: bool = False, skip: frozenset[int] = frozenset()) -> str:
    """
    Plain text of a node, one line a block; quotations only with `quotes`.

    `skip` holds the `mem_id` of nodes to leave out, such as the replies below a comment.
    """
    parts: list[str] = []
    _walk(node, parts, quotes, skip, DEEPEST)
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _walk(
    node: LexborNode, parts: list[str], quotes: bool, skip: frozenset[int], depth: int
) -> None:
    child = node.child
    while child is not None:
        tag = child.tag or ""
        if tag == "-text":
            parts.append(re.sub(r"\s+", " ", child.text_content or ""))
        elif tag == "br":
            parts.append("\n")
        elif tag == "img":
            parts.append(child.attributes.get("alt") or "")
        elif (
            tag not in _SILENT
            and not tag.startswith(("-", "!", "#"))
            and (quotes or tag not in _QUOTES)
            and child.mem_id not in skip
            and depth
        ):
            block = tag in _BLOCKS
            parts.append("\n" if block else "")
            _walk(child, parts, quotes, skip, depth - 1)
            parts.append("\n" if block else "")
        child = child.next


def html_text(fragment: str, *, quotes: bool = False) -> str:
    """Plain text of an HTML fragment, such as a comment's rendered content."""
    body = parse(fragment).body
    return "" if body is None else node_text(body, quotes=quotes)


def when(stamp: str, tz: str = "UTC") -> datetime | None:
    """
    Return the aware UTC time a stamp of a page or feed means, or None.

    ISO 8601, RFC 2822 and written-out dates; a stamp without an offset is taken in zone `tz`.
    """
    stamp = stamp.strip()
    if not stamp or len(stamp) > 100 or not any(c.isdigit() for c in stamp):
        return None
    found = _strict(stamp) or _written(stamp)
    if found is None:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone(tz))
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None


def _strict(stamp: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        pass
    if not _MAIL.fullmatch(stamp):
        return None
    try:
        return parsedate_to_datetime(stamp)
    except (ValueError, TypeError, IndexError):
        return None


def _written(stamp: str) -> datetime | None:
    from dateutil import parser

    # A year must be spelled out: dateutil would fill what is missing from today.
    if not re.search(r"\b(19|20)\d\d\b", stamp):
        return None
    try:
        found: datetime = parser.parse(_AT.sub(" ", stamp), default=datetime(1, 1, 1))  # noqa: DTZ001
    except (ValueError, OverflowError, TypeError):
        return None
    return found


def host(url: str) -> str:
    """Host of an address, lower case and without “www.”."""
    try:
        name = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    return name.removeprefix("www.")
