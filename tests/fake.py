"""
A source and a place with a little language: `Fake().says("2 posts").then("429 in 30s")`.

Each word is one answer: "N posts", "N posts, more", "429 in 30s", "html", "silence", "refused",
"boom". The chain goes on while there is "more".
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

from ingest.source import Answer, Price, Request, Response
from models.coverage import Span
from models.incident import Watch
from models.post import Post


class Fake:
    """Both the source and the place it asks; remembers every question."""

    name = "fake"
    summary, costs, misses = "a test's source", "nothing", "nothing"
    takes: tuple[str, ...] = ("terms",)
    needs: tuple[str, ...] = ()
    settings: dict[str, str] = {}  # noqa: RUF012
    price = Price()

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.script: list[str] = []
        self.asked: list[Request] = []
        self._next = 0

    def says(self, word: str) -> Fake:
        """Add an answer to the script."""
        self.script.append(word)
        return self

    then = says

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Ask from the bookmark on."""
        params = (("from", watch.bookmark or "start"),)
        return Request(url="fake://here", params=params, state={"step": 0})

    estimate = ask

    def fetch(self, request: Request, now: datetime) -> Response:
        """Give the next answer of the script, or silence when it is through."""
        self.asked.append(request)
        word = self.script[self._next] if self._next < len(self.script) else "silence"
        self._next += 1
        headers = {}
        status, body = 200, json.dumps({"word": word, "n": self._next}).encode()
        if found := re.fullmatch(r"429 in (\d+)s", word):
            status, headers = 429, {"retry-after": found[1]}
        elif word == "refused":
            status = 403
        elif word == "html":
            body = b"<!doctype html><title>Log in</title>"
        return Response(
            request=request, status=status, body=body, at=now, url=request.url, headers=headers
        )

    def read(self, response: Response) -> Answer:
        """Read one answer of the script."""
        response.check()
        said = response.json()
        word, number = said["word"], said["n"]
        if word == "boom":
            raise KeyError(word)
        found = re.match(r"(\d+) posts?(, more)?", word)
        posts = int(found[1]) if found else 0
        step = response.request.state["step"] + 1
        more = Request(url="fake://here", state={"step": step, "n": number})
        return Answer(
            posts=tuple(
                Post(source=self.name, external_id=f"{number}-{i}", text=f"post {number} {i}",
                     author="cleo", posted_at=response.at, as_of=response.at)
                for i in range(posts)
            ),
            more=more if found and found[2] else None,
            bookmark=f"after {number}",
            span=Span(response.at - timedelta(minutes=number), response.at),
        )  # fmt: skip


class FakePlaces:
    """The asker that brings questions to fakes, by what is asked."""

    def __init__(self, *fakes: Fake) -> None:
        self._fakes = list(fakes)

    def ask(self, request: Request, now: datetime) -> Response:
        """Bring a question to the first fake."""
        return self._fakes[0].fetch(request, now)
