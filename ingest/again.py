"""
Asking again: whether posts are still there at their source, and what they say by now.

A source that can be asked so has `again`, `ask_again` and `read_again` beside what every source has. Like
all of it they do no I/O. What an answer doesn't speak of stays unverified: silence proves no deletion.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from ingest.source import Request, Response
from models.incident import Watch
from models.post import Post


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a source says of posts it was asked about again, by their ids.

    `posts` are there, as they are now; `gone` are not, each with the reason. What stands in neither isn't
    known.
    """

    posts: tuple[Post, ...] = ()
    gone: dict[str, str] = {}


@runtime_checkable
class AsksAgain(Protocol):
    """What a source has that can be asked again: of how many posts in one request, and how."""

    again: int

    def ask_again(self, watch: Watch, ids: Sequence[str], now: datetime) -> Request | None:
        """Build the request for at most `again` posts; None where this watch can't be asked so."""
        ...

    def read_again(self, response: Response) -> Again:
        """Read the answer; a SourceError for anything that isn't one."""
        ...
