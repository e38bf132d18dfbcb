"""
A thread from an HTML page: whichever of the ways to read it finds most of the comments.

Comment lists with ids are surest; then schema.org data, which often holds the first few only; then
forum blocks and “NAME said:” text.
"""

from __future__ import annotations

import codecs
import re
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from ingest.sources.thread_page import markup, said, structured
from ingest.sources.thread_page.furniture import claim, is_heading
from ingest.sources.thread_page.paging import further_pages
from ingest.sources.thread_page.thread import Comment, Thread, gather
from ingest.text import node_text, parse

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,40})""", re.IGNORECASE)
_TITLES = (
    "h1, h2, h3, h4, h5, h6, .comments-title, #comments-title, .comment-count, .comments-count, "
    "#comments > p, .comments > p, .no-comments, .nocomments"
)
_AREA = (
    "#comments, #respond, #commentform, .comments-area, .comment-respond, .commentlist, "
    ".comment-list, .wp-block-comments, .wp-block-comment-template, #comment-form, form.comment-form"
)
_LONGEST_TITLE = 300
_TEXT = re.compile(
    r"ascii|utf-8|utf-16(-[bl]e)?|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|gb\w+|big5\w*|euc_\w+|"
    r"shift_jis\w*|tis-620|johab|ptcp154"
)
"""Charsets a page may name, by Python's names; others turn letters into markup, or take ages."""


def read_html(html: bytes | str, url: str, now: datetime, tz: str = "UTC") -> Thread:
    """
    Read the comments of one HTML page; `url` is its address, local times are in zone `tz`.

    Bytes are decoded as the page says, or as UTF-8.
    """
    text = html if isinstance(html, str) else decode(html)
    document = parse(text)
    claimed = _claimed(document)
    listed = markup.comments_in(document, url)
    ld, micro = structured.json_ld(document, url), structured.microdata(document, url)
    marked = ld if len(ld.comments) > len(micro.comments) else micro
    if claimed is None:
        claimed = ld.claimed
    comments: list[Comment] = listed if len(listed) >= len(marked.comments) else marked.comments
    thread = gather(comments, url, now, tz, claimed=claimed)
    if not listed and (not thread.posts or (claimed or 0) > len(thread.posts)):
        loose = _loose(document, url, now, tz, claimed)
        if len(loose.posts) > len(thread.posts):
            thread = loose
    thread.rejects = [*ld.rejects, *thread.rejects]
    thread.claimed = claimed if claimed is not None else thread.claimed
    thread.further = further_pages(document, url)
    thread.open = bool(thread.posts) or document.css_first(_AREA) is not None or claimed is not None
    return thread


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a page's bytes: by its header, by its own word, or as UTF-8."""
    named = re.search(r"charset=[\"']?([\w-]{2,40})", content_type, re.IGNORECASE)
    own = _CHARSET.search(body[:4_096])
    guesses = [named[1] if named else "", own[1].decode("ascii") if own else "", "utf-8"]
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        guesses.insert(0, "utf-16")
    for guess in filter(None, guesses):
        try:
            if _TEXT.fullmatch(codecs.lookup(guess).name):
                return body.decode(guess).removeprefix("\ufeff")
        except (UnicodeError, LookupError):
            continue
    return body.decode("utf-8" if b"\xc3" in body or b"\xe2\x80" in body else "cp1252", "replace")


def _loose(
    document: LexborHTMLParser, url: str, now: datetime, tz: str, claimed: int | None
) -> Thread:
    blocks = said.blocks_in(document, url)
    thread = gather(blocks, url, now, tz, claimed=claimed)
    if len(thread.posts) < 2 and claimed != 1:
        thread = Thread(claimed=claimed)
    text = said.text_of(document, url, now, tz)
    return text if len(text.posts) > len(thread.posts) else thread


def _claimed(document: LexborHTMLParser) -> int | None:
    for node in document.css(_TITLES):
        title = node_text(node).replace("\n", " ")[:_LONGEST_TITLE]
        if is_heading(title) and (number := claim(title)) is not None:
            return number
    return None
