"""Comment feeds, RSS or Atom, and the feeds of articles that lead to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from ingest.again import Again, Asked, Asking
from ingest.source import LARGEST_TREE, ROBOTS, Answer, Price, Reject, Request, Response
from ingest.sources.feed import again
from ingest.sources.feed.entries import Feed, NotAFeed, read_feed
from ingest.sources.feed.window import clip, proven, scrolled, times, within
from models.coverage import Span
from models.errors import SetupError
from models.incident import Watch

ARTICLES = 20
"""Comment feeds followed from one feed of articles."""

PAUSE = 1.0
"""Seconds left between two feeds, which mostly lie on one small host."""

_GONE = frozenset([401, 403, 404, 410])


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The bookmark: what the server calls this version, the newest comment, when last looked."""

    etag: str = ""
    modified: str = ""
    newest: datetime | None = None
    seen: datetime | None = None


class Chain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What the answers of one chain must know of each other.

    `mark` is the old bookmark and `next` the new one; `left` are comment feeds still to ask,
    `floor` the latest time that a followed feed reaches back to, `whole` False once one failed.
    """

    mark: Mark = Mark()
    next: Mark = Mark()
    since: datetime | None = None
    until: datetime | None = None
    counting: bool = False
    following: bool = False
    left: tuple[str, ...] = ()
    floor: datetime | None = None
    whole: bool = True

    def question(self, url: str) -> Request:
        """Build the request for a feed."""
        headers = {"accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9"}
        if not self.following and not self.counting:
            if self.mark.etag:
                headers["if-none-match"] = self.mark.etag
            if self.mark.modified:
                headers["if-modified-since"] = self.mark.modified
        state = msgspec.to_builtins(self)
        # The feeds that a feed names are there for programs; the first may be any page.
        return Request(
            url=url, headers=headers, page=not self.following, largest=LARGEST_TREE, state=state
        )


class FeedSource:
    """The comments in a feed; of a feed of articles, those in the comment feeds it names."""

    name = "feed"
    summary = "comments from an RSS or Atom feed, or from the comment feeds an article feed names"
    takes: tuple[str, ...] = ("address",)
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = MappingProxyType({"robots": ROBOTS})
    costs = "nothing"
    misses = (
        "what has scrolled out of the feed, which often shows only the newest 10 comments (a note"
        " says so); in RSS, who answers whom; of articles, all but the newest 20"
    )
    price = Price(posts_per_answer=10)

    def ask(self, watch: Watch, now: datetime) -> Request:  # noqa: ARG002 - the contract's door
        """Build the request for the feed, only if changed; SetupError without an address."""
        return _begin(watch)

    def estimate(self, watch: Watch, now: datetime) -> Request:  # noqa: ARG002 - likewise
        """Build the request that counts what the feed shows or says."""
        return _begin(watch, counting=True)

    again = again.MOST
    proof = (
        "the page it links to is gone (404 or 410) while the site's front page is there; that the feed"
        " shows it no longer proves nothing"
    )

    def ask_again(self, watch: Watch, due: Sequence[Asked], now: datetime) -> Asking | None:  # noqa: ARG002
        """Build the question for the page that the first of these links to."""
        return again.ask(due)

    def read_again(self, response: Response, asked: Sequence[Asked]) -> Again:
        """Read which of them are there."""
        return again.read(response, asked)

    def read(self, response: Response) -> Answer:
        """Read a feed; what isn't one is SourceChanged."""
        chain = msgspec.convert(response.request.state, Chain)
        if chain.following:
            return _follow(response, chain)
        response.check()
        if response.status == 304:
            return _unchanged(response, chain)
        try:
            feed = read_feed(response.body, response.request.url, response.at)
        except NotAFeed as error:
            remedy = "open the address in a browser; the feed's own address often ends in /feed/"
            raise response.trouble(str(error), remedy) from error
        if chain.counting:
            return Answer(total=len(feed.posts) + sum(a.comments or 0 for a in feed.articles))
        if feed.articles:
            return _articles(response, chain, feed)
        return _comments(response, chain, feed)


def _begin(watch: Watch, *, counting: bool = False) -> Request:
    if not watch.address or not watch.address.startswith(("https://", "http://")):
        message = "a feed watch needs the address of a feed"
        raise SetupError(message, "it looks like https://blog.example/2026/03/outage/feed/")
    chain = Chain(
        mark=_mark(watch.bookmark), since=watch.since, until=watch.until, counting=counting
    )
    return chain.question(watch.address)


def _mark(bookmark: str | None) -> Mark:
    try:
        return msgspec.json.decode(bookmark or "{}", type=Mark)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # An unreadable bookmark costs one full look, nothing more.
        return Mark()


