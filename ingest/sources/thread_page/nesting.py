"""Which comment a piece of a page belongs to: the nearest one around it."""

from __future__ import annotations

from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.text import DEEPEST

Order = Mapping[int, int]
"""The place of each comment in the page's order, by the `mem_id` of its outermost node."""


def owner(node: LexborNode | None, order: Order) -> int | None:
    """Return the place of the nearest comment that is this node or around it, or None."""
    for _ in range(DEEPEST):
        if node is None:
            return None
        place = order.get(node.mem_id)
        if place is not None:
            return place
        node = node.parent
    return None


def owned(document: LexborHTMLParser, selector: str, order: Order) -> dict[int, LexborNode]:
    """Return the first node of each comment that fits the selector, by the comment's place."""
    found: dict[int, LexborNode] = {}
    for node in document.css(selector):
        place = owner(node, order)
        if place is not None:
            found.setdefault(place, node)
    return found


def parts(
    document: LexborHTMLParser, selectors: tuple[str, ...], order: Order
) -> dict[int, LexborNode]:
    """Return the same for the first selector that fits each comment, the surest one first."""
    found: dict[int, LexborNode] = {}
    for selector in selectors:
        if len(found) < len(order):
            found = owned(document, selector, order) | found
    return found
