"""
From the bytes of a feed to posts. Pure; other sources read comment feeds with it too.

feedparser never fails and never says no: an HTML page is to it a feed of nothing. So what isn't
a feed is told apart here, and its titles, names and links are cleaned here.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from typing import Any, cast
from urllib.parse import urljoin

import msgspec

from ingest.source import Reject
from ingest.text import host, html_text
from models.post import LONGEST_NAME, Post, identity, plausible

LONGEST_MARKUP = 150_000
"""Characters of one comment's HTML read: twice the longest text, and nesting costs its square."""

COMMENT = re.compile(r"#comment-(\d{1,20})$")
_ARTICLE = re.compile(r"[?&]p=(\d{1,20})(?:[#&]|$)")
_FIRST_TAG = re.compile(rb"<([A-Za-z][\w:.-]*)|<!(doctype\s+html)\b", re.IGNORECASE)
_COMMENTS = re.compile(rb"<!--.*?-->", re.DOTALL)
_ANY_TAG = re.compile(rb"<(/?)[A-Za-z][^<>]*?(/?)>")
_DEEPEST = 200
_ROOTS = frozenset([b"rss", b"feed", b"rdf:rdf"])
_TITLE = re.compile(r"^By:\s*(.+)$|^Comment on .+ by (.+)$", re.DOTALL)
_MAIL = re.compile(r"^\S+@\S+\.\S+?(?:\s*\((.+)\))?$")
_PING = re.compile(r"^\[(?:…|\.\.\.)\].*\[(?:…|\.\.\.)\]$", re.DOTALL)


class NotAFeed(ValueError):
    """What came is no feed, or it was cut before its first entry; says which."""


class Article(msgspec.Struct, frozen=True):
    """An article in a feed: the address of its comment feed, and how many comments it has."""

    feed: str
    comments: int | None
    posted_at: datetime | None


class Feed(msgspec.Struct, frozen=True):
    """
    What a feed holds: comments as posts (source “feed”), articles, and what could not be read.

    `shown` counts all entries, pingbacks and the like too; `torn` says that the feed is malformed,
    so that entries may be missing.
    """

    posts: tuple[Post, ...]
    articles: tuple[Article, ...]
    rejects: tuple[Reject, ...]
    shown: int
    torn: bool


def comment_id(place: str, number: int | str) -> str:
    """Return the id of a WordPress comment, the same by whatever way it came; `place` is a host."""
    return f"{place}#comment-{number}"


def read_feed(body: bytes, url: str, now: datetime) -> Feed:
    """Return the comments and articles of an RSS or Atom feed; raises `NotAFeed`."""
    entries, torn = _parse(body, url)
    ids = {_word(entry, "id") for entry in entries} - {""}
    posts: dict[str, Post] = {}
    articles: list[Article] = []
    rejects: list[Reject] = []
    for entry in entries:
        leads_to = _word(entry, "wfw_commentrss")
        if leads_to or "slash_comments" in entry:
            feed = urljoin(url, leads_to) if leads_to else ""
            if feed.startswith(("https://", "http://")):
                count = _word(entry, "slash_comments")
                total = int(count) if count.isdecimal() and len(count) < 10 else None
                articles.append(Article(feed, total, _when(entry, now)))
            continue
        try:
            post = _post(entry, url, ids, now)
        except ValueError as error:
            where = _word(entry, "id") or _word(entry, "link") or url
            rejects.append(Reject(where=where[:200], reason=str(error), raw=_html(entry)[0][:500]))
            continue
        if post is not None:
            posts.setdefault(post.external_id, post)
    return Feed(tuple(posts.values()), tuple(articles), tuple(rejects), len(entries), torn)


