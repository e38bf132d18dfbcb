"""
A walk down an instance's hashtag timelines, and what its answers must know of each other. Pure.

One timeline a hashtag: asked for several at once, an instance answers “none” if it doesn't know the
first, and its links forget the others. A walk goes from the newest post down to an id minutes older
than all that was proved the last time, and every quarter of an hour to one an hour older: posts
arrive late, but instances are small. Ids are the instance's own and are never compared here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec

from ingest.source import Request
from models.coverage import Span
from models.errors import SetupError
from models.incident import Watch

SIZE = 40
"""Posts in one answer, the most an instance gives."""

NEAR = timedelta(minutes=5)
"""How far back to read again in every walk."""

DEEP = timedelta(hours=1)
"""How far back in a deep one: posts of other instances arrive late, with their old dates."""

RARELY = timedelta(minutes=15)
"""How often a walk goes deep."""

LAG = timedelta(minutes=2)
"""What is younger may still be on its way from another instance."""

FRESH = timedelta(hours=1)
"""How long what an instance shows to strangers is trusted; an empty answer doesn't tell."""

FIRST_LOOK = timedelta(days=7)
"""How far back a watch goes that has no beginning."""

_SECOND = timedelta(seconds=1)

Order = Sequence[tuple[str, datetime | None]]
"""The ids of an answer and when each was posted, in the instance's order."""


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    The bookmark: up to when all is proved, and when the instance was asked what it shows.

    `near` are, by hashtag, ids below which the next walk needn't read, `floors` those for a deep
    one; `deep` is up to when the last deep one proved all.
    """

    seen: datetime | None = None
    checked: datetime | None = None
    near: dict[str, str] = {}
    deep: datetime | None = None
    floors: dict[str, str] = {}


class Chain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Where one walk stands: in the timeline of hashtag `at`, at the posts older than `max_id`.

    `seen` is up to when the walk will have proved all, `near` and `floors` are the next bookmark's,
    and all later than `edge` is proved.
    """

    base: str
    tags: tuple[str, ...]
    start: datetime
    since: datetime | None = None
    until: datetime | None = None
    local: bool = False
    mark: Mark = Mark()
    deep: bool = True
    step: Literal["instance", "timeline", "count"] = "instance"
    checked: datetime | None = None
    seen: datetime | None = None
    at: int = 0
    max_id: str = ""
    edge: datetime | None = None
    near: dict[str, str] = {}
    floors: dict[str, str] = {}

    @property
    def host(self) -> str:
        """The instance's name."""
        return urlsplit(self.base).netloc

    def question(self) -> Request:
        """Build the question it stands at."""
        state = msgspec.to_builtins(self)
        if self.step == "instance":
            return Request(url=f"{self.base}/api/v2/instance", state=state)
        tag = quote(self.tags[self.at], safe="")
        if self.step == "count":
            return Request(url=f"{self.base}/api/v1/tags/{tag}", state=state)
        floor = (self.mark.floors if self.deep else self.mark.near).get(self.tags[self.at], "")
        params = [("limit", str(SIZE))]
        params += [("local", "true")] if self.local else []
        params += [("since_id", floor)] if floor else []
        params += [("max_id", self.max_id)] if self.max_id else []
        url = f"{self.base}/api/v1/timelines/tag/{tag}"
        return Request(url=url, params=tuple(params), state=state)

    def following(self) -> Chain | None:
        """Return the walk at the top of the next hashtag, or None after the last."""
        if self.at + 1 == len(self.tags):
            return None
        return msgspec.structs.replace(self, at=self.at + 1, max_id="", edge=None)

    def further(self, lower: str, edge: datetime | None) -> Chain:
        """Return the walk below the id `lower`."""
        return msgspec.structs.replace(self, max_id=lower, edge=edge)

    def passed(self, order: Order) -> bool:
        """Whether a whole answer is older than the start; a single old post may have come late."""
        return bool(order) and all(when is not None and when < self.start for _, when in order)

    def marking(self, order: Order, *, ended: bool) -> Chain:
        """Return the walk with the hashtag's next floors, as far as it has come down to them."""
        if self.seen is None:
            return self
        near = self._floors(self.near, self.mark.near, order, self.seen - NEAR, ended=ended)
        if not self.deep:
            return msgspec.structs.replace(self, near=near)
        floors = self._floors(self.floors, self.mark.floors, order, self.seen - DEEP, ended=ended)
        return msgspec.structs.replace(self, near=near, floors=floors)

    def _floors(
        self,
        known: dict[str, str],
        former: dict[str, str],
        order: Order,
        old: datetime,
        *,
        ended: bool,
    ) -> dict[str, str]:
        """Return the floors with the first post as old as that; a walk without one keeps the last."""
        tag = self.tags[self.at]
        if tag in known:
            return known
        floor = next((key for key, when in order if when is not None and when <= old), "")
        floor = floor or (former.get(tag, "") if ended else "")
        return known | {tag: floor} if floor else known

    def proved(self, order: Order, *, ended: bool) -> tuple[Span | None, datetime | None]:
        """
        Return the stretch an answer proves, and the time from which the next goes down.

        It ends above the newest post of the answer, not the oldest: one that came late may stand
        among younger ones. Where none follows it ends at the start. With several hashtags nothing
        is proved before the last has ended.
        """
        if self.seen is None:
            return None, None
        if len(self.tags) > 1:
            last = ended and self.at + 1 == len(self.tags)
            return (Span(self.start, self.seen) if last else None), None
        edge = self.edge or self.seen
        newest = max((when for _, when in order if when is not None), default=edge)
        down_to = min(edge, self.start if ended else newest + _SECOND)
        return Span(down_to, edge), down_to

    def hole(self, edge: datetime | None) -> Span | None:
        """Return what it has still to read: down from `edge`, or all of it with several hashtags."""
        if self.seen is None:
            return None
        return Span(self.start, self.seen if len(self.tags) > 1 else edge or self.seen)

    def bookmark(self) -> str:
        """Return the bookmark that leaves behind what this walk has still to read."""
        mark = Mark(
            seen=self.seen,
            checked=self.checked,
            near=self.near,
            deep=self.seen if self.deep else self.mark.deep,
            floors=self.floors if self.deep else self.mark.floors,
        )
        return msgspec.json.encode(mark).decode()


