"""
What a window of the newest few proves, and whether it has scrolled past what nobody saw. Pure.

A comment feed shows its newest few and has no second leaf: between two looks, in a storm, more
may have come than it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from models.coverage import Span
from models.post import Post

SHORTEST = 10
"""Entries a window shows at least: WordPress's own default, the smallest in common use."""


def within(
    posts: Iterable[Post], since: datetime | None, until: datetime | None
) -> tuple[Post, ...]:
    """Return the posts of the stretch asked for; one without a time might be of it, so it stays."""
    return tuple(
        post
        for post in posts
        if post.posted_at is None
        or (
            (since is None or post.posted_at >= since) and (until is None or post.posted_at < until)
        )
    )


def times(posts: Iterable[Post]) -> list[datetime]:
    """Return the known times of posts, oldest first."""
    return sorted(post.posted_at for post in posts if post.posted_at is not None)


def proven(
    found: Sequence[datetime],
    count: int,
    newest: datetime | None,
    seen: datetime | None,
    at: datetime,
) -> tuple[Span | None, Span | None]:
    """
    Return the stretch a window of `count` entries proves, and the one that has scrolled out of it.

    `found` are its times, oldest first; `newest` is the newest time of the last look, if that
    look (at `seen`) saw any; `at` is now.
    """
    if not found:
        since = newest or seen
        return (Span(since, at) if since and count == 0 else None), None
    oldest, last = found[0], newest or seen
    if newest is None and seen is not None and count < SHORTEST:
        # Nothing was there, and the window has room left: nothing can have left it.
        return Span(min(oldest, seen), at), None
    if last is None or oldest <= last:
        return Span(oldest, at), None
    return Span(oldest, at), Span(last, oldest)


def scrolled(lost: Span | None, count: int) -> tuple[str, ...]:
    """Return the sentence that says what a window of `count` entries let slip, if anything."""
    if lost is None:
        return ()
    since, until = (f"{edge:%Y-%m-%d %H:%M}" for edge in (lost.since, lost.until))
    only = f"the feed shows only its newest {count}"
    return (f"{only}; comments made between {since} and {until} UTC may be missing",)


def clip(span: Span | None, since: datetime | None, until: datetime | None) -> Span | None:
    """Return the part of a span that lies in the stretch asked for."""
    if span is None:
        return None
    start = span.since if since is None else max(span.since, since)
    end = span.until if until is None else min(span.until, until)
    return Span(start, end) if start < end else None
