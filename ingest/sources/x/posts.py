"""From X's v2 JSON to posts, in both of its field dialects. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

from ingest.source import Reject
from ingest.sources.x.values import a_count, a_dict, a_text, a_time, an_id, dicts, said_at
from models.post import Kind, Post, plausible

_KINDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("repost", frozenset(["retweeted", "reposted"])),
    ("quote", frozenset(["quoted"])),
    ("reply", frozenset(["replied_to"])),
)
_SHORT_LINK = re.compile(r"https?://t\.co/[A-Za-z0-9]+")
_ESCAPED = re.compile(r"&(amp|lt|gt);")
_MEANT = {"amp": "&", "lt": "<", "gt": ">"}
_USERNAME = re.compile(r"[A-Za-z0-9_]{1,50}")
_LANG = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
_LONGEST_LINK = 2_000


class _Told(msgspec.Struct, frozen=True):
    """Whom and what the posts of one answer refer to, and when it was told."""

    users: dict[str, dict[str, Any]]
    others: dict[str, dict[str, Any]]
    now: datetime
    as_of: datetime | None


def read_posts(
    body: dict[str, Any], where: str, now: datetime, as_of: datetime | None
) -> tuple[list[Post], list[Reject]]:
    """
    Return the posts of one v2 answer in its order, then the originals its reposts spread.

    `now` bounds what times can be true; `as_of` is when X said so, None for each post's own time.
    """
    includes = a_dict(body.get("includes"))
    others = dicts(includes.get("tweets")) + dicts(includes.get("posts"))
    data = body.get("data")
    items = data if isinstance(data, list) else [data]
    told = _Told(
        _by_id(dicts(includes.get("users"))),
        _by_id([*others, *dicts(items)]),
        now,
        as_of,
    )
    posts: list[Post] = []
    rejects: list[Reject] = []
    for number, item in enumerate(items, 1):
        try:
            posts.append(_post(item, told))
        except ValueError as error:
            rejects.append(
                Reject(where=f"{where}, post {number}", reason=str(error), raw=raw(item))
            )
    return posts + _spread(dicts(items), posts, told), rejects


def raw(value: object) -> str:
    """Return the first of what couldn't become a post, as it came."""
    return msgspec.json.encode(value)[:500].decode("utf-8", "replace")


def _by_id(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {key: item for item in items if (key := an_id(item.get("id")))}


def _spread(items: list[dict[str, Any]], posts: list[Post], told: _Told) -> list[Post]:
    """Originals of reposts: a person said them, though the search didn't bring them itself."""
    known = {post.external_id for post in posts}
    found: list[Post] = []
    for item in items:
        other = told.others.get(_references(item).get("repost", ""))
        if other is None or _history(other)[0] in known:
            continue
        try:
            original = _post(other, told)
        except ValueError:
            continue
        if original.author_id and original.posted_at:
            known.add(original.external_id)
            found.append(original)
    return found


def _post(item: object, told: _Told) -> Post:
    if not isinstance(item, dict):
        message = "not an object"
        raise ValueError(message)  # noqa: TRY004 - a stranger's mistake, not the caller's
    history = _history(item)
    if not history[0]:
        message = "no id"
        raise ValueError(message)
    own = an_id(item.get("id"))
    refers = _references(item)
    kind: Kind = next((name for name, _ in _KINDS if name in refers), "post")
    metrics = a_dict(item.get("public_metrics"))
    author_id = an_id(item.get("author_id"))
    user = told.users.get(author_id, {})
    username = a_text(user.get("username")).removeprefix("@")
    # An edit is a new id with a new time; the complaint was made when it was first said.
    stamped = a_time(item.get("created_at")) if own == history[0] else None
    posted_at = plausible(stamped, told.now) or plausible(_second(history[0]), told.now)
    origin = refers.get(kind) if kind in ("repost", "quote") else None
    spread = told.others.get(refers.get("repost", ""), item)
    return Post(
        source="x",
        external_id=history[0],
        text=_full_text(spread) or _full_text(item),
        url=f"https://x.com/{username if _USERNAME.fullmatch(username) else 'i'}"
        f"/status/{history[-1]}",
        author=username or None,
        author_id=author_id or None,
        author_followers=a_count(a_dict(user.get("public_metrics")).get("followers_count")),
        posted_at=posted_at,
        as_of=told.as_of or posted_at,
        version=history.index(own),
        kind=kind,
        parent_id=_identity(refers.get("reply"), told),
        thread_id=an_id(item.get("conversation_id")) or None,
        origin_id=_identity(origin, told),
        lang=_lang(item.get("lang")),
        likes=a_count(metrics.get("like_count")),
        replies=a_count(metrics.get("reply_count")),
        # A repost repeats its original's counter; added up, the spread would count many times.
        reposts=None if kind == "repost" else _reposts(metrics),
        views=a_count(metrics.get("impression_count")),
    )


def _second(post_id: str) -> datetime | None:
    """When an id was given out, as finely as X writes times."""
    when = said_at(post_id)
    return None if when is None else when.replace(microsecond=0)


def _history(item: dict[str, Any]) -> list[str]:
    """Ids of all versions, first to newest; just its own where the chain makes no sense."""
    own = an_id(item.get("id"))
    chain = item.get("edit_history_tweet_ids") or item.get("edit_history_post_ids")
    ids = [an_id(each) for each in chain] if isinstance(chain, list) else []
    return ids if own in ids and all(ids) else [own]


def _references(item: dict[str, Any]) -> dict[Kind, str]:
    """Ids of the posts it reposts, quotes or replies to, by kind."""
    listed = dicts(item.get("referenced_tweets")) or dicts(item.get("referenced_posts"))
    found: dict[Kind, str] = {}
    for reference in listed:
        for kind, names in _KINDS:
            if a_text(reference.get("type")) in names and an_id(reference.get("id")):
                found[kind] = an_id(reference["id"])
    return found


def _identity(post_id: str | None, told: _Told) -> str | None:
    """Return a post's first id: what it goes by in the store, whichever version was named."""
    other = told.others.get(post_id or "")
    return post_id or None if other is None else _history(other)[0]


def _reposts(metrics: dict[str, Any]) -> int | None:
    classic = a_count(metrics.get("retweet_count"))
    return a_count(metrics.get("repost_count")) if classic is None else classic


def _lang(value: object) -> str | None:
    """X's made-up codes (und, zxx, qme, …) say that it doesn't know."""
    lang = a_text(value)
    known = _LANG.fullmatch(lang) and lang not in ("und", "zxx") and not lang.startswith("q")
    return lang if known or lang == "qu" else None


def _full_text(item: dict[str, Any]) -> str:
    note = a_dict(item.get("note_tweet")) or a_dict(item.get("note_post"))
    told = note if a_text(note.get("text")) else item
    text = _ESCAPED.sub(lambda found: _MEANT[found[1]], a_text(told.get("text")))
    links = {
        a_text(link.get("url")): a_text(link.get("expanded_url"))
        for link in dicts(a_dict(told.get("entities")).get("urls"))
    }
    # By address, not by offset: offsets are a stranger's numbers.
    return _SHORT_LINK.sub(lambda found: _expanded(found[0], links), text) if links else text


def _expanded(short: str, links: dict[str, str]) -> str:
    long = links.get(short, "")
    fits = long.startswith(("https://", "http://")) and len(long) <= _LONGEST_LINK
    return long if fits else short
