"""
Comment lists in classic, HTML5 and block-theme markup: one node a comment, replies nested inside.

Themes change everything but the node's id, so that is what comments are found by.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.sources.thread_page.thread import Comment
from ingest.text import host, node_text

_ID = re.compile(r"(?:li-|div-)?comment-(\d{1,18})")
_LISTS = (
    "ol.commentlist > li, ol.comment-list > li, ul.commentlist > li, ul.comment-list > li, "
    "ol.wp-block-comment-template > li, .commentlist .children > li, .comment-list .children > li, "
    "#comments li.comment, .comments li.comment"
)
_AUTHOR = (
    ".comment-author .fn, cite.fn, b.fn, .fn, .comment-author-name, .wp-block-comment-author-name, "
    ".comment-author, .commenter, .author, .username, cite"
)
_STAMP = ".commentmetadata a, .comment-meta a, .comment-metadata, .comment-date, .date, .commentmetadata"
_BODY = ".comment-content, .wp-block-comment-content, .comment-text, .commenttext, .comment_text"
_FURNITURE = (
    ".comment-author, .comment-meta, .commentmetadata, .comment-metadata, .reply, .says, cite, "
    ".comment-reply-link, .comment-edit-link, .children, form, .avatar"
)
_PINGS = {"pingback", "trackback"}


def read_markup(tree: LexborHTMLParser, url: str) -> list[Comment]:
    """Return the comments of a comment list, in the order of the page."""
    nodes = _nodes(tree)
    places = {node.mem_id: place for place, node in enumerate(nodes)}
    return [_comment(node, url, places) for node in nodes]


def _nodes(tree: LexborHTMLParser) -> list[LexborNode]:
    by_number: dict[str, LexborNode] = {}
    for node in tree.css("[id*=comment-]"):
        found = _ID.fullmatch(node.id or "")
        # The outermost node with a number is the comment; those inside are its parts.
        if found and found[1] not in by_number:
            by_number[found[1]] = node
    found_nodes = list(by_number.values()) or list(tree.css(_LISTS))
    return [node for node in found_nodes if not _left_out(node)]


def _classes(node: LexborNode) -> set[str]:
    return set((node.attributes.get("class") or "").split())


def _left_out(node: LexborNode) -> bool:
    return bool(_classes(node) & _PINGS) or node.css_first(".comment-awaiting-moderation") is not None


def _comment(node: LexborNode, url: str, places: dict[int, int]) -> Comment:
    number = _ID.fullmatch(node.id or "")
    inner = {one.mem_id for one in node.css("[id*=comment-], li") if one.mem_id in places}
    inner |= {one.mem_id for one in node.css(".children")}
    inner.discard(node.mem_id)
    author = _first(node, _AUTHOR, inner)
    stamp = _stamp(node, inner)
    body = _first(node, _BODY, inner)
    if body is None:
        body = node
    skip = frozenset(inner | {one.mem_id for one in body.css(_FURNITURE)})
    return Comment(
        text=node_text(body, skip=skip),
        author=None if author is None else node_text(author),
        stamp=stamp,
        native=f"{host(url)}#comment-{number[1]}" if number and url else None,
        link=f"{url.partition('#')[0]}#comment-{number[1]}" if number and url else None,
        parent=_parent(node, places),
        official=bool(_classes(node) & {"bypostauthor"}),
    )


def _first(node: LexborNode, selectors: str, inner: set[int]) -> LexborNode | None:
    for selector in selectors.split(", "):
        for found in node.css(selector):
            if found.mem_id != node.mem_id and not _inside(found, node, inner):
                return found
    return None


def _inside(found: LexborNode, node: LexborNode, inner: set[int]) -> bool:
    """Tell whether a part belongs to a reply below rather than to this comment."""
    up: LexborNode | None = found
    while up is not None and up.mem_id != node.mem_id:
        if up.mem_id in inner:
            return True
        up = up.parent
    return False


def _stamp(node: LexborNode, inner: set[int]) -> str:
    exact = _first(node, "time[datetime]", inner)
    if exact is not None:
        return exact.attributes.get("datetime") or ""
    written = _first(node, _STAMP, inner)
    return "" if written is None else node_text(written)


def _parent(node: LexborNode, places: dict[int, int]) -> int | None:
    up = node.parent
    while up is not None:
        if up.mem_id in places:
            return places[up.mem_id]
        up = up.parent
    return None
