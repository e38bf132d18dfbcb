"""
The ladder down which a chain goes, and what its answers must know of each other. Pure.

REST tells most; where it is closed there is the comment feed, and at last the article's own HTML.
A step that is refused says so in a note, and the next question goes one rung down.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from ingest.source import LARGEST, LARGEST_TREE, Answer, Request, Response
from ingest.sources.wordpress.place import Place
from models.errors import SourceRefused
from models.incident import Watch

Rung = Literal["discovery", "rest", "feed", "html"]

MODERATION = timedelta(hours=48)
"""How far back to read again: a comment held for moderation appears with its old date."""

MARGIN = timedelta(hours=24)
"""Old cores compare dates in the site's own time: more than any zone is off."""

FRESH = timedelta(hours=24)
"""How long what was learnt of a place is trusted; then REST gets another chance too."""

PAUSE = 1.0
"""Seconds left between two HTML answers of one host."""

_FIELDS = "id,post,parent,author_name,date_gmt,content,link,status,type"
_NEXT: dict[Rung, str] = {
    "rest": "asking the REST interface",
    "feed": "reading the comment feed, which shows only the newest 10 or so",
    "html": "reading the article itself, which shows no comment that needs a script",
}


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    The bookmark: the place, the rung that worked, and when the place was learnt.

    `newest` is the newest comment's time by any rung and `rest` by REST alone, so that REST fills
    in, once it is open again, what a feed let slip; `seen` is when last looked.
    """

    place: Place
    rung: Rung
    learnt: datetime
    newest: datetime | None = None
    rest: datetime | None = None
    seen: datetime | None = None


class Chain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    State of one chain.

    `mark` is the bookmark, moving along; it is kept only when the chain ends. `remembered`: the
    place came from the bookmark. `first` is the first id of the last REST answer, `reached` how
    far REST is proved; `oldest`, `left` and `visited` belong to the HTML.
    `undated`: the site takes no dates. `refused` are the outcomes of the rungs above.
    """

    mark: Mark
    rung: Rung = "discovery"
    tz: str = "UTC"
    since: datetime | None = None
    until: datetime | None = None
    after: datetime | None = None
    counting: bool = False
    remembered: bool = False
    undated: bool = False
    first: int | None = None
    reached: datetime | None = None
    oldest: datetime | None = None
    left: tuple[str, ...] = ()
    visited: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where the comments are."""
        return self.mark.place

    def question(self, page: int = 1) -> Request:
        """Build the request of the rung the chain is on; `page` counts REST's answers."""
        state = msgspec.to_builtins(self)
        if self.rung == "rest":
            params = self._params(page)
            return Request(url=self.place.comments or "", params=params, state=state)
        if self.rung == "feed":
            return Request(url=self.place.feed or "", largest=LARGEST_TREE, state=state)
        leaf = self.left[0] if self.rung == "html" and self.left else self.place.address
        largest = LARGEST_TREE if self.rung == "html" else LARGEST
        return Request(url=leaf, page=True, largest=largest, state=state)

    def _params(self, page: int) -> tuple[tuple[str, str], ...]:
        params = [("post", str(self.place.post))] if self.place.post is not None else []
        params += [("order", "asc"), ("orderby", "date_gmt")]
        params += [("per_page", "1" if self.counting else "100"), ("page", str(page))]
        params += self.fields()
        if not self.undated and self.after is not None:
            params.append(("after", f"{self.after:%Y-%m-%dT%H:%M:%SZ}"))
        if not self.undated and self.until is not None:
            params.append(("before", f"{self.until + MARGIN:%Y-%m-%dT%H:%M:%SZ}"))
        return tuple(params)

    def fields(self) -> list[tuple[str, str]]:
        """Return the parameter that names the fields wanted of each comment."""
        return [("_fields", _FIELDS)]

    def learnt(self, place: Place, at: datetime) -> Chain:
        """Return the chain with what the discovery found."""
        mark = msgspec.structs.replace(self.mark, place=place, learnt=at)
        return msgspec.structs.replace(self, mark=mark)

    def saw(self, newest: datetime | None) -> Chain:
        """Return the chain with the newest time an answer brought."""
        latest = max(filter(None, (self.mark.newest, newest)), default=None)
        mark = msgspec.structs.replace(self.mark, newest=latest)
        if self.rung == "rest":
            proved = max(filter(None, (mark.rest, newest)), default=None)
            mark = msgspec.structs.replace(mark, rest=proved)
        return msgspec.structs.replace(self, mark=mark)

    def bookmark(self, at: datetime) -> str:
        """Return the bookmark of a chain that ends here."""
        mark = msgspec.structs.replace(self.mark, rung=self.rung, seen=at)
        return msgspec.json.encode(mark).decode()

    def down(self, outcome: str, response: Response) -> Answer:
        """Go one rung down because of `outcome`; SourceRefused when this was the last."""
        refused = (*self.refused, outcome) if outcome else self.refused
        rungs: tuple[Rung, ...] = ("rest", "feed", "html")
        below = rungs[rungs.index(self.rung) + 1 :] if self.rung in rungs else rungs
        for rung in below:
            if not self._has(rung):
                continue
            onward = msgspec.structs.replace(self, rung=rung, refused=refused, left=(), visited=())
            notes = (f"{outcome}; {_NEXT[rung]}",) if outcome else ()
            return Answer(more=onward.question(), notes=notes)
        if self.remembered:
            # What the bookmark knew is out of date: look at the place afresh before giving up.
            afresh = msgspec.structs.replace(
                self, rung="discovery", remembered=False, refused=refused, left=(), visited=()
            )
            return Answer(more=afresh.question(), notes=(f"{outcome}; looking afresh",))
        message = f"no comments can be had from {self.place.address}: {'; '.join(refused)}"
        remedy = "ask the site's owner to open the REST interface, or watch it as a thread_page"
        raise SourceRefused(message, remedy, url=response.url)

    def _has(self, rung: Rung) -> bool:
        if rung == "rest":
            return self.place.comments is not None
        return self.place.feed is not None if rung == "feed" else not self.place.site


def begin(watch: Watch, address: str, now: datetime, *, counting: bool) -> Chain:
    """Begin a chain where the bookmark says, or with the discovery."""
    known = _known(watch.bookmark)
    mark = known or Mark(place=Place(address=address), rung="discovery", learnt=now)
    fresh = known is not None and now - mark.learnt < FRESH
    if not fresh:
        mark = msgspec.structs.replace(mark, place=Place(address=address))
    starts = [mark.rest - MODERATION] if mark.rest and not counting else []
    starts += [watch.since - MARGIN] if watch.since else []
    return Chain(
        mark=mark,
        rung=mark.rung if fresh else "discovery",
        tz=watch.setting("tz", "UTC"),
        since=watch.since,
        until=watch.until,
        after=max(starts, default=None),
        counting=counting,
        remembered=fresh,
    )


def _known(bookmark: str | None) -> Mark | None:
    try:
        return msgspec.json.decode(bookmark, type=Mark) if bookmark else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        # An unreadable bookmark costs one full look, nothing more.
        return None
