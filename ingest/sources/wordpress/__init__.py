"""
Comments of a WordPress article or of a whole site.

Looks at the address first, then asks the REST interface; where that is closed it falls back by
itself to the comment feed, and from there to the page. Each fall is one more question in the
chain, and is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Price, Request, Response
from ingest.sources.feed.entries import NotAFeed, read_feed
from ingest.sources.thread_page.html import read_html
from ingest.sources.wordpress.place import Place, discover
from ingest.sources.wordpress.rest import newest, question, read_items
from models.coverage import Span
from models.errors import SetupError, SourceRefused
from models.incident import Watch, zone
from models.post import Post

OVERLAP = timedelta(hours=48)
"""How far back each chain looks again: moderation lets comments in late, with their old time."""

MARGIN = timedelta(hours=24)
"""How much wider a stretch is asked than wanted: a site may compare in its own time."""


class WordPress:
    """Comments by REST, else by feed, else from the page."""

    name = "wordpress"
    summary = "the comments of a WordPress article or a whole site"
    takes = ("address",)
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = {"tz": "the site's time zone, for pages that show local times"}
    costs = "nothing"
    misses = "comments held for moderation for over 48 hours; where REST is closed, all but the newest ten"
    price = Price(posts_per_answer=100)

    def ask(self, watch: Watch, now: datetime) -> Request:  # noqa: ARG002  the bookmark says when
        """Look at the address first, or go on where it worked last time."""
        return self._begin(watch, counting=False)

    def estimate(self, watch: Watch, now: datetime) -> Request:  # noqa: ARG002  likewise
        """Ask how many comments there are."""
        return self._begin(watch, counting=True)

    def _begin(self, watch: Watch, *, counting: bool) -> Request:
        if not watch.address:
            message = "wordpress needs the address of an article or a site"
            raise SetupError(message, "give it after the source's name")
        zone(watch.setting("tz", "UTC"))
        kept = _kept(watch.bookmark)
        state: dict[str, Any] = {
            "step": "look", "address": watch.address, "tz": watch.setting("tz", "UTC"),
            "newest": kept.get("newest"), "after": None, "counting": counting, "tried": [],
            "since": watch.since and watch.since.isoformat(),
            "until": watch.until and watch.until.isoformat(),
        }  # fmt: skip
        if watch.since is not None:
            state["after"] = _stamp(watch.since - MARGIN)
        elif kept.get("newest"):
            state["after"] = _stamp(datetime.fromisoformat(kept["newest"]) - OVERLAP)
        return Request(url=watch.address, headers={"accept": "text/html"}, state=state)

    def read(self, response: Response) -> Answer:
        """Read an answer of whichever step this is."""
        steps = {"look": _look, "rest": _rest, "feed": _feed, "page": _page}
        return steps[response.request.state["step"]](response)


def _look(response: Response) -> Answer:
    """Learn from the article where its comments are."""
    response.check()
    state = response.request.state
    place = discover(response, state["address"])
    state = state | {"place": msgspec.to_builtins(place)}
    if place.comments is None or (place.post is None and not place.site):
        return _fall(response, state, "its REST address isn't shown")
    return Answer(more=question(place, state, 1, size=1 if state["counting"] else 100))


def _rest(response: Response) -> Answer:
    state = response.request.state
    place = msgspec.convert(state["place"], Place)
    if response.status in (400, 401, 403, 404, 410):
        return _fall(response, state, f"REST is closed here ({response.status})")
    response.check()
    found = read_items(response, place)
    if found is None:
        return _fall(response, state, "REST doesn't answer with this article's comments")
    posts, rejects = found
    total = _whole(response.header("x-wp-total"))
    if state["counting"]:
        return Answer(total=total)
    first = posts[0].external_id if posts else None
    number = state["page"]
    if number > 1 and first is not None and first == state.get("first"):
        return _fall(response, state, "REST answers every question with the same comments")
    span = _proved(posts, state, response.at)
    state = state | {"newest": newest(posts, state["newest"]), "first": state.get("first") or first}
    kept = tuple(_within(posts, state))
    if number < (_whole(response.header("x-wp-totalpages")) or 1):
        # Totals may count what isn't shown, so a short answer isn't the end; the last number is.
        more = question(place, state, number + 1)
        return Answer(posts=kept, rejects=tuple(rejects), total=total, more=more, span=span)
    end = Span(span.since if span else response.at - timedelta(seconds=1), response.at)
    return Answer(
        posts=kept, rejects=tuple(rejects), total=total, bookmark=_bookmark(state), span=end
    )


def _proved(posts: list[Post], state: dict[str, Any], now: datetime) -> Span | None:
    times = [post.posted_at for post in posts if post.posted_at]
    since = datetime.fromisoformat(state["after"]) if state["after"] else min(times, default=None)
    if since is None or not times:
        return None if since is None else Span(since, since)
    return Span(min(since, now), max(times))


def _fall(response: Response, state: dict[str, Any], why: str) -> Answer:
    """Go one rung down, and say so."""
    place = msgspec.convert(state["place"], Place)
    tried = [*state["tried"], f"{why}"]
    state = state | {"tried": tried}
    if state["step"] in ("look", "rest") and place.feed:
        note = f"{why}; reading the comment feed, which shows only the newest few"
        return Answer(notes=(note,), more=Request(url=place.feed, state=state | {"step": "feed"}))
    if state["step"] != "page" and not place.site:
        note = f"{why}; reading the page itself"
        more = Request(url=place.address, state=state | {"step": "page"})
        return Answer(notes=(note,), more=more)
    message = f"{state['address']} shows its comments nowhere: {'; '.join(tried)}"
    raise SourceRefused(message, "try it as a thread_page", url=response.url)


def _feed(response: Response) -> Answer:
    state = response.request.state
    if response.status in (400, 401, 403, 404, 410):
        return _fall(response, state, f"it has no comment feed ({response.status})")
    response.check()
    try:
        feed = read_feed(response.body, response.request.url, response.at)
    except NotAFeed:
        return _fall(response, state, "what should be its comment feed isn't one")
    posts = [msgspec.structs.replace(post, source="wordpress") for post in feed.posts]
    times = [post.posted_at for post in posts if post.posted_at]
    state = state | {"newest": newest(posts, state["newest"])}
    return Answer(
        posts=tuple(_within(posts, state)), rejects=feed.rejects, bookmark=_bookmark(state),
        span=Span(min(times, default=response.at - timedelta(seconds=1)), response.at),
        total=len(posts) if state["counting"] else None,
    )  # fmt: skip


def _page(response: Response) -> Answer:
    state = response.request.state
    response.check()
    thread = read_html(response.body, response.request.url, response.at, state["tz"])
    if not thread.posts and (thread.claimed or not thread.open):
        return _fall(response, state, "the page itself shows none")
    posts = [msgspec.structs.replace(post, source="wordpress") for post in thread.posts]
    state = state | {"newest": newest(posts, state["newest"])}
    times = [post.posted_at for post in posts if post.posted_at]
    return Answer(
        posts=tuple(_within(posts, state)), rejects=tuple(thread.rejects),
        bookmark=_bookmark(state), total=len(posts) if state["counting"] else None,
        span=Span(min(times, default=response.at - timedelta(seconds=1)), response.at),
    )  # fmt: skip


def _within(posts: list[Post], state: dict[str, Any]) -> list[Post]:
    since = state["since"] and datetime.fromisoformat(state["since"])
    until = state["until"] and datetime.fromisoformat(state["until"])
    return [
        post for post in posts
        if post.posted_at is None
        or ((not since or post.posted_at >= since) and (not until or post.posted_at < until))
    ]  # fmt: skip


def _stamp(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 12 else None


def _bookmark(state: dict[str, Any]) -> str:
    return msgspec.json.encode({"newest": state["newest"]}).decode()


def _kept(bookmark: str | None) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(bookmark or "{}")
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


source = WordPress()
