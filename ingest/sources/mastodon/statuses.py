"""From the statuses of an instance to posts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from ingest.source import Reject
from ingest.sources.feed.entries import LONGEST_MARKUP
from ingest.text import node_text, parse, when
from models.post import EARLIEST, LONGEST_NAME, Kind, Post, clean, identity, plausible

_PUBLIC = frozenset(["public", "unlisted"])
_TAG = re.compile(r"<[^>]*>")
_LANG = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")


class Found(msgspec.Struct, frozen=True):
    """
    What one answer holds; `order` are the ids of all items and when each was posted.

    `readable` counts the items that are statuses, whether or not they became posts.
    """

    posts: list[Post]
    rejects: list[Reject]
    order: list[tuple[str, datetime | None]]
    readable: int


class _Account(msgspec.Struct):
    acct: str | None = None
    uri: str | None = None
    url: str | None = None
    note: str | None = None
    followers_count: int | None = None
    bot: bool | None = None
    noindex: bool | None = None
    suspended: bool | None = None
    limited: bool | None = None


class _Status(msgspec.Struct):
    id: str | int
    account: _Account | None = None
    content: str | None = None
    spoiler_text: str | None = None
    visibility: str | None = None
    uri: str | None = None
    url: str | None = None
    created_at: str | None = None
    edited_at: str | None = None
    in_reply_to_id: str | int | None = None
    language: str | None = None
    favourites_count: int | None = None
    replies_count: int | None = None
    reblogs_count: int | None = None
    reblog: _Status | None = None
    quote: dict[str, Any] | None = None


class _Told(msgspec.Struct, frozen=True):
    """By which instance and when it was told, and the ids it goes by of all posts in the answer."""

    host: str
    now: datetime
    as_of: datetime
    known: dict[str, str]


def read_statuses(items: list[Any], host: str, now: datetime, as_of: datetime) -> Found:
    """
    Return the posts of one answer in its order, each once; boosts with the posts they spread.

    `now` bounds what times can be true; `as_of` is when the answer was made.
    """
    order: list[tuple[str, datetime | None]] = []
    statuses: list[tuple[int, _Status]] = []
    rejects: list[Reject] = []
    for number, item in enumerate(items, 1):
        if isinstance(item, dict) and item.get("id") and isinstance(item["id"], (str, int)):
            posted_at = plausible(when(str(item.get("created_at") or "")), now)
            order.append((str(item["id"]), posted_at))
        try:
            statuses.append((number, msgspec.convert(item, _Status, strict=False)))
        except (msgspec.ValidationError, RecursionError) as error:
            rejects.append(_reject(number, item, error))
    known = {str(status.id): _key(status, host) for _, status in statuses}
    told = _Told(host, now, as_of, known)
    posts: dict[str, Post] = {}
    for number, status in statuses:
        try:
            for post in _posts(status, told):
                posts.setdefault(post.external_id, post)
        except ValueError as error:
            rejects.append(_reject(number, items[number - 1], error))
    return Found(list(posts.values()), rejects, order, len(statuses))


def _reject(number: int, item: object, error: Exception) -> Reject:
    return Reject(where=f"post {number}", reason=str(error), raw=repr(item)[:500])


def _posts(status: _Status, told: _Told) -> Iterator[Post]:
    if status.reblog is None:
        if _heard_by_all(status):
            yield _post(status, told)
        return
    if not (_heard_by_all(status) and _heard_by_all(status.reblog)):
        return
    original = _post(status.reblog, told)
    # A boost repeats its original's counters; added up, the spread would count many times.
    yield msgspec.structs.replace(
        _post(status, told, text=original.text),
        kind="repost", origin_id=original.external_id, lang=original.lang,
        parent_id=None, likes=None, replies=None, reposts=None,
    )  # fmt: skip
    yield original


def _heard_by_all(status: _Status) -> bool:
    """Whether a person said it in public who is neither hidden nor asks not to be collected."""
    account = status.account
    if account is None or status.visibility not in _PUBLIC:
        return False
    if account.suspended or account.limited or account.bot or account.noindex:
        return False
    return "#nobot" not in _TAG.sub("", account.note or "").casefold()


def _post(status: _Status, told: _Told, text: str = "") -> Post:
    account = status.account or _Account()
    acct = (account.acct or "").lstrip("@")
    posted_at = plausible(when(status.created_at or ""), told.now)
    quoted = (status.quote or {}).get("quoted_status")
    origin_id = _quoted(quoted, told.host)
    kind: Kind = "post" if status.in_reply_to_id is None else "reply"
    return Post(
        source="mastodon",
        external_id=_key(status, told.host),
        text=text or _text(status),
        url=status.url or status.uri,
        author=f"{acct}@{told.host}" if acct and "@" not in acct else acct or None,
        author_id=account.uri or account.url,
        author_followers=_count(account.followers_count),
        posted_at=posted_at,
        as_of=told.as_of,
        version=_version(status, posted_at, told.now),
        kind="quote" if status.quote is not None else kind,
        parent_id=told.known.get(str(status.in_reply_to_id)),
        origin_id=origin_id,
        lang=status.language if _LANG.fullmatch(status.language or "") else None,
        likes=_count(status.favourites_count),
        replies=_count(status.replies_count),
        reposts=_count(status.reblogs_count),
    )


def _key(status: _Status, host: str) -> str:
    """The id it goes by on all instances: its address; ids are each instance's own."""
    key = status.uri or status.url or f"{host}/{status.id}"
    return key if len(key) <= LONGEST_NAME else identity(key, None, "")


def _quoted(status: object, host: str) -> str | None:
    try:
        return _key(msgspec.convert(status, _Status, strict=False), host)
    except (msgspec.ValidationError, RecursionError):
        return None


def _count(number: int | None) -> int | None:
    """A number the database takes; instances miscount below zero, and strangers write anything."""
    return number if number is not None and 0 <= number < 2**63 else None


def _version(status: _Status, posted_at: datetime | None, now: datetime) -> int:
    """Seconds from the post to its last edit: nobody tells how many edits there were."""
    edited_at = plausible(when(status.edited_at or ""), now)
    if edited_at is None:
        return 0
    return 1 + max(int((edited_at - (posted_at or EARLIEST)).total_seconds()), 0)


def _text(status: _Status) -> str:
    """The warning a post is folded behind, then the post; without what it quotes, if it can be."""
    document = parse(clean(status.content or "", LONGEST_MARKUP))
    body = document.body
    repeated = frozenset(node.mem_id for node in document.css(".quote-inline"))
    said = "" if body is None else node_text(body, skip=repeated) or node_text(body, quotes=True)
    return "\n".join(filter(None, [(status.spoiler_text or "").strip(), said]))