def _parse(body: bytes, url: str) -> tuple[list[Mapping[str, Any]], bool]:
    import feedparser

    # NULs go, so that the tags of a UTF-16 feed are seen too.
    start = _COMMENTS.sub(b"", body[:20_000].replace(b"\0", b""))
    tag = _FIRST_TAG.search(start)
    root = tag[1].lower() if tag and tag[1] else b"html"
    if root == b"html":
        message = "this is an HTML page, not a feed" if tag else "this is no feed at all"
        raise NotAFeed(message)
    if _is_deep(body):
        message = "its XML is nested deeper than any feed's"
        raise NotAFeed(message)
    try:
        # As a stream: plain bytes could be taken for the name of a file.
        found = feedparser.parse(
            BytesIO(body),
            response_headers={"content-location": url},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:
        message = f"the feed can't be read ({type(error).__name__})"
        raise NotAFeed(message) from error
    entries = [cast("Mapping[str, Any]", entry) for entry in found.get("entries", ())]
    if not found.get("version") or (not entries and root not in _ROOTS):
        message = "this is an HTML page, not a feed"
        raise NotAFeed(message)
    # feedparser also frowns on a charset or a content type; only broken XML loses entries.
    torn = type(found.get("bozo_exception")).__name__ == "SAXParseException"
    if not entries and not found.get("feed"):
        message = "the feed says nothing, not even its name"
        raise NotAFeed(message)
    if torn and not entries:
        message = "the feed is cut short before its first entry"
        raise NotAFeed(message)
    return entries, torn


def _is_deep(body: bytes) -> bool:
    """Return whether tags lie deeper in each other than any feed needs: each level costs memory."""
    if body.count(b"<") - body.count(b"</") < _DEEPEST:
        return False
    depth = 0
    for tag in _ANY_TAG.finditer(body):
        depth += -1 if tag[1] else 0 if tag[2] else 1
        if depth > _DEEPEST:
            return True
    return False


def _post(entry: Mapping[str, Any], url: str, ids: set[str], now: datetime) -> Post | None:
    html, plain = _html(entry)
    if "post_password" in html or html.lstrip().startswith("Protected Comments:"):
        return None
    text = html.strip() if plain else html_text(html[:LONGEST_MARKUP])
    guid, link = _word(entry, "id"), _word(entry, "link")
    when, author = _when(entry, now), _author(entry)
    number = COMMENT.search(guid) or COMMENT.search(link)
    if number and _PING.match(text):
        return None
    if not text:
        message = "the entry has no text"
        raise ValueError(message)
    place = host(link) or host(guid) or host(url)
    if number:
        own = comment_id(place, number[1])
    elif guid and len(guid) + len(place) < LONGEST_NAME:
        # A bare number as guid is unique in its own feed only.
        own = guid if ":" in guid else f"{place}#{guid}"
    else:
        own = identity(author, when, text)
    parent, thread = _above(entry, guid or link, place, ids)
    return Post(
        source="feed",
        external_id=own,
        text=text,
        url=link or None,
        author=author,
        posted_at=when,
        as_of=now,
        kind="reply" if parent else "post",
        parent_id=parent,
        thread_id=thread,
    )


def _above(
    entry: Mapping[str, Any], own: str, place: str, ids: set[str]
) -> tuple[str | None, str | None]:
    """Return the ids of the comment answered and of the article, where the feed tells them."""
    reply = dict.get(cast("dict[str, Any]", entry), "thr_in-reply-to")
    ref = str(reply.get("ref") or "") if isinstance(reply, dict) else ""
    above = COMMENT.search(ref)
    parent = comment_id(place, above[1]) if above else ref if ref in ids else None
    article = _ARTICLE.search(own) or _ARTICLE.search(ref)
    if article:
        return parent, f"{place}/?p={article[1]}"
    if parent is None and ref:
        return None, ref[:LONGEST_NAME]
    return parent, own.partition("#")[0][:LONGEST_NAME] if COMMENT.search(own) else None


def _word(entry: Mapping[str, Any], key: str) -> str:
    # Past feedparser's own look-up, which warns and guesses.
    value = dict.get(cast("dict[str, Any]", entry), key)
    return value.strip() if isinstance(value, str) else ""


def _html(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """Return an entry's markup, and whether it is plain text."""
    contents = dict.get(cast("dict[str, Any]", entry), "content") or []
    for part in contents:
        if isinstance(part, dict) and str(part.get("value") or "").strip():
            return str(part["value"]), part.get("type") == "text/plain"
    detail = dict.get(cast("dict[str, Any]", entry), "summary_detail") or {}
    return _word(entry, "summary"), detail.get("type") == "text/plain"


def _author(entry: Mapping[str, Any]) -> str | None:
    name = _word(entry, "author")
    mail = _MAIL.match(name[:LONGEST_NAME])
    if mail:
        name = mail[1] or ""
    if not name and (title := _TITLE.match(_word(entry, "title")[:1_000])):
        name = title[1] or title[2]
    return unescape(name).strip() or None


def _when(entry: Mapping[str, Any], now: datetime) -> datetime | None:
    for key in ("published_parsed", "updated_parsed"):
        parsed = dict.get(cast("dict[str, Any]", entry), key)
        try:
            if parsed is not None:
                return plausible(datetime.fromtimestamp(timegm(parsed), UTC), now)
        except (ValueError, OverflowError, OSError, TypeError):
            continue
    return None
