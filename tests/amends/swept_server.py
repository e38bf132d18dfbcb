"""
Four places on this machine, each in its platform's own shape, that note every answer they gave.

X tells newest first by tokens, WordPress oldest first by numbers, an instance of Mastodon newest first
by ids, and a feed of articles leads to one comment feed each. All of them give less at a time than they
are asked for, so that every chain has several answers; none of them ever fails.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from ingest.sources.x.values import id_at
from tests.amends.sweep import Wanted
from tests.ingest.mastodon_said import status
from tests.ingest.wordpress_said import comment
from tests.ingest.x_said import found, said

AT_ONCE = 12
"""Posts in one answer of a place, at most."""

PLACES = ("feed", "mastodon", "wordpress", "x")
SPREAD = timedelta(days=3)
MARGIN = timedelta(hours=2)
STRETCHES = (55, 22)
"""Posts of each place, in the first stretch and in the second."""

ARTICLES = 4
_HOST = "127.0.0.1"


class Said(NamedTuple):
    """One post of a place: the id it is kept by, its number there, when it was made."""

    key: str
    number: int
    at: datetime


def _times(began: datetime) -> Iterator[datetime]:
    """Yield when posts are made: spread over both stretches, and twos in one second at times."""
    for stretch, posts in enumerate(STRETCHES):
        start = began + stretch * SPREAD + MARGIN
        step = (SPREAD - 2 * MARGIN) / posts
        for number in range(posts):
            # The last of an answer and the first of the next may be of the same second.
            twin = number % AT_ONCE == AT_ONCE - 1
            yield (start + (number + twin) * step).replace(microsecond=0)


class SweptServer:
    """
    Serves while a `with` lasts; `began` is when the first of its two stretches begins.

    Only what was said before `shown_to` is shown. `answers` are, of each answer that held posts, its
    place and their ids.
    """

    def __init__(self, began: datetime) -> None:
        self.began = self.shown_to = began
        self.answers: list[tuple[str, frozenset[str]]] = []
        self._server = _Server((_HOST, 0), _door(self))
        self.name = f"{_HOST}:{self._server.server_port}"
        self.url = f"http://{self.name}"
        moments = list(enumerate(_times(began), 1))
        self._said = {
            "feed": [Said(f"{_HOST}#comment-{n}", n, at) for n, at in moments],
            "mastodon": [Said(status(at, n)["uri"], n, at) for n, at in moments],
            "wordpress": [Said(f"{_HOST}#comment-{n}", n, at) for n, at in moments],
            "x": [Said(str(int(id_at(at)) + n), n, at) for n, at in moments],
        }

    def __enter__(self) -> Self:
        """Begin to serve."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def settle(self) -> None:
        """Return once everything asked so far is answered: it answers in the order it is asked."""
        connection = HTTPConnection(self.name)
        connection.request("GET", "/")
        connection.getresponse().read()
        connection.close()

    def watches(self) -> list[Wanted]:
        """Return what a person says of a watch on each place."""
        asked: dict[str, dict[str, Any]] = {
            "feed": {"address": f"{self.url}/feed/"},
            "mastodon": {"address": self.url, "terms": ["reelpost"]},
            "wordpress": {"address": f"{self.url}/2026/03/no-discs/"},
            "x": {"terms": ["reelpost"], "settings": {"api": self.url}},
        }
        # What was said before its oldest comment a feed can't tell.
        oldest = {"feed": self.shown("feed")[ARTICLES - 1].at}
        return [
            Wanted(source=name, since=self.began, proved_from=oldest.get(name, self.began), **said)
            for name, said in asked.items()
        ]

    def shown(self, place: str) -> list[Said]:
        """Return what a place shows, oldest first."""
        return [one for one in self._said[place] if one.at < self.shown_to]

    def asked_for(self, place: str) -> int:
        """Return how many answers with posts a place gave."""
        return sum(name == place for name, _ in self.answers)

    def answer(self, path: str, asked: Mapping[str, str]) -> _Told | None:
        """Answer a question as the platform at this path would; None for what isn't there."""
        doors: dict[str, Callable[[Mapping[str, str]], _Told]] = {
            "/2/tweets/search/recent": self._x,
            "/api/v2/instance": lambda _: _Told({"version": "4.5.0"}),
            "/api/v1/timelines/tag/reelpost": self._timeline,
            "/2026/03/no-discs/": self._article,
            "/wp-json/wp/v2/comments": self._comments,
            "/feed/": self._articles,
        }
        if path in doors:
            return doors[path](asked)
        found = re.fullmatch(r"/day-(\d)/feed/", path)
        return self._feed(int(found[1])) if found else None

    def _gave(self, place: str, part: Sequence[Said]) -> None:
        if part:
            self.answers.append((place, frozenset(one.key for one in part)))

    def _x(self, asked: Mapping[str, str]) -> _Told:
        bounds: dict[str, Callable[[Said, str], bool]] = {
            "since_id": lambda one, value: int(one.key) > int(value),
            "until_id": lambda one, value: int(one.key) < int(value),
            "start_time": lambda one, value: one.at >= datetime.fromisoformat(value),
            "end_time": lambda one, value: one.at < datetime.fromisoformat(value),
        }
        wanted = [
            one
            for one in reversed(self.shown("x"))
            if all(holds(one, asked[name]) for name, holds in bounds.items() if name in asked)
        ]
        start = int(asked.get("next_token", "b0")[1:])
        part = wanted[start : start + AT_ONCE]
        self._gave("x", part)
        posts = [
            said(one.at) | {"id": one.key, "edit_history_tweet_ids": [one.key]} for one in part
        ]
        further = start + AT_ONCE < len(wanted)
        body = found(*posts, then=f"b{start + AT_ONCE}" if further else "")
        return _Told(body if part else {"meta": {"result_count": 0}})

    def _timeline(self, asked: Mapping[str, str]) -> _Told:
        part = [
            (one, told)
            for one in reversed(self.shown("mastodon"))
            for told in [status(one.at, one.number)]
            if asked.get("since_id", "") < told["id"] < asked.get("max_id", "~")
        ][:AT_ONCE]
        self._gave("mastodon", [one for one, _ in part])
        return _Told([told for _, told in part])

    def _article(self, asked: Mapping[str, str]) -> _Told:
        links = (
            f'<{self.url}/wp-json/>; rel="https://api.w.org/"',
            f'<{self.url}/?p=44>; rel="shortlink"',
        )
        return _Told("<!doctype html><title>No discs</title>", {"Link": ", ".join(links)})

    def _comments(self, asked: Mapping[str, str]) -> _Told:
        after = datetime.fromisoformat(asked.get("after", "2000-01-01T00:00:00Z"))
        wanted = [one for one in self.shown("wordpress") if one.at > after]
        start = (int(asked["page"]) - 1) * AT_ONCE
        part = wanted[start : start + AT_ONCE]
        self._gave("wordpress", part)
        totals = {
            "X-WP-Total": str(len(wanted)),
            "X-WP-TotalPages": str(-(-len(wanted) // AT_ONCE)),
        }
        return _Told([comment(one.number, one.at) for one in part], totals)

    def _articles(self, asked: Mapping[str, str]) -> _Told:
        items = (
            f"<item><title>Day {n}</title><link>{self.url}/day-{n}/</link>"
            f"<wfw:commentRss>{self.url}/day-{n}/feed/</wfw:commentRss>"
            "<slash:comments>7</slash:comments></item>"
            for n in range(ARTICLES)
        )
        return _Told(_rss(items))

    def _feed(self, article: int) -> _Told:
        part = [one for one in self.shown("feed") if one.number % ARTICLES == article]
        self._gave("feed", part)
        items = (
            f"<item><title>By: Cleo</title><guid>{self.url}/day-{article}/#comment-{one.number}</guid>"
            f"<pubDate>{format_datetime(one.at)}</pubDate><description>No discs</description></item>"
            for one in reversed(part)
        )
        return _Told(_rss(items))


class _Told(NamedTuple):
    """What is answered: markup as text, anything else as JSON; and headers."""

    body: Any
    headers: Mapping[str, str] = {}


def _rss(items: Iterable[str]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
        f' xmlns:wfw="http://wellformedweb.org/CommentAPI/"><channel>{"".join(items)}</channel></rss>'
    )


class _Server(HTTPServer):
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Take no notice: who asked was killed before the answer came."""


def _door(server: SweptServer) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        """Lets questions in and answers out."""

        timeout = 5

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

        def do_GET(self) -> None:
            """Answer what is asked."""
            parts = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            told = server.answer(parts.path, asked)
            body, headers = told or _Told("nothing here")
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            # Without a date: its clock would be ours, and who asks may live in another hour.
            self.send_response_only(404 if told is None else 200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Door
