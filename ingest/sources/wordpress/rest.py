"""Reading the comments that WordPress's REST interface gives, oldest first. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec

from ingest.source import Answer, Reject, Response
from ingest.sources.feed.entries import LONGEST_MARKUP, comment_id
from ingest.sources.feed.window import clip, within
from ingest.sources.wordpress.chain import MARGIN, Chain
from ingest.sources.wordpress.place import Place
from ingest.text import html_text, when
from models.coverage import Span
from models.post import EARLIEST, Post, plausible

CLOSED = frozenset([401, 403, 404, 405, 406, 410])
"""Statuses by which a site says that it doesn't want to be asked this way."""

_DATES = frozenset(["after", "before"])


class _Rendered(msgspec.Struct):
    rendered: str = ""


class _Comment(msgspec.Struct):
    id: Annotated[int, msgspec.Meta(gt=0)]
    content: _Rendered
    post: int = 0
    parent: int | None = None
    author_name: str | int | None = None
    date_gmt: str | None = None
    link: str | None = None
    type: str | None = None
    status: str | None = None


class _Found(msgspec.Struct):
    """What one answer holds: posts, the ids and articles of all items, their times, in order."""

    posts: list[Post]
    ids: list[int]
    articles: set[int]
    times: list[datetime]
    rejects: list[Reject]


def read_rest(response: Response, chain: Chain) -> Answer:
    """Read one answer of `/wp/v2/comments`; goes down the ladder where REST is closed or broken."""
    if response.status in CLOSED:
        return chain.down(f"REST is closed on this site ({response.status})", response)
    if response.status == 400 and not chain.undated and _no_dates(response.body):
        undated = msgspec.structs.replace(chain, undated=True)
        note = "this site's REST interface takes no dates; reading all comments"
        return Answer(more=undated.question(), notes=(note,))
    response.check()
    items = _items(response)
    if isinstance(items, str):
        return chain.down(items, response)
    if chain.counting:
        return Answer(total=_number(response, "x-wp-total"))
    found = _found(items, chain.place, response.at)
    if items and len(found.rejects) == len(items):
        message = f"not one of {len(items)} items is a comment ({found.rejects[0].reason})"
        raise response.trouble(message, "the site's REST interface may have been changed")
    asked = chain.place.post
    if _swallowed(found, chain) or (asked is not None and found.articles - {asked}):
        return chain.down("REST ignores what it is asked on this site", response)
    return _answer(response, chain, found, empty=not items)


def read_items(response: Response, chain: Chain) -> list[Post]:
    """Read the comments of an answer alone; SourceChanged where REST is closed by now."""
    items = _items(response)
    if isinstance(items, str):
        raise response.trouble(items, "nothing is known of these comments; it will be asked again")
    return _found(items, chain.place, response.at).posts


def _items(response: Response) -> list[Any] | str:
    """Return the items of an answer, or why REST is closed."""
    body = response.body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body.startswith(b"<"):
        return "REST leads to an HTML page on this site"
    items = msgspec.structs.replace(response, body=body).json()
    if isinstance(items, dict) and "code" in items:
        return f"REST is closed on this site ({str(items['code'])[:80]})"
    if not isinstance(items, list):
        message = "expected a list of comments"
        raise response.trouble(message, "the site's REST interface may have been changed")
    return items


def _answer(response: Response, chain: Chain, found: _Found, *, empty: bool) -> Answer:
    page = int(dict(response.request.params).get("page", "1"))
    pages = _number(response, "x-wp-totalpages")
    # A short answer isn't the last: comments nobody may see are counted, but left out.
    ended = empty if pages is None else page >= pages
    newest = max(found.times, default=None)
    span = _span(response, chain, newest, ended=ended)
    chain = msgspec.structs.replace(
        chain.saw(newest),
        first=found.ids[0] if found.ids else chain.first,
        reached=newest or chain.reached,
    )
    return Answer(
        posts=within(found.posts, chain.since, chain.until),
        span=clip(span, chain.since, chain.until),
        more=None if ended else chain.question(page + 1),
        bookmark=chain.bookmark(response.at) if ended else None,
        total=_number(response, "x-wp-total"),
        rejects=tuple(found.rejects),
    )


def _span(response: Response, chain: Chain, newest: datetime | None, *, ended: bool) -> Span | None:
    since = chain.reached or (chain.after + MARGIN if chain.after else None)
    if since is None:
        # Asked oldest first from the beginning of time, there is nothing before the first one.
        since = EARLIEST
    # A cache may have kept the answer for a while: it proves nothing for the time since.
    age = timedelta(seconds=_number(response, "age") or 0)
    until = response.at - age if ended else newest
    return Span(since, until) if until is not None and since < until else None


def _swallowed(found: _Found, chain: Chain) -> bool:
    """Whether the server drops the question's parameters: another order, or the same answer twice."""
    if chain.first is not None and found.ids[:1] == [chain.first]:
        return True
    return bool(found.times) and found.times[0] > found.times[-1]


def _found(items: list[Any], place: Place, now: datetime) -> _Found:
    found = _Found([], [], set(), [], [])
    for number, item in enumerate(items, start=1):
        try:
            comment = msgspec.convert(item, _Comment, strict=False)
            time = plausible(when(comment.date_gmt or ""), now)
            found.ids.append(comment.id)
            if comment.post:
                found.articles.add(comment.post)
            if time is not None:
                found.times.append(time)
            if comment.type in ("pingback", "trackback"):
                continue
            found.posts.append(_post(comment, place, time, now))
        except (msgspec.ValidationError, ValueError, RecursionError) as error:
            raw = repr(item)[:500]
            found.rejects.append(Reject(where=f"comment {number}", reason=str(error), raw=raw))
    return found


def _post(comment: _Comment, place: Place, time: datetime | None, now: datetime) -> Post:
    article = comment.post or place.post
    above = comment_id(place.host, comment.parent) if comment.parent else None
    return Post(
        source="wordpress",
        external_id=comment_id(place.host, comment.id),
        text=html_text(comment.content.rendered[:LONGEST_MARKUP]),
        url=comment.link,
        author=None if comment.author_name is None else str(comment.author_name),
        posted_at=time,
        as_of=now,
        kind="reply" if above else "post",
        parent_id=above,
        thread_id=f"{place.host}/?p={article}" if article else None,
    )


def _no_dates(body: bytes) -> bool:
    """Whether a 400 is about a date alone."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    data = said.get("data") if isinstance(said, dict) else None
    params = data.get("params") if isinstance(data, dict) else None
    return isinstance(params, dict) and bool(params) and set(params) <= _DATES


def _number(response: Response, header: str) -> int | None:
    value = response.header(header).strip()
    return int(value) if value.isdecimal() and len(value) < 12 else None
