"""Comments on WordPress, of one article or a whole site, by the best way its owner left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from ingest.again import Again, Asked, Asking
from ingest.source import ROBOTS, Answer, Price, Request, Response
from ingest.sources.wordpress import again
from ingest.sources.wordpress.chain import Chain, begin
from ingest.sources.wordpress.fallback import read_article, read_comment_feed
from ingest.sources.wordpress.place import discover
from ingest.sources.wordpress.rest import read_rest
from models.errors import SetupError
from models.incident import Watch, zone


class WordPress:
    """REST where it is open, else the comment feed, else the article's HTML."""

    name = "wordpress"
    summary = "comments of a WordPress article or site: by REST, else its feed, else its HTML"
    takes: tuple[str, ...] = ("address",)
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = MappingProxyType(
        {
            "tz": "the site's time zone, for articles that show local times (UTC unless told)",
            "robots": ROBOTS,
        }
    )
    costs = "nothing"
    misses = (
        "comments held for moderation over 48 hours, and edits older than that; where REST is"
        " closed, what has scrolled out of the comment feed (a note says so)"
    )
    price = Price(posts_per_answer=100)

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Build the first request: the bookmark's way, else the article itself; or SetupError."""
        return _begin(watch, now).question()

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Build the question for REST's total; without REST, what the feed or HTML shows."""
        return _begin(watch, now, counting=True).question()

    again = again.MOST
    proof = (
        "REST gives other comments of the same question and not this one, or says of its number that"
        " there is none or that strangers may no longer read it"
    )

    def ask_again(self, watch: Watch, due: Sequence[Asked], now: datetime) -> Asking | None:
        """Build the question whether these comments are still there; None where REST is closed."""
        return again.ask(_begin(watch, now), [one.id for one in due])

    def read_again(self, response: Response, asked: Sequence[Asked]) -> Again:  # noqa: ARG002
        """Read which of them are."""
        return again.read(response)

    def read(self, response: Response) -> Answer:
        """Read the answer of whichever rung was asked."""
        chain = msgspec.convert(response.request.state, Chain)
        if chain.rung == "rest":
            return read_rest(response, chain)
        if chain.rung == "feed":
            return read_comment_feed(response, chain)
        if chain.rung == "html":
            return read_article(response, chain)
        response.check()
        place = discover(response, chain.place.address)
        hidden = "" if place.comments else "the article doesn't say how to ask by REST"
        return chain.learnt(place, response.at).down(hidden, response)


def _begin(watch: Watch, now: datetime, *, counting: bool = False) -> Chain:
    if not watch.address or not watch.address.startswith(("https://", "http://")):
        message = "a wordpress watch needs the address of an article or a site"
        raise SetupError(message, "it looks like https://blog.example/2026/03/outage/")
    zone(watch.setting("tz", "UTC"))
    return begin(watch, watch.address, now, counting=counting)


source = WordPress()
