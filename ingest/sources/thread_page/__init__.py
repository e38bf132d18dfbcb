"""Comments under any article or forum thread, read from the page itself, or from pasted text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ingest.again import Again, Asked, Asking
from ingest.source import LARGEST_TREE, ROBOTS, Answer, Price, Request, Response
from ingest.sources.thread_page import again
from ingest.sources.thread_page.html import decode, read_html
from ingest.sources.thread_page.paging import split
from ingest.sources.thread_page.plain import read_plain
from ingest.sources.thread_page.thread import Thread
from ingest.text import host
from models.coverage import Span
from models.errors import SetupError
from models.incident import Watch, zone
from models.post import Post

_MOST_PAGES = 50
"""Pages read of one thread in one chain."""

_PAUSE = 1.0
"""Seconds between two pages of one site."""

_PASSWORD = re.compile(r"<input[^>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_MARKED_UP = re.compile(
    r"<(?:!doctype|html|head|body|div|p|ol|ul|article|section|script|h\d)\b", re.IGNORECASE
)


class _State(msgspec.Struct, kw_only=True):
    """
    What a chain over the pages of one thread carries along.

    `firsts` are the first comments of the pages so far; `cut`: one of them wasn't whole.
    """

    thread: str
    tz: str = "UTC"
    began: datetime | None = None
    since: datetime | None = None
    seen: list[str] = []
    pending: list[str] = []
    found: int = 0
    firsts: list[str] = []
    cut: bool = False
    claimed: int | None = None
    etag: str = ""
    modified: str = ""


class _Bookmark(msgspec.Struct, kw_only=True, omit_defaults=True):
    etag: str = ""
    modified: str = ""
    since: datetime | None = None


class ThreadPage:
    """The comments of one article or forum thread, over all pages it is spread on."""

    name = "thread_page"
    summary = "the comments of any article or forum thread, read from the page"
    takes: tuple[str, ...] = ("address",)
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = {
        "tz": "the site's time zone, for pages that show local times",
        "robots": ROBOTS,
    }
    costs = "free"
    misses = "comments that only a script loads; threads of more than 50 pages"
    price = Price(posts_per_answer=50)

    def ask(self, watch: Watch, now: datetime) -> Request:  # noqa: ARG002
        """Ask for the page, or only whether it changed since the bookmark."""
        address = (watch.address or "").strip().partition("#")[0]
        if not address.startswith(("https://", "http://")) or not host(address):
            message = f"“{address}” isn't the address of a page"
            raise SetupError(message, "give the whole address, beginning with https://")
        tz = watch.setting("tz", "UTC")
        zone(tz)
        mark = _bookmark(watch.bookmark)
        since = min((t for t in (watch.since, mark.since) if t is not None), default=None)
        state = _State(thread=address, tz=tz, since=since, etag=mark.etag, modified=mark.modified)
        headers = {"Accept": "text/html, text/plain;q=0.8"}
        if mark.etag:
            headers["If-None-Match"] = mark.etag
        if mark.modified:
            headers["If-Modified-Since"] = mark.modified
        carried = msgspec.to_builtins(state)
        return Request(url=address, headers=headers, page=True, largest=LARGEST_TREE, state=carried)

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Ask for the page itself: its heading says how many comments there are."""
        return self.ask(msgspec.structs.replace(watch, bookmark=None), now)

    again = again.MOST
    proof = (
        "its thread is gone (404 or 410) while the site's front page is there; or the whole thread was"
        " read, as many comments as it says it has, and a comment the site numbers isn't among them"
    )

    def ask_again(self, watch: Watch, due: Sequence[Asked], now: datetime) -> Asking | None:
        """Build the question for the thread of the first of these."""
        fresh = msgspec.structs.replace(watch, bookmark=None, since=None)
        return again.ask(
            due, lambda thread: self.ask(msgspec.structs.replace(fresh, address=thread), now)
        )

    def read_again(self, response: Response, asked: Sequence[Asked]) -> Again:
        """Read which of them are there."""
        return again.read(response, asked, self.read)

    def read(self, response: Response) -> Answer:
        """Read one page of the thread, and go on to the next that isn't read yet."""
        state = msgspec.convert(response.request.state, _State)
        first = not state.seen
        state.began = state.began or response.at
        if not first and response.status in (404, 410):
            return _answer(response, state, Thread(), [f"{response.url} is gone"])
        response.check()
        if response.status == 304:
            return _ended(state, Answer(), complete=True)
        if first:
            state.etag, state.modified = response.header("etag"), response.header("last-modified")
        text = decode(response.body, response.header("content-type"))
        place = response.url or response.request.url
        if _is_plain(text, response.header("content-type")):
            thread = read_plain(text, place, response.at, state.tz)
        else:
            thread = read_html(text, place, response.at, state.tz)
        state.cut = state.cut or _is_cut(text)
        if first and not thread.posts:
            _check_silence(response, thread, text)
        return _answer(response, state, thread, [])


