"""
Comments that a page marks up for machines: schema.org in JSON-LD blocks or in microdata.

Broken blocks are common; each is read for itself, and a bad one never costs the others.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.source import Reject
from ingest.sources.thread_page.thread import Comment
from ingest.text import DEEPEST, host, html_text, node_text

_TYPES = frozenset(
    [
        "Comment",
        "UserComments",
        "CorrectionComment",
        "Answer",
        "Review",
        "UserReview",
        "DiscussionForumPosting",
        "Question",
    ]
)
_WORDS = ("text", "commentText", "articleBody", "reviewBody", "description")
_TIMES = ("dateCreated", "datePublished", "commentTime", "uploadDate", "dateModified")
_BELOW = ("comment", "comments", "suggestedAnswer", "acceptedAnswer", "review", "reviews")
_COUNTS = ("commentCount", "answerCount")
_TRAILING = re.compile(r",(\s*[}\]])")
_ESCAPED = re.compile(r"[\x00-\x1f]")


class Marked(msgspec.Struct):
    """What the marked-up data of a page holds."""

    comments: list[Comment] = msgspec.field(default_factory=list)
    rejects: list[Reject] = msgspec.field(default_factory=list)
    claimed: int | None = None


def json_ld(document: LexborHTMLParser, url: str) -> Marked:
    """Return the comments of all JSON-LD blocks, those nested in others included."""
    marked = Marked()
    for number, node in enumerate(document.css('script[type="application/ld+json"]'), start=1):
        raw = node.text(deep=True)
        try:
            block = _decoded(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            reason = f"it isn't JSON ({error})"
            marked.rejects.append(
                Reject(where=f"JSON-LD block {number}", reason=reason, raw=raw[:500])
            )
            continue
        _walk(block, None, url, marked, DEEPEST)
    return marked


def _decoded(raw: str) -> Any:
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        bare = raw.strip().removeprefix("<!--").removesuffix("-->").strip()
        bare = bare.removeprefix("//<![CDATA[").removesuffix("//]]>")
        mended = _TRAILING.sub(r"\1", _ESCAPED.sub(" ", bare))
        try:
            return msgspec.json.decode(mended)
        except msgspec.DecodeError:
            return msgspec.json.decode(html.unescape(mended))


def _walk(value: Any, parent: int | None, url: str, marked: Marked, depth: int) -> None:
    if not depth:
        return
    if isinstance(value, list):
        for one in value:
            _walk(one, parent, url, marked, depth - 1)
        return
    if not isinstance(value, dict):
        return
    for name in _COUNTS:
        count = value.get(name)
        if isinstance(count, int | str) and str(count).isdecimal() and len(str(count)) < 9:
            marked.claimed = max(marked.claimed or 0, int(count))
    if _types(value) & _TYPES:
        comment = _comment(value, url, parent)
        if comment is not None:
            marked.comments.append(comment)
            parent = len(marked.comments) - 1
    # Nested comments come after their parent; whatever else the block holds is looked through too.
    for name, below in value.items():
        if name not in _WORDS and name != "parentItem" and isinstance(below, dict | list):
            _walk(below, parent if name in _BELOW else None, url, marked, depth - 1)


def _types(value: Mapping[str, Any]) -> set[str]:
    kinds = value.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return {str(kind).rpartition("/")[2].rpartition(":")[2] for kind in listed}


def _comment(value: Mapping[str, Any], url: str, parent: int | None) -> Comment | None:
    text = next(
        (value[n] for n in _WORDS if isinstance(value.get(n), str) and value[n].strip()), ""
    )
    if not text:
        return None
    if "<" in text or "&" in text:
        text = html_text(text)
    stamp = next((value[n] for n in _TIMES if isinstance(value.get(n), str)), "")
    address = next(
        (value[n] for n in ("url", "@id", "identifier") if isinstance(value.get(n), str)), ""
    )
    native, link = _identity(address, url)
    name = _name(value.get("author") or value.get("creator"))
    return Comment(text=text, author=name, stamp=stamp, native=native, link=link, parent=parent)


def _name(author: Any) -> str | None:
    for one in author if isinstance(author, list) else [author]:
        name = one.get("name") or one.get("alternateName") if isinstance(one, dict) else one
        if isinstance(name, list) and name:
            name = name[0]
        if isinstance(name, str) and name.strip():
            return name
    return None


def _identity(address: str, url: str) -> tuple[str | None, str | None]:
    # An address of its own is an id; the thread's address is everybody's, so it is nobody's.
    address = address.strip()
    if not address or len(address) > 2_000:
        return None, None
    try:
        link = urljoin(url, address)
        scheme = urlsplit(link).scheme
    except ValueError:
        return None, None
    if scheme not in ("http", "https") or link.rstrip("/#") == urldefrag(url)[0].rstrip("/"):
        return None, None
    fragment = urldefrag(link)[1]
    native = f"{host(link)}#{fragment}" if re.search(r"\d", fragment) else link
    return native[:300], link


def microdata(document: LexborHTMLParser, url: str) -> Marked:
    """Return the comments marked with itemscope and itemtype, in the page's order."""
    marked = Marked()
    scopes = [n for n in document.css("[itemscope][itemtype]") if _scope_type(n) & _TYPES]
    order = {node.mem_id: place for place, node in enumerate(scopes)}
    found: list[dict[str, LexborNode]] = [{} for _ in scopes]
    for node in document.css("[itemprop]") if scopes else []:
        owner = next((n.mem_id for n in _above(node) if "itemscope" in n.attributes), None)
        if owner in order:
            for name in (node.attributes.get("itemprop") or "").split():
                found[order[owner]].setdefault(name, node)
    skip = (
        frozenset(order) | {n.mem_id for n in document.css('[class*="quote"]')} if scopes else None
    )
    places: dict[int, int] = {}
    for node, parts in zip(scopes, found, strict=True):
        words = next((parts[name] for name in _WORDS if name in parts), None)
        text = node_text(words, skip=skip or frozenset()) if words is not None else ""
        if not text:
            continue
        above = next((n.mem_id for n in _above(node) if n.mem_id in places), None)
        address = _value(parts.get("url")) or node.attributes.get("itemid") or ""
        own = node.attributes.get("id") or ""
        native, link = _identity(address or (f"#{own}" if re.search(r"\d", own) else ""), url)
        stamp = next((_value(parts[name]) for name in _TIMES if name in parts), "")
        places[node.mem_id] = len(marked.comments)
        marked.comments.append(
            Comment(
                text=text,
                author=_person(parts.get("author") or parts.get("creator")),
                stamp=stamp,
                native=native,
                link=link,
                parent=places[above] if above is not None else None,
            )
        )
    return marked


def _scope_type(node: LexborNode) -> set[str]:
    kinds = (node.attributes.get("itemtype") or "").split()
    return {kind.rpartition("/")[2] for kind in kinds if "schema.org/" in kind}


def _above(node: LexborNode) -> Iterator[LexborNode]:
    for _ in range(DEEPEST):
        above = node.parent
        if above is None:
            return
        node = above
        yield node


def _value(node: LexborNode | None) -> str:
    if node is None:
        return ""
    values = node.attributes
    given = values.get("datetime") or values.get("content") or values.get("href")
    return given or node_text(node)


def _person(node: LexborNode | None) -> str | None:
    if node is None:
        return None
    name = node.css_first('[itemprop~="name"]') or node
    return name.attributes.get("content") or node_text(name).partition("\n")[0] or None
