"""
Forum pages and home-made comment lists, where a comment reads “NAME said: TEXT”.

Blocks that repeat are read one by one; where a page has none, its text is read as if pasted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.sources.thread_page.furniture import is_furniture
from ingest.sources.thread_page.headers import header
from ingest.sources.thread_page.names import who
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


def blocks_in(document: LexborHTMLParser, url: str) -> list[Comment]:
    """Return the comments of the blocks that repeat on a page, in its order."""
    best: list[Comment] = []
    for blocks in _groups(document):
        roots = frozenset(block.mem_id for block in blocks)
        skip = roots | {node.mem_id for node in document.css(_NOT_WORDS)} - roots
        read = [_comment(block, url, skip) for block in blocks]
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
    return read_plain(node_text(body, skip=quotes), url, now, tz)


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
    return [group[:_MOST_BLOCKS] for group in groups.values() if len(group) > 1]


def _comment(block: LexborNode, url: str, skip: frozenset[int]) -> Comment | None:
    lines = node_text(block, skip=skip).split("\n")
    own = block.attributes.get("id") or ""
    numbered = _ID.fullmatch(own)
    native = f"{host(url)}#{own}" if numbered else None
    link = f"{url.partition('#')[0]}#{own}" if numbered else None
    clock = block.css_first("time[datetime]")
    exact = (clock.attributes.get("datetime") or "") if clock is not None else ""
    body = block.css_first(_BODY)
    words = node_text(body, skip=skip) if body is not None else ""
    for at in range(min(_HEADER_LINES, len(lines))):
        said = header(lines, at)
        if said is not None and said.name and (said.shape.weight > 1):
            text = "\n".join(([said.rest] if said.rest else []) + lines[said.body :])
            return Comment(
                text=words if words and not said.rest and words in text else text,
                author=said.name,
                stamp=exact or said.stamp,
                native=native,
                link=link,
            )
    author = block.css_first(_AUTHOR)
    name = node_text(author).partition("\n")[0] if author is not None else None
    if who(name)[0] is None:
        return None
    dated = block.css_first(_STAMP)
    stamp = exact or (node_text(dated) if dated is not None else "")
    if not words:
        words = "\n".join(x for x in lines if not _about(x, name or "", stamp))
    if not words or not (stamp or body is not None):
        return None
    return Comment(text=words, author=name, stamp=stamp, native=native, link=link)


def _about(line: str, name: str, stamp: str) -> bool:
    dated = find(line)
    alone = dated is not None and dated.end - dated.start > len(line) * 0.7
    return is_furniture(line) or line in (name, stamp) or alone
