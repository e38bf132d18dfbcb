"""
Asking again: whether posts are still there at their source, and what they say by now.

A source that can be asked so has `again`, `proof`, `ask_again` and `read_again` beside what every source
has. Like all of it they do no I/O. What an answer doesn't speak of stays unverified: silence proves no
deletion. Which of the posts that are due are asked about next, and in which way, is the source's choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from ingest.source import Request, Response
from models.incident import Watch
from models.post import Post


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A post to ask about, as far as it is kept."""

    id: str
    url: str | None = None
    text: str = ""
    thread_id: str | None = None


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """
    A question, and the ids of the posts it is about; without a request nobody can tell of these.

    `apart`: it goes to a place of its own, so that trouble there says nothing of the others.
    """

    request: Request | None
    ids: tuple[str, ...]
    apart: bool = False


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a source says of posts it was asked about again, by their ids.

    `posts` are there, as they are now; `there` are those it says so of without their words; `gone` are
    not, each with the reason; of `untold` ones it can't tell. What stands in none isn't known.
    `more` is the request that goes on from here, after `wait` seconds; `resume` the one to go on with
    after a restart, for a source that takes long: it must hold no secret and no id. `as_of` is when all
    this held, if not now.
    """

    posts: tuple[Post, ...] = ()
    there: tuple[str, ...] = ()
    gone: dict[str, str] = {}
    untold: tuple[str, ...] = ()
    more: Request | None = None
    wait: float = 0.0
    resume: Request | None = None
    as_of: datetime | None = None


@runtime_checkable
class AsksAgain(Protocol):
    """
    What a source has that can be asked again.

    `again` is of how many posts in one question at most; `proof` says in a sentence what counts as proof
    that a post is gone there.
    """

    again: int
    proof: str

    def ask_again(self, watch: Watch, due: Sequence[Asked], now: datetime) -> Asking | None:
        """Build the next question about posts that are due; None where this watch can't be asked so."""
        ...

    def read_again(self, response: Response, asked: Sequence[Asked]) -> Again:
        """Read an answer about the posts asked; a SourceError for anything that isn't one."""
        ...
