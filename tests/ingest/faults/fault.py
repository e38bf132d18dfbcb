"""A fault: how the bytes go out, and what may come of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

from tests.ingest.faults.good import Good
from tests.ingest.faults.line import Line

Group = Literal["connection", "pace", "framing", "status", "encoding", "content"]

KEPT, TOLD, BUSY, REFUSED, CHANGED = "kept", "told", "busy", "refused", "changed"
"""How a watch may end: all is there; what is missing is told in a note; wait; stop; mend."""


class Scene(msgspec.Struct, frozen=True):
    """
    What a fault plays with: the good answer in whose place it comes, and the source's place.

    `elsewhere` is the address of a good server under another name, `plain` of the same without TLS.
    """

    good: Good
    place: int = 0
    elsewhere: str = ""
    plain: str = ""


Play = Callable[[Line, Scene], Awaitable[None]]
Says = Callable[[Scene], bytes]


def _nothing(good: Good) -> frozenset[str]:
    return frozenset()


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """
    One way to fail.

    `says` makes all that is sent to a question, or `play` does the talking; with neither the good
    answer is sent. `ends` are the outcomes allowed, `with_secret` those for a question that carries a
    secret, where they differ. `loses` tells the ids of posts that may be missing without a word,
    `least` how many must be there if it is kept. `waits` are the seconds, least and most, after which
    the watch may come back. `looks` is a text that must be found in a post as it was sent.

    `door` says whether anybody is there, `certificate` what is shown at it. `always`: every answer
    from there on is like this one. `primed`: the connection has been used before. `needs_posts`: it
    can only come in place of an answer with posts. `slow`: it only waits, so others may run beside it.
    """

    name: str
    group: Group
    ends: frozenset[str]
    says: Says | None = None
    play: Play | None = None
    loses: Callable[[Good], frozenset[str]] = _nothing
    with_secret: frozenset[str] = frozenset()
    waits: tuple[float, float] | None = None
    looks: str = ""
    least: int = 0
    door: Literal["open", "refused", "full", "nowhere", "mute"] = "open"
    certificate: str = ""
    always: bool = False
    primed: bool = False
    needs_posts: bool = False
    slow: bool = False

    def allowed(self, good: Good) -> frozenset[str]:
        """Return how a watch may end when this comes in place of that answer."""
        return self.with_secret if good.secret and self.with_secret else self.ends
