"""
X's posts in old files: v1.1 JSON, twarc2 answers and flattened posts, account archives. Pure.

A file proves nothing later than what it says: numbers are as of `retrieved_at`, or else of the
post's own time. All come with source "x", so they meet the ones heard live under the same ids.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.source import Reject
from ingest.sources.x.first import body_of_status
from ingest.sources.x.posts import raw, read_posts
from ingest.sources.x.values import a_dict, a_text, a_time, an_id, dicts
from models.post import Post, plausible

_SIGNS = frozenset(["includes", "meta", "matching_rules", "__twarc", "errors"])
_POST_SIGNS = frozenset(
    [
        "author_id",
        "conversation_id",
        "edit_history_tweet_ids",
        "edit_history_post_ids",
        "public_metrics",
        "referenced_tweets",
        "referenced_posts",
        "__twarc",
    ]
)
_STATUS_SIGNS = frozenset(
    ["user", "full_text", "truncated", "favorite_count", "retweet_count", "entities"]
)


def is_x(value: object) -> bool:
    """Tell whether one decoded JSON value is X's: a post, an answer, or a message of a stream."""
    item = a_dict(value)
    return _is_status(_unwrapped(item)) or _is_flat(item) or _is_answer(item) or _is_no_post(item)


def read_object(
    value: dict[str, Any], where: str, now: datetime
) -> tuple[list[Post], list[Reject]]:
    """
    Return the posts of one object of a file, and what in it couldn't become one.

    Messages of a stream that aren't posts give neither; `now` bounds what times can be true.
    """
    if _is_no_post(value):
        return [], []
    status = _unwrapped(value)
    if _is_status(status):
        return read_posts(body_of_status(status), where, now, _as_of(value, now))
    if _is_answer(value):
        return read_posts(value, where, now, _as_of(value, now))
    if _is_flat(value):
        return read_posts(_folded(value), where, now, _as_of(value, now))
    return [], [Reject(where=where, reason="this isn't a post of X", raw=raw(value))]


def _as_of(value: dict[str, Any], now: datetime) -> datetime | None:
    return plausible(a_time(a_dict(value.get("__twarc")).get("retrieved_at")), now)


def _unwrapped(item: dict[str, Any]) -> dict[str, Any]:
    """Account archives since 2020 put each post into an object of its own."""
    return a_dict(item.get("tweet")) or item


def _is_status(item: dict[str, Any]) -> bool:
    return bool(an_id(item.get("id_str"))) and not _STATUS_SIGNS.isdisjoint(item)


def _is_flat(item: dict[str, Any]) -> bool:
    has_text = bool(a_text(item.get("text")))
    return bool(an_id(item.get("id"))) and has_text and not _POST_SIGNS.isdisjoint(item)


def _is_answer(item: dict[str, Any]) -> bool:
    data = item.get("data")
    items = dicts(data if isinstance(data, list) else [data])
    if not any(an_id(each.get("id")) and "text" in each for each in items):
        return False
    return not _SIGNS.isdisjoint(item) or any(not _POST_SIGNS.isdisjoint(each) for each in items)


def _is_no_post(item: dict[str, Any]) -> bool:
    """Limits, deletions, goodbyes, answers of errors alone or of nothing."""
    if "track" in a_dict(item.get("limit")) or a_dict(item.get("disconnect")):
        return True
    deleted = a_dict(item.get("delete")) or a_dict(a_dict(item.get("data")).get("delete"))
    if not {"status", "tweet"}.isdisjoint(deleted):
        return True
    if item.get("data"):
        return False
    errors = dicts(item.get("errors"))
    return (
        any("title" in error or "type" in error for error in errors)
        or a_dict(item.get("meta")).get("result_count") == 0
        or (bool(errors) and "__twarc" in item)
    )


def _folded(item: dict[str, Any]) -> dict[str, Any]:
    """Return the answer a flattened post was unfolded from."""
    others = dicts(item.get("referenced_tweets")) or dicts(item.get("referenced_posts"))
    users = [a_dict(each.get("author")) for each in (item, *others)]
    said = [other for other in others if "text" in other]
    return {"data": [item], "includes": {"users": users, "tweets": said}}
