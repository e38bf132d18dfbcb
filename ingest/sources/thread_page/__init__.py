"""
A page with a thread: the comments of an article or a forum, in whatever markup it has.

Follows the other pages of the same thread. An article whose comments are loaded by a script, a
login page, or a page without any place for comments is trouble, never silence.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Price, Request, Response
from ingest.sources.thread_page.html import read_html
from ingest.sources.thread_page.plain import read_plain
from ingest.sources.thread_page.thread import Thread
from models.coverage import Span
from models.errors import SetupError
from models.incident import Watch, zone

MOST_PAGES = 50
SECONDS_APART = 1.0
"""How long to leave between two pages of one host."""


class ThreadPage:
    """The comments of one page, and of those it leads on to."""

    name = "thread_page"
    summary = "the comments of an article or a forum page"
    takes = ("address",)
    needs = ()
    settings = {"tz": "the site's time zone, for pages that show local times"}
    costs = "nothing"
    misses = "comments that only a script loads; times on pages that show none"
    price = Price(posts_per_answer=50)

    def ask(self, watch: Watch, now: datetime) -> Request:  # noqa: ARG002  asks for all there is
        """Ask for the page; unchanged since the last time it says so itself."""
        if not watch.address:
            message = "thread_page needs the address of a page"
            raise SetupError(message, "give it after the source's name")
        tz = watch.setting("tz", "UTC")
        zone(tz)
        headers = {"accept": "text/html, text/plain;q=0.8"}
        kept = _kept(watch.bookmark)
        if kept.get("etag"):
            headers["if-none-match"] = kept["etag"]
        if kept.get("modified"):
            headers["if-modified-since"] = kept["modified"]
        state = {
            "tz": tz, "waiting": [], "seen": [watch.address], "bookmark": watch.bookmark,
            "since": None if watch.since is None else watch.since.isoformat(),
            "until": None if watch.until is None else watch.until.isoformat(), "oldest": None,
        }  # fmt: skip
        return Request(url=watch.address, headers=headers, state=state)

    estimate = ask

    def read(self, response: Response) -> Answer:
        """Read one page of the thread."""
        response.check()
        state = response.request.state
        if response.status == 304:
            since = response.at if not _kept(state["bookmark"]).get("at") else datetime.fromisoformat(
                _kept(state["bookmark"])["at"]
            )
            return Answer(bookmark=state["bookmark"], span=Span(since, response.at))
        thread = _thread(response)
        posts = tuple(post for post in thread.posts if _inside(post.posted_at, state))
        notes = ()
        missing = (thread.claimed or 0) - len(thread.posts) - len(thread.rejects)
        if thread.claimed and not thread.further and missing > 0:
            notes = (f"{response.url} says there are {thread.claimed} comments; {missing} can't be seen",)
        dated = [post.posted_at for post in thread.posts if post.posted_at]
        oldest = min([*dated, *([datetime.fromisoformat(state["oldest"])] if state["oldest"] else [])], default=None)
        seen = [*state["seen"]]
        waiting = [*state["waiting"], *(url for url in thread.further if url not in seen and url not in state["waiting"])]
        waiting = waiting[: max(MOST_PAGES - len(seen), 0)]
        if waiting:
            later = state | {
                "waiting": waiting[1:], "seen": [*seen, waiting[0]],
                "oldest": oldest and oldest.isoformat(),
            }  # fmt: skip
            more = Request(url=waiting[0], headers={"accept": "text/html"}, state=later)
            return Answer(posts=posts, rejects=tuple(thread.rejects), notes=notes, more=more, wait=_apart(response))
        return Answer(
            posts=posts, rejects=tuple(thread.rejects), notes=notes,
            bookmark=_bookmark(response) if len(seen) == 1 else None,
            span=Span(oldest or response.at - timedelta(seconds=1), response.at),
        )  # fmt: skip


def _apart(response: Response) -> float:
    # A server on this very machine needs no sparing.
    return 0.0 if "://127.0.0.1" in response.request.url else SECONDS_APART


def _thread(response: Response) -> Thread:
    tz = response.request.state["tz"]
    text = response.body
    kind = response.header("content-type").lower()
    if "text/plain" in kind or not text.lstrip()[:1] == b"<":
        if b"\0" in text[:1000] or "json" in kind:
            raise response.trouble("this is no page with comments", "check the address")
        thread = read_plain(text.decode("utf-8", "replace"), response.request.url, response.at, tz)
    else:
        thread = read_html(text, response.request.url, response.at, tz)
    if thread.posts or thread.rejects:
        return thread
    if thread.claimed:
        message = f"it says {thread.claimed} comments, but none can be read: a script may load them"
        raise response.trouble(message, "try its comment feed: amends watch add INCIDENT feed ADDRESS")
    if not thread.open:
        message = "there is no place for comments on it (a login page, or another page?)"
        raise response.trouble(message, "open the address in a browser")
    return thread


def _inside(when: datetime | None, state: dict[str, Any]) -> bool:
    if when is None:
        return True
    since, until = state["since"], state["until"]
    return (since is None or when >= datetime.fromisoformat(since)) and (
        until is None or when < datetime.fromisoformat(until)
    )


def _bookmark(response: Response) -> str:
    said = {
        "etag": response.header("etag"), "modified": response.header("last-modified"),
        "at": response.at.isoformat(),
    }  # fmt: skip
    return msgspec.json.encode(said).decode()


def _kept(bookmark: str | None) -> dict[str, str]:
    try:
        found = msgspec.json.decode(bookmark or "{}")
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


source = ThreadPage()