def _unchanged(response: Response, chain: Chain) -> Answer:
    since = chain.mark.newest or chain.mark.seen
    span = Span(since, response.at) if since else None
    mark = msgspec.structs.replace(chain.mark, seen=response.at)
    return Answer(span=clip(span, chain.since, chain.until), bookmark=_text(mark))


def _comments(response: Response, chain: Chain, feed: Feed) -> Answer:
    found = times(feed.posts)
    span, lost = proven(found, feed.shown, chain.mark.newest, chain.mark.seen, response.at)
    notes = scrolled(lost, feed.shown)
    mark = Mark(
        # A torn feed is asked for anew: the server would only say that nothing has changed.
        etag="" if feed.torn else response.header("etag")[:300],
        modified="" if feed.torn else response.header("last-modified")[:100],
        newest=found[-1] if found else chain.mark.newest,
        seen=response.at,
    )
    return Answer(
        posts=within(feed.posts, chain.since, chain.until),
        span=clip(span, chain.since, chain.until),
        lost=clip(lost, chain.since, chain.until),
        # The newest entries come first, so what a torn feed lost is older than what it kept.
        notes=notes + (("the feed is malformed; what could be read was",) if feed.torn else ()),
        bookmark=_text(mark),
        rejects=feed.rejects,
    )


def _articles(response: Response, chain: Chain, feed: Feed) -> Answer:
    """Begin to follow the comment feeds; entries that are no articles count as comments."""
    newest_first = sorted(
        (article for article in feed.articles if article.comments != 0),
        key=lambda article: -article.posted_at.timestamp() if article.posted_at else 0.0,
    )
    feeds = dict.fromkeys(article.feed for article in newest_first)
    feeds.pop(response.request.url, None)
    left = tuple(feeds)[:ARTICLES]
    skipped = len(feeds) - len(left)
    # No etag: the version of a feed of articles needn't change when a comment comes.
    found = times(feed.posts)
    following = msgspec.structs.replace(
        chain,
        following=True,
        next=Mark(newest=found[-1] if found else chain.mark.newest, seen=response.at),
        left=left[1:],
        floor=found[0] if found else None,
        whole=not skipped,
    )
    note = f"{skipped} more articles have comments; only the newest {ARTICLES} are followed"
    return Answer(
        posts=within(feed.posts, chain.since, chain.until),
        more=following.question(left[0]) if left else None,
        wait=PAUSE if left else 0.0,
        bookmark=None if left else _text(following.next),
        rejects=feed.rejects,
        notes=(note,) if skipped else (),
    )


def _follow(response: Response, chain: Chain) -> Answer:
    """Read one article's comment feed; a dead one is noted and doesn't stop the others."""
    url = response.request.url
    if response.status in _GONE:
        return _on(chain, Answer(notes=(f"{url} answered {response.status}; left out",)), None)
    response.check()
    try:
        feed = read_feed(response.body, url, response.at)
    except NotAFeed as error:
        reject = Reject(
            where=url, reason=str(error), raw=response.body[:500].decode("utf-8", "replace")
        )
        note = f"the comments of one article were left out: {url} is no feed"
        return _on(chain, Answer(rejects=(reject,), notes=(note,)), None)
    found = times(feed.posts)
    # The newest comment of the last look may be another article's, so it needn't be shown here.
    span, lost = proven(found, feed.shown, None, chain.mark.newest, response.at)
    notes = scrolled(lost, feed.shown)
    answer = Answer(
        posts=within(feed.posts, chain.since, chain.until),
        rejects=feed.rejects,
        notes=tuple(f"{url}: {note}" for note in notes),
    )
    newest = max(filter(None, (chain.next.newest, *found[-1:])), default=None)
    chain = msgspec.structs.replace(chain, next=msgspec.structs.replace(chain.next, newest=newest))
    return _on(chain, answer, span)


def _on(chain: Chain, answer: Answer, span: Span | None) -> Answer:
    """Go on to the next comment feed, or end the chain with what all of them prove together."""
    floor = max(filter(None, (chain.floor, span.since if span else None)), default=None)
    whole = chain.whole and span is not None
    if chain.left:
        onward = msgspec.structs.replace(chain, left=chain.left[1:], floor=floor, whole=whole)
        return msgspec.structs.replace(answer, more=onward.question(chain.left[0]), wait=PAUSE)
    seen = chain.next.seen
    together = Span(floor, seen) if whole and floor and seen and floor < seen else None
    return msgspec.structs.replace(
        answer,
        span=clip(together, chain.since, chain.until),
        bookmark=_text(chain.next),
    )


def _text(mark: Mark) -> str:
    return msgspec.json.encode(mark).decode()


source = FeedSource()
