"""
The whole contract of a source, on one screen.

A source does no I/O. `ask` says what to fetch for a watch; `read` says what came back. The
Collector does the fetching in between. To add one: one file in `ingest/sources/` whose `source`
is an object like `Source` below, and one folder in `fixtures/sources/`; see CONTRIBUTING.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from ingest import waiting
from models.coverage import Span
from models.errors import SourceBusy, SourceChanged, SourceRefused
from models.incident import Watch
from models.post import Post
from models.sample import Sample

ROBOTS = "ignore: read pages although the site's robots.txt asks programs not to"
"""What the setting `robots` means, for sources that ask for pages."""


_CONDITIONS = frozenset(["if-none-match", "if-modified-since"])

LARGEST = 10 * 1024 * 1024
"""Bytes of a decoded answer."""

LARGEST_TREE = 4 * 1024 * 1024
"""Bytes of one that becomes a tree, which takes fifteen times its size in memory."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """
    One question, and what `read` needs to know of it later. Whoever asks for posts asks with GET.

    `secret` names the secret sent as a bearer token, never the token itself; `page` says that this
    is for people to read, so that the site's robots.txt is asked first; `largest` is how many bytes
    its answer may have; `state` is carried along a chain (plain JSON values). `signed`: the address is
    a secret itself, named nowhere; `free`: nothing is charged for it, whatever its source's price. The
    whole must survive a restart, as JSON.
    """

    url: str
    method: Literal["GET", "POST", "PUT"] = "GET"
    body: bytes | None = None
    signed: bool = False
    free: bool = False
    params: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = {}
    secret: str | None = None
    page: bool = False
    largest: int = LARGEST
    state: dict[str, Any] = {}


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: decoded bytes, lower-case header names, `at` when (aware UTC)."""

    request: Request
    status: int
    body: bytes
    at: datetime
    url: str = ""
    headers: Mapping[str, str] = {}

    def header(self, name: str) -> str:
        """One header's value, or nothing."""
        return self.headers.get(name.lower(), "")

    @property
    def wait(self) -> float | None:
        """Seconds the source asks to be left alone for, in any of the ways that are in use."""
        asked = waiting.retry_after(self.headers, self.at)
        return waiting.until_reset(self.headers, self.at) if asked is None else asked

    @property
    def pause(self) -> float:
        """Seconds to leave before the next question after a good answer that was the last allowed."""
        if not waiting.used_up(self.headers):
            return 0.0
        return waiting.until_reset(self.headers, self.at) or 0.0

    def trouble(self, message: str, remedy: str = "") -> SourceChanged:
        """Return the error that says this answer isn't in a shape we know."""
        return SourceChanged(f"{self.url}: {message}", remedy, url=self.url)

    def check(self) -> None:
        """
        Raise the error an HTTP status stands for; return where there is an answer, or none is new.

        Every `read` calls this, after any status that its platform means something special by.
        """
        status, place = self.status, f"{self.url} answered {self.status}"
        if status == 304 and not _CONDITIONS.isdisjoint(map(str.lower, self.request.headers)):
            return
        if status in (204, 205, 206, 304):
            # No answer, or a part of one: never silence.
            raise SourceChanged(place, "open the address in a browser", url=self.url)
        if 200 <= status < 300:
            return
        if status in (408, 425, 429) or status >= 500:
            raise SourceBusy(
                place, "nothing to do: it will be asked again", url=self.url, retry_after=self.wait
            )
        if status in (401, 403):
            raise SourceRefused(place, "check the token and what it may read", url=self.url)
        if status == 402:
            raise SourceRefused(place, "the account is out of credits", url=self.url)
        if status in (404, 410):
            raise SourceRefused(place, "check the address", url=self.url)
        raise SourceChanged(place, "the source no longer takes this question", url=self.url)

    def json(self) -> Any:
        """Return the body as JSON; a login page or a cut answer is `SourceChanged`."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._lenient_json()

    def _lenient_json(self) -> Any:
        # Half a surrogate pair or a number out of bounds in one post must not lose the others.
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            start = self.body[:200].lstrip().lower()
            if start.startswith((b"<!doctype", b"<html", b"<")):
                message = "expected JSON, got an HTML page (a login or an error page?)"
                raise self.trouble(message, "open the address in a browser") from error
            message = f"the answer is cut short or isn't JSON ({error})"
            raise self.trouble(message) from error


class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """Something that couldn't become a post: where, why, and the first of its raw text."""

    where: str
    reason: str
    raw: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a source said to one request.

    `span` is the stretch this answer proves complete; `more` the request that goes on from here,
    None at the end of the chain; `bookmark` where to begin next time, kept once the chain has ended.
    A source that reads newest first gives with every `more` the `hole` it has still to fill, and the
    bookmark that leaves it behind: then a fresher chain may begin before this one has ended. `lost`
    is a stretch that can't be had any more; `sample` says that only a share of one was read, and
    how it was drawn. `total` is how many posts the source says there are in all; `wait` how many seconds
    to leave before `more`. `labels` are those a file carries, by external id. `notes` are
    sentences for the person who watches.
    """

    posts: tuple[Post, ...] = ()
    span: Span | None = None
    more: Request | None = None
    bookmark: str | None = None
    hole: Span | None = None
    lost: Span | None = None
    sample: Sample | None = None
    total: int | None = None
    wait: float = 0.0
    rejects: tuple[Reject, ...] = ()
    labels: dict[str, tuple[str, ...]] = {}
    notes: tuple[str, ...] = ()


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a source charges, in US dollars, and how many posts one answer brings at most."""

    per_post: float = 0.0
    per_request: float = 0.0
    posts_per_answer: int = 100


class Source(Protocol):
    """
    A kind of place posts come from.

    `takes` says what a watch must name: "terms", "address" or both, as ("address",). `needs` are
    names of secrets. `settings` are the source's own, by name, with their meaning. `costs` and
    `misses` are the sentences of the README's table.
    """

    name: str
    summary: str
    takes: tuple[str, ...]
    needs: tuple[str, ...]
    settings: Mapping[str, str]
    costs: str
    misses: str
    price: Price

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Build the first request of a chain, from the watch's bookmark on; SetupError if it can't."""
        ...

    def read(self, response: Response) -> Answer:
        """Read one answer; raises a SourceError for anything that isn't one."""
        ...

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Build the cheapest request whose answers' `total`, summed over the chain, count the posts."""
        ...
