"""
Forum pages and home-made comment lists, where a comment reads “NAME said: TEXT”.

Blocks that repeat are read one by one; where a page has none, its text is read as if pasted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.sources.thread_page.furniture import is_furniture
from ingest.sources.thread_page.headers import header
from ingest.sources.thread_page.names import who
from ingest.sources.thread_page.nesting import owned
from ingest.sources.thread_page.plain import read_plain
from ingest.sources.thread_page.stamps import find
from ingest.sources.thread_page.thread import Comment, Thread
from ingest.text import host, node_text

_ID = re.compile(r"(comment|post|reply|message|msg|answer|response|pid|p|c)[-_]?(\d{1,18})")
_CLASS = re.compile(
    r"(?:comment|post|reply|message|response|answer)"
    r"(?:[-_]{0,2}(?:item|wrapper|container|row|block|entry|box|wrap|single|bit))?",
    re.IGNORECASE,
)
_AUTHOR = (
    '[rel="author"], .author, .username, .user-name, .user, .poster, .postername, .nickname, .nick, '
    ".byline, .commenter, .comment-author, .name, cite, .fn, dt"
)
_STAMP = '.date, .time, .timestamp, .postdate, .when, [class*="date"], [class*="time"], .meta'
_BODY = (
    ".content, .body, .text, .message, .postbody, .post-body, .comment-body, .comment-text, "
    ".comment-content, .message-body, .post-content, .entry, .commentbody, .messageText"
)
_NOT_WORDS = (
    '.signature, .sig, .reply, .actions, .buttons, .controls, .tools, .avatar, [class*="quote"], '
    ".screen-reader-text, form, nav"
)
_HEADER_LINES = 4
_MOST_BLOCKS = 5_000
_MOST_GROUPS = 6
_MOST_PRE = 3


def blocks_in(document: LexborHTMLParser, url: str) -> list[Comment]:
    """Return the comments of the blocks that repeat on a page, in its order."""
    best: list[Comment] = []
    not_words = frozenset(node.mem_id for node in document.css(_NOT_WORDS))
    for blocks in _groups(document)[:_MOST_GROUPS]:
        order = {block.mem_id: place for place, block in enumerate(blocks)}
        skip = frozenset(order) | not_words
        hints = [owned(document, s, order) for s in (_AUTHOR, _STAMP, _BODY, "time[datetime]")]
        read = (
            _comment(block, _Hints(*(hint.get(place) for hint in hints)), url, skip)
            for place, block in enumerate(blocks)
        )
        comments = [comment for comment in read if comment is not None]
        if len(comments) > len(best):
            best = comments
    return best


def text_of(document: LexborHTMLParser, url: str, now: datetime, tz: str) -> Thread:
    """Read the page's text, without what it quotes, as a pasted thread."""
    body = document.body
    if body is None:
        return Thread()
    quotes = frozenset(node.mem_id for node in document.css('[class*="quote"]'))
    # Archives print whole threads in one <pre>, where line ends mean something.
    texts = [node_text(body, skip=quotes), *(pre.text() for pre in document.css("pre")[:_MOST_PRE])]
    threads = [read_plain(text, url, now, tz) for text in texts]
    return max(threads, key=lambda thread: len(thread.posts))


def _groups(document: LexborHTMLParser) -> list[list[LexborNode]]:
    groups: defaultdict[tuple[str, str], list[LexborNode]] = defaultdict(list)
    for node in document.css("[id], [class]"):
        if node.tag in ("body", "html", "input", "form", "a", "span"):
            continue
        own = _ID.fullmatch(node.attributes.get("id") or "")
        if own:
            groups[own[1], node.tag or ""].append(node)
        for name in (node.attributes.get("class") or "").split():
            if _CLASS.fullmatch(name):
                groups[f".{name}", node.tag or ""].append(node)
    repeated = (group[:_MOST_BLOCKS] for group in groups.values() if len(group) > 1)
    return sorted(repeated, key=len, reverse=True)


class _Hints(NamedTuple):
    author: LexborNode | None
    stamp: LexborNode | None
    body: LexborNode | None
    clock: LexborNode | None


def _comment(block: LexborNode, hints: _Hints, url: str, skip: frozenset[int]) -> Comment | None:
    lines = node_text(block, skip=skip).split("\n")
    own = block.attributes.get("id") or ""
    numbered = _ID.fullmatch(own)
    native = f"{host(url)}#{own}" if numbered else None
    link = f"{url.partition('#')[0]}#{own}" if numbered else None
    exact = (hints.clock.attributes.get("datetime") or "") if hints.clock is not None else ""
    words = node_text(hints.body, skip=skip) if hints.body is not None else ""
    for at in range(min(_HEADER_LINES, len(lines))):
        found = header(lines, at)
        if found is not None and found.name and found.shape.weight >= 1:
            text = "\n".join(([found.rest] if found.rest else []) + lines[found.body :])
            return Comment(
                text=words if words and not found.rest and words in text else text,
                author=found.name,
                stamp=exact or found.stamp,
                native=native,
                link=link,
            )
    name = node_text(hints.author).partition("\n")[0] if hints.author is not None else ""
    if who(name)[0] is None:
        return None
    stamp = exact or (node_text(hints.stamp) if hints.stamp is not None else "")
    if not words:
        words = "\n".join(line for line in lines if not _about(line, name, stamp))
    if not words or not (stamp or hints.body is not None):
        return None
    return Comment(text=words, author=name, stamp=stamp, native=native, link=link)


def _about(line: str, name: str, stamp: str) -> bool:
    dated = find(line)
    alone = dated is not None and dated.end - dated.start > len(line) * 0.7
    return is_furniture(line) or line in (name, stamp) or alone
