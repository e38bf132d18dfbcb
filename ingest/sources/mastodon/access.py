"""What an instance shows to strangers, when it made an answer, and how long to leave it alone. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from ingest.source import Response
from ingest.text import when
from models.errors import SourceRefused
from models.post import clean

PAUSE = 1.0
"""Seconds left between two questions: instances allow 300 in five minutes."""

_NEXT = re.compile(r'<([^<>]*)>\s*;[^<>]*\brel="?next\b', re.IGNORECASE)
_CLOSED = frozenset(["authenticated", "disabled"])


def check(response: Response, *, local: bool) -> None:
    """Raise the error that a status stands for; return when there is an answer."""
    if response.status in (401, 403, 422):
        said = _error(response)
        what = f"({response.status}: {said})" if said else f"({response.status})"
        raise _refused(response, f"shows its hashtags only to its members {what}", local=local)
    response.check()


def check_shown(response: Response, *, local: bool) -> bool:
    """
    Return whether this is an instance that says what it shows; SourceRefused if it hides hashtags.

    Servers of another make, and old ones, don't say.
    """
    if response.status in (404, 410):
        return False
    check(response, local=local)
    body = response.json()
    if not isinstance(body, dict) or not isinstance(body.get("version"), str):
        message = "this isn't a Mastodon instance"
        raise response.trouble(message, "check the address")
    feeds: Any = body
    for name in ("configuration", "timelines_access", "hashtag_feeds"):
        feeds = feeds.get(name) if isinstance(feeds, dict) else None
    access = feeds if isinstance(feeds, dict) else {}
    if access.get("local") in _CLOSED:
        raise _refused(response, "shows its hashtags only to its members", local=True)
    if not local and access.get("remote") in _CLOSED:
        raise _refused(response, "shows strangers only its own members' posts", local=False)
    return True


def is_unknown(response: Response) -> bool:
    """Whether an instance says that nobody there has ever used the hashtag."""
    return response.status == 404 and bool(_error(response))


def made_at(response: Response) -> datetime:
    """Return when an answer was made: caches keep one for a while, up to a day if all else fails."""
    age = response.header("age").strip()
    old = timedelta(seconds=int(age)) if age.isdecimal() and len(age) < 9 else timedelta(0)
    return min(when(response.header("date")) or response.at, response.at - old)


def below(response: Response) -> str:
    """Return the id its Link header goes on below, or nothing; the address there is a stranger's."""
    link = _NEXT.search(response.header("link"))
    try:
        ids = parse_qs(urlsplit(link[1]).query).get("max_id", []) if link else []
    except ValueError:
        return ""
    return ids[0][:100] if ids else ""


def pause(response: Response) -> float:
    """Seconds to leave before the next question: a moment, or until the instance counts anew."""
    return max(response.pause, PAUSE)


def _refused(response: Response, what: str, *, local: bool) -> SourceRefused:
    other = "name an instance that shows hashtags to anyone"
    remedy = other if local else f"{other}, or set local=yes to hear only this one's own posts"
    return SourceRefused(f"{_host(response)} {what}", remedy, source="mastodon", url=response.url)


def _error(response: Response) -> str:
    """The instance's own words on it, kept short: they come from outside."""
    try:
        body = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    said = body.get("error") if isinstance(body, dict) else None
    return clean(said, 200) if isinstance(said, str) else ""


def _host(response: Response) -> str:
    return urlsplit(response.url or response.request.url).netloc