def begin(watch: Watch, now: datetime) -> Chain:
    """Return the walk for a watch at its first question; SetupError if there is nothing to ask."""
    if watch.since and watch.until and watch.since >= watch.until:
        message = f"mastodon: the watch ends ({watch.until:%Y-%m-%d %H:%M} UTC) before it begins"
        raise SetupError(message, "give an end after the beginning")
    local = watch.setting("local", "no")
    if local not in ("yes", "no"):
        message = f"mastodon: the setting local={local} isn't known"
        raise SetupError(message, "use local=yes or local=no")
    mark, ends = _mark(watch.bookmark), min(watch.until or now, now)
    deep = not _within(RARELY, mark.deep, now)
    before, overlap = (mark.deep, DEEP) if deep else (mark.seen, NEAR)
    again = min(before, ends) - overlap if before else watch.since or ends - FIRST_LOOK
    return Chain(
        base=_instance(watch.address),
        tags=_hashtags(watch.terms),
        start=max(again, watch.since or again),
        since=watch.since,
        until=watch.until,
        local=local == "yes",
        mark=mark,
        deep=deep,
        step="timeline" if _within(FRESH, mark.checked, now) else "instance",
        checked=mark.checked,
    )


def _within(length: timedelta, when: datetime | None, now: datetime) -> bool:
    return when is not None and timedelta(0) <= now - when < length


def _instance(address: str | None) -> str:
    try:
        parts = urlsplit(address or "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("https", "http") or not parts.netloc or "@" in parts.netloc:
        message = "a mastodon watch needs the address of an instance"
        raise SetupError(message, "it looks like https://mastodon.example")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _hashtags(terms: Sequence[str]) -> tuple[str, ...]:
    """Return the terms as hashtags, each once: in one word and small letters, as instances do."""
    words = ("".join(c for c in term.lower() if c == "_" or _wordy(c)) for term in terms)
    tags = dict.fromkeys(word for word in words if any(c.isalpha() for c in word))
    if not tags:
        message = "there is no hashtag to look for"
        raise SetupError(message, "give the watch at least one term, such as “lumabank”")
    return tuple(tags)


def _wordy(c: str) -> bool:
    return unicodedata.category(c)[0] in "LMN"


def _mark(bookmark: str | None) -> Mark:
    try:
        return msgspec.json.decode(bookmark or "{}", type=Mark)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # An unreadable bookmark costs one full look, nothing more.
        return Mark()
