"""
Whether a page is gone for good: what a page's own site must say before what stood on it is erased. Pure.

A page that answers 404 or 410 is gone if the site's front page is there; a site that is down, moved or
closed to us proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from ingest.again import Again
from ingest.source import LARGEST_TREE, Request, Response

GONE = frozenset([404, 410])

_FRONT = "front"


def page_of(address: str | None) -> str:
    """Return the address of the page a post stands on; nothing if it has none."""
    page = (address or "").partition("#")[0]
    return page if page.startswith(("https://", "http://")) else ""


def ask_front(page: str) -> Request | None:
    """Build the question for the front page of a page's site; None if it is that."""
    parts = urlsplit(page)
    if parts.path.strip("/") == "" and not parts.query:
        return None
    front = f"{parts.scheme}://{parts.netloc}/"
    return Request(url=front, page=True, largest=LARGEST_TREE, state={_FRONT: True})


def is_front(response: Response) -> bool:
    """Whether this answers that question."""
    return _FRONT in response.request.state


def read_front(response: Response, ids: Sequence[str]) -> Again:
    """Read what a front page says of a page that is gone."""
    if 200 <= response.status < 300:
        return Again(gone=dict.fromkeys(ids, "the page it stood on is gone"))
    return Again(untold=tuple(ids))


def read_gone(page: str, ids: Sequence[str]) -> Again:
    """Return how to go on from a page that answered 404 or 410."""
    front = ask_front(page)
    return Again(untold=tuple(ids)) if front is None else Again(more=front)
