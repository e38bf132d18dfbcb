"""Which column of somebody's file holds what: guessed by name, or as a person says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from models.errors import SetupError

NAMES: Mapping[str, str] = {
    "text": "text full_text body content comment message review post caption review_text"
    " comment_text comment_body post_text",
    "external_id": "external_id id_str id post_id comment_id review_id message_id status_id uuid"
    " guid",
    "author": "author username user_name screen_name author_username author_name"
    " author_screen_name user_username user_screen_name user handle nickname display_name name"
    " commenter reviewer poster by from",
    "author_id": "author_id author_id_str user_id user_id_str userid user_id_string",
    "author_followers": "author_followers followers followers_count follower_count user_followers"
    " author_followers_count user_followers_count author_public_metrics_followers_count",
    "posted_at": "posted_at created_at createdat timestamp datetime date_time published_at"
    " published created created_utc created_time submitted_at sent_at posted date time at",
    "as_of": "as_of",
    "version": "version",
    "kind": "kind",
    "official": "official",
    "url": "url link permalink href post_url",
    "parent_id": "parent_id in_reply_to_id in_reply_to_status_id_str in_reply_to_status_id"
    " in_reply_to reply_to_id reply_to parent",
    "thread_id": "thread_id conversation_id topic_id root_id",
    "origin_id": "origin_id",
    "lang": "lang language",
    "likes": "likes like_count likes_count favorite_count favourites_count favorites upvotes"
    " thumbs_up public_metrics_like_count",
    "replies": "replies reply_count replies_count comments_count num_comments"
    " public_metrics_reply_count",
    "reposts": "reposts repost_count reposts_count share_count shares reblogs_count boosts",
    "views": "views view_count views_count impressions impression_count"
    " public_metrics_impression_count",
    "source": "source platform network",
    "labels": "labels label",
}
"""Names a column may go by for each field of a post, the surest first."""

_SAID = {"external_id": "id", "posted_at": "time"}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^\w]+|_+")


def guess(names: Iterable[str]) -> dict[str, str]:
    """Return the column for each field that one of these columns seems to hold."""
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(_plain(name), name)
    found = {
        field: next(plain[name] for name in known.split() if name in plain)
        for field, known in NAMES.items()
        if not plain.keys().isdisjoint(known.split())
    }
    for name, column in plain.items():
        # One word before it says whose text it is, and then whose id and address.
        whose, _, what = name.rpartition("_")
        if "text" not in found and what == "text" and whose.count("_") <= 1:
            found["text"] = column
            _add(found, plain, "external_id", f"{whose}_id")
            _add(found, plain, "url", f"{whose}_url")
    if "date" in plain and "time" in plain and found["posted_at"] == plain["date"]:
        found["posted_at"] = f"{plain['date']}+{plain['time']}"
    return found


def _add(found: dict[str, str], plain: Mapping[str, str], field: str, name: str) -> None:
    if field not in found and name in plain:
        found[field] = plain[name]


def _plain(name: str) -> str:
    return _OTHER.sub("_", _HUMP.sub("_", name[:200])).casefold().strip("_")


def parse_map(said: str) -> dict[str, str]:
    """Read `text=body,author=user.name`; SetupError for a field that posts don't have."""
    chosen: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in said.split(","))):
        field, _, column = (part.strip() for part in pair.partition("="))
        if field not in NAMES or not column:
            message = f"“{pair}” doesn't say which column holds what"
            remedy = f"write --map text=COLUMN,author=COLUMN; there are: {', '.join(NAMES)}"
            raise SetupError(message, remedy)
        chosen[field] = column
    return chosen


def decide(names: Iterable[str], chosen: Mapping[str, str], path: str) -> dict[str, str]:
    """Return the column map of a file: guessed, but as chosen where a person chose."""
    names = list(names)
    there = f"its columns are: {', '.join(names[:40])}" if names else "it has no columns"
    for column in chosen.values():
        if any(part not in names for part in parts_of(column, names)):
            message = f"{path} has no column “{column}”"
            raise SetupError(message, there)
    found = guess(names) | dict(chosen)
    if "text" not in found:
        message = f"{path}: no column looks as if it held the posts' text"
        raise SetupError(message, f"say which with --map text=COLUMN; {there}")
    return found


def parts_of(column: str, names: Iterable[str]) -> list[str]:
    """Return the columns that `date+time` or `user.name` begin at; a name as it is comes first."""
    if column in names:
        return [column]
    return [part if part in names else part.split(".")[0] for part in column.split("+")]


def described(columns: Mapping[str, str]) -> str:
    """Return the sentence that shows a column map."""
    shown = [f"{_SAID.get(field, field)} from “{column}”" for field, column in columns.items()]
    return f"reads {', '.join(shown)}; change with --map text=COLUMN"
