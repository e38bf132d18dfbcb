"""The lower rungs: a WordPress site's comment feed, and the article's own HTML. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

import msgspec

from ingest.source import Answer, Response
from ingest.sources.feed.entries import COMMENT, NotAFeed, comment_id, read_feed
from ingest.sources.feed.window import clip, proven, scrolled, times, within
from ingest.sources.wordpress.chain import PAUSE, Chain
from ingest.sources.wordpress.place import Place
from ingest.sources.wordpress.rest import CLOSED
from models.coverage import Span
from models.post import Post

MOST = 50
"""HTML answers read of one article."""


def read_comment_feed(response: Response, chain: Chain) -> Answer:
    """Read the comment feed; goes down the ladder if there is none, or none of this article."""
    if response.status in CLOSED:
        return chain.down(f"the comment feed can't be had ({response.status})", response)
    response.check()
    place, at = chain.place, response.at
    try:
        feed = read_feed(response.body, response.request.url, at)
    except NotAFeed as error:
        return chain.down(f"the comment feed can't be read ({error})", response)
    comments = [post for post in feed.posts if COMMENT.search(post.external_id)]
    if (feed.posts or feed.articles) and not comments:
        return chain.down("the feed holds articles, not comments", response)
    of_here = [post for post in comments if _is_here(post, place)]
    if comments and not of_here:
        return chain.down("the feed holds the comments of other articles", response)
    if chain.counting:
        return Answer(total=len(of_here))
    found = times(of_here)
    span, lost = proven(found, feed.shown, chain.mark.newest, chain.mark.seen, at)
    chain = chain.saw(found[-1] if found else None)
    return Answer(
        posts=within(_own(of_here, place), chain.since, chain.until),
        span=clip(span, chain.since, chain.until),
        bookmark=chain.bookmark(at),
        rejects=feed.rejects,
        # Not lost for good: REST may be open again and fill it.
        notes=scrolled(lost, feed.shown),
    )


def read_article(response: Response, chain: Chain) -> Answer:
    """Read the comments in an article's HTML, and go on to its other leaves."""
    from ingest.sources.thread_page.html import read_html

    url, at = response.request.url, response.at
    if response.status in CLOSED:
        return chain.down(f"the article can't be had ({response.status})", response)
    response.check()
    thread = read_html(response.body, url, at, chain.tz)
    posts = [post for post in thread.posts if COMMENT.search(post.external_id)]
    if not posts and thread.claimed:
        message = f"it says {thread.claimed} comments, but none can be read: a script may load them"
        raise response.trouble(
            "; ".join((*chain.refused, message)), "open the article in a browser"
        )
    if not posts and not chain.visited and (thread.posts or not thread.open):
        return chain.down("the article shows no WordPress comments", response)
    if chain.counting:
        return Answer(total=len(posts))
    found = times(posts)
    visited = (*chain.visited, url)
    further = [leaf for leaf in thread.further if _is_leaf(leaf, chain.place)]
    left = [leaf for leaf in dict.fromkeys((*chain.left, *further)) if leaf not in visited]
    chain = msgspec.structs.replace(
        chain.saw(found[-1] if found else None),
        oldest=min(filter(None, (chain.oldest, *found[:1])), default=None),
        visited=visited,
        left=tuple(left[: MOST - len(visited)]),
    )
    answer = Answer(
        posts=within(_own(posts, chain.place), chain.since, chain.until),
        rejects=tuple(thread.rejects),
    )
    if chain.left:
        return msgspec.structs.replace(answer, more=chain.question(), wait=PAUSE)
    since = chain.oldest or chain.mark.seen
    span = Span(since, at) if since and not left else None
    return msgspec.structs.replace(
        answer,
        span=clip(span, chain.since, chain.until),
        bookmark=chain.bookmark(at),
        notes=(f"only the first {MOST} leaves of the article were read",) if left else (),
    )


def _is_leaf(url: str, place: Place) -> bool:
    # Themes link to the next article and to older news with the same words.
    path = urlsplit(place.address).path.rstrip("/")
    parts = urlsplit(url)
    return parts.path.startswith(f"{path}/comment-page-") or (
        parts.path.rstrip("/") == path and "cpage" in parse_qs(parts.query)
    )


def _is_here(post: Post, place: Place) -> bool:
    article = (post.thread_id or "").rpartition("/?p=")[2]
    return place.post is None or not article.isdecimal() or int(article) == place.post


def _own(posts: Iterable[Post], place: Place) -> list[Post]:
    """Give posts of another reader the ids they have by REST."""
    thread = f"{place.host}/?p={place.post}" if place.post is not None else None
    return [
        msgspec.structs.replace(
            post,
            source="wordpress",
            external_id=_id(post.external_id, place) or post.external_id,
            parent_id=_id(post.parent_id, place),
            thread_id=thread or post.thread_id,
        )
        for post in posts
    ]


def _id(external_id: str | None, place: Place) -> str | None:
    number = COMMENT.search(external_id or "")
    return comment_id(place.host, number[1]) if number else None