def _bookmark(mark: str | None) -> _Bookmark:
    try:
        return msgspec.json.decode(mark or "{}", type=_Bookmark)
    except msgspec.DecodeError:
        return _Bookmark()


def _is_plain(text: str, content_type: str) -> bool:
    if "html" in content_type.lower():
        return False
    return "text/plain" in content_type.lower() or not _MARKED_UP.search(text[:5_000])


def _is_cut(text: str) -> bool:
    """Return whether a page begins as HTML and never ends."""
    return "<html" in text[:2_000].lower() and "</html" not in text[-2_000:].lower()


def _check_silence(response: Response, thread: Thread, text: str) -> None:
    if thread.claimed:
        message = f"it says {thread.claimed} comments but none could be read: loaded by script?"
        raise response.trouble(message, "look for the site's comment feed and watch that instead")
    if thread.open:
        return
    if _PASSWORD.search(text):
        message = "expected a thread, got a login page"
        raise response.trouble(message, "watch an address that can be read without logging in")
    message = (
        "there is no trace of comments: no comment list, no schema.org comments, no “NAME said:”, "
        "no comment form"
    )
    raise response.trouble(message, "check that this is the page the comments are on")


def _answer(response: Response, state: _State, thread: Thread, notes: list[str]) -> Answer:
    posts = tuple(_in_thread(post, state.thread) for post in thread.posts)
    here = response.request.url
    state.seen.append(here)
    if posts and posts[0].external_id in state.firsts:
        notes.append(f"{here} shows the same comments as a page before it")
        state.cut = True
    state.firsts += [post.external_id for post in posts[:1]]
    state.found += len(posts)
    state.claimed = max((n for n in (state.claimed, thread.claimed) if n is not None), default=None)
    dated = [post.posted_at for post in posts if post.posted_at]
    state.since = min([*dated, *([state.since] if state.since else [])], default=None)
    known = {split(url) for url in (*state.seen, *state.pending)}
    for url in thread.further:
        if host(url) == host(state.thread) and split(url) not in known:
            known.add(split(url))
            state.pending.append(url)
    answer = Answer(
        posts=posts,
        total=thread.claimed if len(state.seen) == 1 else None,
        rejects=tuple(thread.rejects),
        notes=tuple(notes),
    )
    if state.pending and len(state.seen) < _MOST_PAGES:
        state.pending.sort(key=lambda url: split(url)[1])
        url = state.pending.pop(0)
        carried = msgspec.to_builtins(state)
        more = Request(
            url=url, headers={"Accept": "text/html"}, page=True, largest=LARGEST_TREE, state=carried
        )
        return msgspec.structs.replace(answer, more=more, wait=_PAUSE)
    return _ended(state, answer, complete=not state.pending)


def _in_thread(post: Post, thread: str) -> Post:
    return msgspec.structs.replace(post, thread_id=thread)


def _ended(state: _State, answer: Answer, *, complete: bool) -> Answer:
    notes = list(answer.notes)
    until = state.began
    missing = (state.claimed or 0) - state.found
    if missing > 0:
        notes.append(
            f"the page says {state.claimed} comments, {missing} of them weren't found "
            "(it may count links from other sites, or load some by script)"
        )
    if not complete:
        notes.append(f"the thread has more than {_MOST_PAGES} pages: {len(state.pending)} not read")
    # A count includes links from other sites; a page that hides most comments proves nothing.
    complete = complete and missing <= state.found and not state.cut
    since = min((t for t in (state.since, until) if t is not None), default=None)
    # Of a thread on several pages the first may stay as it was while the last one grows.
    single = len(state.seen) < 2 and not state.cut
    mark = _Bookmark(
        etag=state.etag if single else "", modified=state.modified if single else "", since=since
    )
    span = Span(since, until) if complete and since is not None and until is not None else None
    bookmark = msgspec.json.encode(mark).decode()
    changes: dict[str, Any] = {"notes": tuple(notes), "span": span, "bookmark": bookmark}
    return msgspec.structs.replace(answer, **changes)


source = ThreadPage()
