"""What a good server says: a source's recorded chain, with the questions it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from ingest.registry import all_sources
from ingest.source import Request, Source
from models.post import Post
from tests.recorded import FIXTURES, NOW, recorded, watch_of

THIRD_PARTY = FIXTURES / "thirdparty"
"""A package with a source of its own, laid out as pip leaves one; its recordings lie beside it."""

Question = tuple[str, tuple[tuple[str, str], ...]]
"""A path and its parameters."""


class Good(msgspec.Struct, frozen=True):
    """One recorded answer: to which question, and the posts in it; `more` if others follow."""

    question: Question
    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    posts: tuple[Post, ...]
    more: bool
    secret: bool

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its posts."""
        return frozenset(post.external_id for post in self.posts)

    @property
    def kind(self) -> str:
        """What the body is: json, xml or html."""
        start = self.body.lstrip()[:5].lower()
        if start[:1] in (b"{", b"["):
            return "json"
        return "xml" if start in (b"<?xml", b"<rss ", b"<feed", b"<rdf:") else "html"

    def head(self, *headers: str, status: str = "", drop: tuple[str, ...] = ()) -> bytes:
        """Return status line and headers as they go out; `drop` names recorded ones to leave out."""
        kept = [f"{name}: {value}" for name, value in self.headers if name.lower() not in drop]
        lines = [f"HTTP/1.1 {status or self.status}", *kept, "Connection: close", *headers, "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def whole(
        self, body: bytes | None = None, *headers: str, status: str = "", drop: tuple[str, ...] = ()
    ) -> bytes:
        """Return the answer as it goes out, or the same with another body."""
        body = self.body if body is None else body
        return self.head(f"Content-Length: {len(body)}", *headers, status=status, drop=drop) + body


@contextmanager
def every_source() -> Iterator[dict[str, Source]]:
    """Install the third-party package for as long as this lasts, and give all sources there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(THIRD_PARTY)
        yield all_sources()


def recordings(name: str) -> Path:
    """Return where a source's recordings lie."""
    own = FIXTURES / "sources" / name
    return own if own.exists() else THIRD_PARTY / name


def is_online(source: Source) -> bool:
    """Whether a source is asked over HTTP; the others have no server that could fail."""
    case = recordings(source.name) / "chain"
    return source.ask(watch_of(case), NOW).url.startswith(("https://", "http://"))


def chain(source: Source) -> tuple[Good, ...]:
    """Return a source's recorded chain."""
    case, found = recordings(source.name) / "chain", list[Good]()
    request: Request | None = source.ask(watch_of(case), NOW)
    while request is not None:
        response = recorded(case / f"{len(found) + 1}.http", request)
        answer = source.read(response)
        found.append(
            Good(
                question=question(request.url, request.params),
                status=f"{response.status} OK",
                headers=tuple(response.headers.items()),
                body=response.body,
                posts=answer.posts,
                more=answer.more is not None,
                secret=request.secret is not None,
            )
        )
        request = answer.more
    return tuple(found)


def question(url: str, params: tuple[tuple[str, str], ...] = ()) -> Question:
    """Return what an address and parameters beside it ask."""
    parts = urlsplit(url)
    return parts.path or "/", (*parse_qsl(parts.query, keep_blank_values=True), *params)


def best(answers: tuple[Good, ...], asked: Question) -> Good | None:
    """Return the recorded answer to a question, or to the one most like it at the same path."""
    path, params = asked
    at_path = [good for good in answers if good.question[0] == path]

    def likeness(good: Good) -> tuple[int, int]:
        same = set(good.question[1]) & set(params)
        return len(same), len(same) - len(good.question[1])

    return max(at_path, key=likeness, default=None)
