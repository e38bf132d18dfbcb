"""
Comments of a feed asked for again at the page each one links to. Pure.

A feed rolls on, so that it no longer shows a comment proves nothing. The page does: gone is what stood on
a page that is gone from a site that is there. On a page that is there, a comment's own anchor or its
first words show that it is; where neither is found, the comment may be on another leaf or loaded by a
script, so that can't be told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.again import Again, Asked, Asking
from ingest.removal import GONE, is_front, page_of, read_front, read_gone
from ingest.source import LARGEST_TREE, Request, Response
from ingest.text import html_text

MOST = 100
"""Comments of one page asked about at once."""

_BEGINS = 60
"""Letters of a comment that must be found on its page."""


def ask(due: Sequence[Asked]) -> Asking:
    """Build the question for the page of the first of these, about all that link to it."""
    page = page_of(due[0].url)
    same = tuple(one.id for one in due if page_of(one.url) == page)
    if not page:
        return Asking(request=None, ids=same)
    headers = {"accept": "text/html"}
    request = Request(url=page, headers=headers, page=True, largest=LARGEST_TREE)
    return Asking(request=request, ids=same[:MOST], apart=True)


def read(response: Response, asked: Sequence[Asked]) -> Again:
    """Read what the page shows."""
    ids = [one.id for one in asked]
    if is_front(response):
        return read_front(response, ids)
    if response.status in GONE:
        return read_gone(response.request.url, ids)
    response.check()
    text = response.body.decode("utf-8", "replace")
    words = _letters(html_text(text))
    there = tuple(one.id for one in asked if _anchor(one, text) or _said(one, words))
    return Again(there=there, untold=tuple(one for one in ids if one not in there))


def _anchor(one: Asked, text: str) -> bool:
    anchor = (one.url or "").partition("#")[2]
    return (
        bool(anchor)
        and re.search(rf"""\b(?:id|name)\s*=\s*["']?{re.escape(anchor)}\b""", text) is not None
    )


def _said(one: Asked, words: str) -> bool:
    begin = _letters(one.text)[:_BEGINS]
    return len(begin) >= _BEGINS // 2 and begin in words


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
