"""From X's first API (v1.1, and account archives) to the shape of the second. Pure."""

from __future__ import annotations

from typing import Any

from ingest.sources.x.values import a_dict, a_text, an_id

_DEEPEST = 3
"""A repost of a quote of a post: nothing real lies deeper."""


def body_of_status(status: dict[str, Any]) -> dict[str, Any]:
    """Return the v2 answer that would have said what a v1.1 status says."""
    others: list[dict[str, Any]] = []
    users: list[dict[str, Any]] = []
    item = _item(status, others, users, _DEEPEST)
    return {"data": [item], "includes": {"tweets": others, "users": users}}


def _item(
    status: dict[str, Any],
    others: list[dict[str, Any]],
    users: list[dict[str, Any]],
    depth: int,
) -> dict[str, Any]:
    long = a_dict(status.get("extended_tweet"))
    full = long if a_text(long.get("full_text")) else status
    user = a_dict(status.get("user"))
    users.append(
        {
            "id": _id(user),
            "username": user.get("screen_name"),
            "public_metrics": {"followers_count": user.get("followers_count")},
        }
    )
    references = [_replied_to(status)]
    for kind in ("retweeted", "quoted"):
        other = a_dict(status.get(f"{kind}_status"))
        other_id = _id(other) or _named(status, f"{kind}_status_id")
        references.append({"type": kind, "id": other_id})
        if _id(other) and depth:
            others.append(_item(other, others, users, depth - 1))
    return {
        "id": _id(status),
        "text": a_text(full.get("full_text")) or a_text(full.get("text")),
        "entities": full.get("entities"),
        "author_id": _id(user),
        "created_at": status.get("created_at"),
        "lang": status.get("lang"),
        "referenced_tweets": [each for each in references if each["id"]],
        "public_metrics": {
            "retweet_count": status.get("retweet_count"),
            "like_count": status.get("favorite_count"),
            "reply_count": status.get("reply_count"),
        },
    }


def _replied_to(status: dict[str, Any]) -> dict[str, str]:
    return {"type": "replied_to", "id": _named(status, "in_reply_to_status_id")}


def _id(item: dict[str, Any]) -> str:
    return _named(item, "id")


def _named(item: dict[str, Any], name: str) -> str:
    """The text form first: the number may have lost its last digits on its way."""
    return an_id(item.get(f"{name}_str")) or an_id(item.get(name))
