"""
A walk through the search, and what its answers must know of each other. Pure.

It first asks how far the index has come, because that lags and now and then stands still for
hours: nothing later is ever said to be quiet. Then it asks for each term, newest first. One search
gives at most 1,000 hits, so each question begins at the second where the last answer ended.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Literal

import msgspec

from ingest.source import Request
from ingest.sources.hackernews.hits import Hit, at_second, letters
from ingest.text import when
from models.coverage import Span
from models.errors import SetupError
from models.incident import Watch

API = "https://hn.algolia.com/api/v1/search_by_date"
SIZE = 100
"""Hits in one answer."""

OVERLAP = timedelta(hours=1)
"""How far back to read again: hits are indexed late, and their points later still."""

LAG = timedelta(minutes=1)
"""Hits of the index's newest minute may still be joined by others."""

LATE = timedelta(minutes=15)
"""An index further behind than this is worth a note."""

FIRST_LOOK = timedelta(days=7)
"""How far back a watch goes that has no beginning."""

PAUSE = 0.5
"""Seconds left between two questions: below the 10,000 an hour that are allowed."""


class Chain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Where one walk stands: at question `at` of `asks`, each a query and the tags it is asked among.

    `seen` is how far the index had come. `upper` is the newest second still asked for, `tied` the
    ids of that second already brought, `leaf` counts answers within it; all later than `edge` is
    proved.
    """

    asks: tuple[tuple[str, str], ...]
    start: datetime
    since: datetime | None = None
    until: datetime | None = None
    step: Literal["index", "search", "count"] = "index"
    seen: datetime | None = None
    at: int = 0
    upper: int | None = None
    leaf: int = 0
    tied: tuple[str, ...] = ()
    edge: datetime | None = None

    @property
    def query(self) -> str:
        """The term it is asking for, in quotes; empty for the comments of stories."""
        return self.asks[self.at][0]

    def question(self) -> Request:
        """Build the question it stands at."""
        if self.step == "index":
            params = [("tags", "(story,comment)"), ("hitsPerPage", "1")]
            return Request(url=API, params=tuple(params), state=msgspec.to_builtins(self))
        query, tags = self.asks[self.at]
        bounds = [f"created_at_i>={int(self.start.timestamp())}"]
        bounds += [] if self.upper is None else [f"created_at_i<={self.upper}"]
        params = [("query", query), ("tags", tags), ("numericFilters", ",".join(bounds))]
        params += [("hitsPerPage", "1" if self.step == "count" else str(SIZE))]
        params += [("page", str(self.leaf)), ("typoTolerance", "false"), ("advancedSyntax", "true")]
        params += [("restrictSearchableAttributes", "title,story_text,comment_text")]
        return Request(url=API, params=tuple(params), state=msgspec.to_builtins(self))

    def following(self) -> Chain | None:
        """Return the walk at its next question's top, or None after the last."""
        if self.at + 1 == len(self.asks):
            return None
        return msgspec.structs.replace(
            self, at=self.at + 1, upper=_last_second(self.until), leaf=0, tied=(), edge=None
        )

    def further(self, hits: list[Hit], edge: datetime | None) -> Chain:
        """Return the walk below these hits, or deeper in a second that fills whole answers."""
        oldest = hits[-1].second
        if self.tied and oldest == self.upper:
            return msgspec.structs.replace(self, leaf=self.leaf + 1)
        tied = tuple(hit.key for hit in hits if hit.second == oldest)
        return msgspec.structs.replace(self, upper=oldest, leaf=0, tied=tied, edge=edge)

    def proved(self, oldest: Hit | None) -> tuple[Span | None, datetime | None]:
        """
        Return the stretch an answer proves, and the time from which the next goes down.

        It ends above the second of `oldest`, which may go on in the next answer, or at the start
        where none follows. With several questions nothing is proved before the last has ended.
        """
        if self.seen is None:
            return None, None
        if len(self.asks) > 1:
            ended = oldest is None and self.at + 1 == len(self.asks)
            return (Span(self.start, self.seen) if ended else None), None
        edge = self.edge or self.seen
        down_to = min(edge, self.start if oldest is None else at_second(oldest.second + 1))
        return Span(down_to, edge), down_to

    def hole(self, edge: datetime | None) -> Span | None:
        """Return what it has still to read: down from `edge`, or all of it with several questions."""
        if self.seen is None:
            return None
        return Span(self.start, self.seen if len(self.asks) > 1 else edge or self.seen)


def begin(watch: Watch, now: datetime) -> Chain:
    """Return the walk for a watch at its first question; SetupError if there is nothing to ask."""
    if watch.since and watch.until and watch.since >= watch.until:
        message = f"hackernews: the watch ends ({watch.until:%Y-%m-%d %H:%M} UTC) before it begins"
        raise SetupError(message, "give an end after the beginning")
    ends = min(watch.until or now, now)
    # An unreadable bookmark costs one full look, nothing more.
    seen = when(watch.bookmark or "")
    again = min(seen, ends) - OVERLAP if seen else watch.since or ends - FIRST_LOOK
    return Chain(
        asks=_asks(watch),
        start=max(again, watch.since or again),
        since=watch.since,
        until=watch.until,
        upper=_last_second(watch.until),
    )


def _asks(watch: Watch) -> tuple[tuple[str, str], ...]:
    terms = {letters(term): " ".join(term.split()).lstrip("#@") for term in watch.terms}
    terms.pop("", None)
    asks = [(f'"{term.replace(chr(34), " ")}"', "(story,comment,poll)") for term in terms.values()]
    stories = [story.strip() for story in watch.setting("stories").split(",") if story.strip()]
    for story in stories:
        if not (story.isascii() and story.isdecimal()):
            message = f"hackernews: “{story[:40]}” isn't the id of a story"
            raise SetupError(message, "take the number after item?id= in the story's address")
    if stories:
        asks.append(("", f"comment,({','.join(f'story_{story}' for story in stories)})"))
    if not asks:
        message = "there is nothing to look for on Hacker News"
        raise SetupError(message, "give the watch at least one term, such as “card payments”")
    return tuple(asks)


def _last_second(until: datetime | None) -> int | None:
    return None if until is None else ceil(until.timestamp()) - 1
