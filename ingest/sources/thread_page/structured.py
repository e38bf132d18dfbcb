"""Comments that a page gives to search engines: schema.org in JSON-LD or microdata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.sources.thread_page.thread import Comment
from ingest.text import html_text, node_text

_TYPES = {"Comment", "UserComments", "Answer", "Review", "DiscussionForumPosting"}
_BODIES = ("text", "commentText", "articleBody", "reviewBody")
_TIMES = ("dateCreated", "datePublished", "dateModified", "commentTime")
_DEEPEST = 40


def read_structured(tree: LexborHTMLParser) -> list[Comment]:
    """Return the comments of the first form that has any, each once."""
    return _json_ld(tree) or _microdata(tree)


def _json_ld(tree: LexborHTMLParser) -> list[Comment]:
    found: list[Comment] = []
    seen: set[str] = set()
    for block in tree.css('script[type="application/ld+json"]'):
        try:
            value = msgspec.json.decode(block.text(deep=True).strip().rstrip(";"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # One broken block is common, and says nothing about its neighbours.
            continue
        _walk(value, None, found, seen, _DEEPEST)
    return found


def _walk(
    value: Any, parent: int | None, found: list[Comment], seen: set[str], depth: int
) -> None:
    if not depth:
        return
    if isinstance(value, list):
        for one in value:
            _walk(one, parent, found, seen, depth - 1)
        return
    if not isinstance(value, dict):
        return
    below = parent
    # The posting that a thread hangs from is the article, not a comment on it.
    is_comment = bool(_kinds(value) & _TYPES) and ("comment" not in value or parent is not None)
    body = next((value[name] for name in _BODIES if isinstance(value.get(name), str)), "")
    if is_comment or (_kinds(value) & {"Comment", "UserComments", "Answer"}):
        name = str(value.get("@id") or value.get("url") or "") or msgspec.json.encode(value).decode()
        if body and name not in seen:
            seen.add(name)
            link = value.get("url")
            found.append(
                Comment(
                    text=html_text(body),
                    author=_author(value.get("author") or value.get("creator")),
                    stamp=str(next((value[t] for t in _TIMES if value.get(t)), "")),
                    link=link if isinstance(link, str) and link.startswith("http") else None,
                    parent=parent,
                )
            )
            below = len(found) - 1
    for name in ("@graph", "mainEntity", "mainEntityOfPage", "comment", "comments",
                 "suggestedAnswer", "acceptedAnswer", "review"):  # fmt: skip
        _walk(value.get(name), below, found, seen, depth - 1)


def _kinds(value: dict[str, Any]) -> set[str]:
    kinds = value.get("@type")
    return {kinds} if isinstance(kinds, str) else {k for k in kinds or () if isinstance(k, str)}


def _author(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return value if isinstance(value, str) and value.strip() else None


def _microdata(tree: LexborHTMLParser) -> list[Comment]:
    nodes = [
        node for node in tree.css("[itemscope][itemtype]")
        if (node.attributes.get("itemtype") or "").rstrip("/").rpartition("/")[2] in _TYPES
    ]  # fmt: skip
    places = {node.mem_id: place for place, node in enumerate(nodes)}
    return [_item(node, places) for node in nodes]


def _item(node: LexborNode, places: dict[int, int]) -> Comment:
    body = author = None
    stamp = ""
    for part in _own(node, places):
        names = set((part.attributes.get("itemprop") or "").split())
        if names & set(_BODIES) and body is None:
            body = part
        elif names & {"author", "creator"} and author is None:
            named = part.css_first('[itemprop="name"]')
            author = named if named is not None else part
        elif names & set(_TIMES) and not stamp:
            given = part.attributes.get("datetime") or part.attributes.get("content")
            stamp = given or node_text(part)
    up = node.parent
    while up is not None and up.mem_id not in places:
        up = up.parent
    return Comment(
        text="" if body is None else node_text(body),
        author=None if author is None else author.attributes.get("content") or node_text(author),
        stamp=stamp,
        parent=None if up is None else places[up.mem_id],
    )


def _own(node: LexborNode, places: dict[int, int]) -> Iterator[LexborNode]:
    """Yield the properties of this item, not those of a comment inside it."""
    for part in node.css("[itemprop]"):
        up = part.parent if part.mem_id != node.mem_id else None
        while up is not None and up.mem_id != node.mem_id and up.mem_id not in places:
            up = up.parent
        if up is not None and up.mem_id == node.mem_id and part.mem_id not in places:
            yield part
